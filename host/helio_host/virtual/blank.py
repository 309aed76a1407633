"""A virtual board as it comes from its bag: an ESP chip with nothing in its flash, on a cable."""

import asyncio
import ipaddress
import time

from helio_host.image import BadImage, BadTable, read_firmware
from helio_host.virtual.announced import announce, withdraw
from helio_host.virtual.board import VirtualBoard
from helio_host.virtual.cable import Cable
from helio_host.virtual.loader import ERASED, Loader
from helio_host.virtual.terminal import SerialPort

_FILES_OFFSET = 0x200000  # in the flash, where MicroPython's file system begins
_SETTLE_S = 0.5  # with both lines asserted: longer than a reset has them so
_SAID_BYTES_A_SECOND = (
    100_000  # by a program; a real cable has 11,520, and pyserial reads RFC 2217 no faster than 300,000
)
_NO_TABLE = "E (31) boot: Failed to verify partition table\r\nE (37) boot: load partition table error!"
_RETRY_S = 1  # between two starts of a chip that finds nothing to start


class BlankBoard:
    """A board with a `chips.Chip`; `options` are those of a VirtualBoard, which it becomes when firmware
    has been written and it is reset. Its MAC ends as its address does."""

    def __init__(self, name, address, emit, *, chip, link_rate=None, **options):
        self.name = name
        self.address = address
        self._emit = emit
        self._chip = chip
        self._mac = b"\x24\x0a\xc4" + ipaddress.IPv4Address(address).packed[1:]
        self._flash = bytearray((ERASED,)) * (chip.flash_mb << 20)
        self._cable = Cable(self._on_data, self._on_lines, link_rate)
        self._loader = None  # while it is in its bootloader
        self._is_running = False  # whether its firmware is
        self._state = None  # the task of what it does now
        self._is_held = False  # in reset
        self._timer = None
        self._options = options
        self._silent_until_s = 0
        self._serial = None
        self._announced = None
        self._board = None

    def start(self):
        """Plug it in."""
        self._state = asyncio.create_task(self._plug_in())

    async def stop(self):
        """Pull it out, and remove what it left."""
        self._release_timer()
        if self._state:
            self._state.cancel()
            await asyncio.gather(self._state, return_exceptions=True)
        await self._cable.close()
        if self._announced:
            withdraw(self._announced)
        if self._board:
            await self._board.stop()

    async def _plug_in(self):
        self._serial = SerialPort(await self._cable.open(), self._say, self._may_say_more)
        self._board = VirtualBoard(
            self.name, self.address, self._emit, serial=self._serial, mac=self._mac, **self._options
        )
        self._announced = announce(self.name, self._serial.path)
        self._emit({"board": self.name, "event": "blank", "serial": self._serial.path})
        await self._run()

    def _say(self, data):
        self._silent_until_s = max(time.monotonic(), self._silent_until_s) + len(data) / _SAID_BYTES_A_SECOND
        self._cable.send(data)

    def _may_say_more(self):
        return self._cable.has_room and time.monotonic() >= self._silent_until_s

    # --- its reset: EN is low while RTS alone is asserted, GPIO0 while DTR alone is

    def _on_lines(self, dtr, rts):
        self._release_timer()
        if rts and not dtr:
            self._is_held = True
            self._become(self._nothing())
        elif self._is_held and rts:
            # EN rises so slowly that what a program sets next still counts
            self._timer = asyncio.get_running_loop().call_later(_SETTLE_S, self._let_go, False)
        elif self._is_held:
            self._let_go(dtr)

    def _let_go(self, is_download):
        self._is_held = False
        self._become(self._download() if is_download else self._run())

    def _release_timer(self):
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _become(self, coroutine):
        self._state = asyncio.create_task(self._follow(self._state, coroutine))

    async def _follow(self, before, coroutine):
        try:
            before.cancel()
            await asyncio.gather(before, return_exceptions=True)
        except BaseException:
            coroutine.close()
            raise
        await coroutine

    async def _nothing(self):
        pass

    async def _download(self):
        self._loader = Loader(self._chip, self._flash, self._mac)
        self._cable.send(self._chip.downloading.encode())
        try:
            await asyncio.Event().wait()
        finally:
            self._loader = None

    async def _run(self):
        self._cable.send(self._chip.running.encode())
        offset = self._chip.flash_offset
        while True:
            try:
                image = read_firmware(bytes(self._flash[offset:]), offset)
                if image.chip_id == self._chip.image_id:
                    break
                said = "boot_comm: mismatch chip ID, expected %d, found %d" % (self._chip.image_id, image.chip_id)
            except BadTable:
                said = _NO_TABLE
            except BadImage as error:
                header = int.from_bytes(self._flash[offset : offset + 4], "little")
                said = "invalid header: 0x%08x" % header if header & 0xFF != 0xE9 else str(error)
            self._cable.send(said.encode() + b"\r\n")
            await asyncio.sleep(_RETRY_S)
        self._serial.forget()
        self._is_running = True
        try:
            await self._board.run()
        finally:
            self._is_running = False

    def _on_data(self, data):
        if self._is_running:
            self._serial.receive(data)
        elif self._loader:
            loader = self._loader
            self._cable.send(loader.feed(data))
            if any(end > _FILES_OFFSET for _, end in loader.erased):
                self._board.erase()
            loader.erased.clear()
            if loader.has_left:
                self._become(self._run())
