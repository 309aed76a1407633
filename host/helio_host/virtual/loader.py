"""The bootloader in the ROM of a chip, and the stub that esptool has it run: Espressif's serial protocol
without I/O. Bytes in, bytes out; what it writes is in a bytearray, the flash.

The stub that is sent is not run but taken at its word: from then on the answers are a stub's.
"""

import hashlib
import struct
import zlib

from helio_host.image import CHECKSUM_START, xor

ERASED = 0xFF
_SECTOR = 0x1000
_END, _ESC, _ESC_END, _ESC_ESC = b"\xc0", b"\xdb", b"\xdb\xdc", b"\xdb\xdd"  # SLIP, RFC 1055
_ROM_SYNC_VALUE = 0x20120707  # a stub says 0
_SPI_USR = 1 << 18  # in the first register of an SPI controller: go
_READ_ID, _READ_SFDP = 0x9F, 0x5A  # of the flash's commands; the latter: JEDEC JESD216
_FLASH_ID = 0x4020  # XMC's; above it is the power of two of its size
_SFDP = 0x50444653  # the signature that it begins with
_FAILED = {"invalid": (0x05, 0xC3), "checksum": (0x07, 0xC1), "deflate": (0x0B, 0xC7), "flash": (0x08, 0xC4)}
_BAUD = 115200


class Failed(Exception):
    """A command cannot be done; the one argument is a key of `_FAILED`."""


class Loader:
    """The bootloader of a `chips.Chip`. `mac` is 6 bytes.

    `feed` what comes; it returns what to send. `has_left` says that it was told to run what is in the
    flash, `baud` how fast it speaks, and `erased`, a list of `(start, end)`, what was erased.
    """

    def __init__(self, chip, flash, mac):
        self.has_left = False
        self.baud = _BAUD
        self.erased = []
        self._chip = chip
        self._flash = flash
        self._is_stub = False
        self._received = b""
        self._registers = dict(chip.registers)
        low, high = chip.mac_registers
        self._registers[low] = int.from_bytes(mac[2:], "big")
        self._registers[high] = self._registers.get(high, 0) | int.from_bytes(mac[:2], "big")
        self._at = 0  # where the next block goes
        self._inflate = None
        self._reading = None  # (offset, end, block) of what the stub sends
        self._commands = {
            0x02: self._flash_begin,
            0x03: self._flash_data,
            0x04: self._flash_end,
            0x05: self._nothing,  # MEM_BEGIN
            0x06: self._mem_end,
            0x07: self._mem_data,
            0x08: self._sync,
            0x09: self._write_register,
            0x0A: self._read_register,
            0x0B: self._nothing,  # SPI_SET_PARAMS
            0x0D: self._nothing,  # SPI_ATTACH
            0x0E: self._read_slow,
            0x0F: self._change_baud,
            0x10: self._deflate_begin,
            0x11: self._deflate_data,
            0x12: self._flash_end,
            0x13: self._md5,
            0x14: self._security_info,
        }
        self._stub_commands = {
            0xD0: self._erase_flash,
            0xD1: self._erase_region,
            0xD2: self._read_flash,
            0xD3: self._run,
        }

    def feed(self, data):
        """The bytes that answer `data`."""
        *frames, self._received = (self._received + data).split(_END)
        return b"".join([self._answer(_unescaped(frame)) for frame in frames if frame])

    def _answer(self, packet):
        if self._reading:
            return self._acknowledged(packet)
        if len(packet) < 8 or packet[0] != 0 or len(packet) - 8 != int.from_bytes(packet[2:4], "little"):
            return b""
        code, checksum = packet[1], int.from_bytes(packet[4:8], "little")
        is_stub = self._is_stub  # whoever is asked answers, if another takes over then or not
        command = self._commands.get(code) or (is_stub and self._stub_commands.get(code))
        try:
            if not command:
                raise Failed("invalid")
            if code in (0x03, 0x07, 0x11) and checksum != CHECKSUM_START ^ xor(packet[24:]):
                raise Failed("checksum")
            answer = command(packet[8:])
        except (Failed, struct.error) as error:
            why = str(error) if isinstance(error, Failed) else "invalid"
            return _response(is_stub, code, 0, b"", _FAILED[why][is_stub])
        if answer is None:
            return b""
        value, result, *more = answer
        return _response(is_stub, code, value, result) * (8 if code == 0x08 else 1) + b"".join(more)

    # --- commands: each takes the data of a request and returns (value, result, *frames behind it),
    # or None for no answer

    def _nothing(self, data):
        return 0, b""

    def _sync(self, data):
        return 0 if self._is_stub else _ROM_SYNC_VALUE, b""

    def _security_info(self, data):
        if not self._chip.tells_id:
            raise Failed("invalid")
        return 0, struct.pack("<IB7xII", 0, 0, self._chip.image_id, 0)

    def _mem_data(self, data):
        return 0, b""

    def _mem_end(self, data):
        _, entry = struct.unpack("<II", data)
        if not entry:
            return 0, b""
        self._is_stub = True
        return 0, b"", _framed(b"OHAI")

    def _read_register(self, data):
        (address,) = struct.unpack("<I", data)
        if address == self._chip.baud_register:
            return 40_000_000 // self.baud, b""
        return self._registers.get(address, 0), b""

    def _write_register(self, data):
        for address, value, mask, _ in struct.iter_unpack("<IIII", data):
            self._registers[address] = self._registers.get(address, 0) & ~mask | value & mask
            if address == self._chip.spi and value & _SPI_USR:
                self._registers[address] &= ~_SPI_USR
                self._ask_flash()
        return 0, b""

    def _ask_flash(self):
        command = self._registers[self._chip.spi + self._chip.usr2] & 0xFFFF
        size = len(self._flash).bit_length() - 1
        answer = {_READ_ID: size << 16 | _FLASH_ID, _READ_SFDP: _SFDP}.get(command, 0)
        self._registers[self._chip.spi + self._chip.w0] = answer

    def _change_baud(self, data):
        self.baud, _ = struct.unpack("<II", data)
        return 0, b""

    def _flash_begin(self, data):
        size, _, _, self._at = struct.unpack_from("<IIII", data)
        self._inflate = None
        self._erase(self._at, self._at + size)
        return 0, b""

    def _flash_data(self, data):
        self._write(data[16:])
        return 0, b""

    def _deflate_begin(self, data):
        self._flash_begin(data)
        self._inflate = zlib.decompressobj()
        return 0, b""

    def _deflate_data(self, data):
        if not self._inflate:
            raise Failed("invalid")
        try:
            self._write(self._inflate.decompress(data[16:]))
        except zlib.error:
            raise Failed("deflate") from None
        return 0, b""

    def _write(self, data):
        if self._at + len(data) > len(self._flash):
            raise Failed("flash")
        self._flash[self._at : self._at + len(data)] = data
        self._at += len(data)

    def _flash_end(self, data):
        (stays,) = struct.unpack("<I", data)
        if not self._is_stub:
            self.has_left = True
        elif not stays:  # it resets the chip, whose strapping pins are still those of the bootloader
            self._is_stub = False
            self.baud = _BAUD
        return 0, b""

    def _md5(self, data):
        start, size, _, _ = struct.unpack("<IIII", data)
        digest = hashlib.md5(self._flash[start : start + size])
        return 0, digest.digest() if self._is_stub else digest.hexdigest().encode()

    def _read_slow(self, data):
        start, size = struct.unpack("<II", data)
        return 0, bytes(self._flash[start : start + min(size, 64)]).ljust(64, b"\0")

    def _erase(self, start, end):
        start, end = start // _SECTOR * _SECTOR, -(-end // _SECTOR) * _SECTOR
        if end > len(self._flash):
            raise Failed("flash")
        self._flash[start:end] = bytes((ERASED,)) * (end - start)
        if end > start:
            self.erased.append((start, end))

    def _erase_flash(self, data):
        self._erase(0, len(self._flash))
        return 0, b""

    def _erase_region(self, data):
        start, size = struct.unpack("<II", data)
        self._erase(start, start + size)
        return 0, b""

    def _run(self, data):
        self.has_left = True

    # --- reading: the stub sends a block ahead of each acknowledgement, and in the end the MD5

    def _read_flash(self, data):
        start, size, block, _ = struct.unpack("<IIII", data)
        if start + size > len(self._flash):
            raise Failed("flash")
        self._reading = start, size, block
        return 0, b"", self._block(0)

    def _acknowledged(self, packet):
        start, size, _ = self._reading
        count = int.from_bytes(packet[:4], "little")
        if count < size:
            return self._block(count)
        self._reading = None
        return _framed(hashlib.md5(self._flash[start : start + size]).digest())

    def _block(self, count):
        start, size, block = self._reading
        return _framed(bytes(self._flash[start + count : start + min(size, count + block)]))


def _response(is_stub, code, value, result, error=None):
    status = b"\0\0" if error is None else bytes((1, error))
    if not is_stub:
        status += b"\0\0"
    return _framed(struct.pack("<BBHI", 1, code, len(result) + len(status), value) + result + status)


def _framed(packet):
    return _END + packet.replace(_ESC, _ESC_ESC).replace(_END, _ESC_END) + _END


def _unescaped(frame):
    return frame.replace(_ESC_END, _END).replace(_ESC_ESC, _ESC)
