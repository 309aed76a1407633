"""The chips that a blank virtual board can have: what esptool looks at to tell one from another."""

from dataclasses import dataclass, field

_MAGIC_REGISTER = 0x40001000  # in the ROM, different on each chip that cannot say its id


@dataclass(frozen=True)
class Chip:
    """`image_id` is how images name the chip, `flash_offset` where its ROM looks for one.

    `mac_registers` are those of the lower and the upper half of its MAC; `registers` what others hold;
    `spi` the first register of the flash's SPI controller; of its `usr2` and `w0` the distances from it.
    `downloading` and `running` are what the ROM prints when it is reset to either.
    """

    name: str
    image_id: int
    flash_offset: int
    flash_mb: int
    mac_registers: tuple
    spi: int
    usr2: int
    w0: int
    downloading: str
    running: str
    baud_register: int = 0
    tells_id: bool = True
    registers: dict = field(default_factory=dict)


def _banner(rom, build, download, run):
    start = "ESP-ROM:%s\r\nBuild:%s\r\nrst:0x1 (POWERON),boot:" % (rom, build)
    return {
        "downloading": start + download + "\r\nwaiting for download\r\n",
        "running": start + run + " (SPI_FAST_FLASH_BOOT)\r\n",
    }


_ESP32 = "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:"
CHIPS = {
    chip.name: chip
    for chip in (
        Chip(
            "ESP32",
            0,
            0x1000,
            4,
            (0x3FF5A004, 0x3FF5A008),
            spi=0x3FF42000,
            usr2=0x24,
            w0=0x80,
            downloading=_ESP32 + "0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n",
            running=_ESP32 + "0x13 (SPI_FAST_FLASH_BOOT)\r\n",
            baud_register=0x3FF40014,
            tells_id=False,
            # an ESP32-D0WD-V3, revision 3.0, at 240 MHz
            registers={_MAGIC_REGISTER: 0x00F01D83, 0x3FF5A00C: 0xA200, 0x3FF5A014: 1 << 20, 0x3FF6607C: 1 << 31},
        ),
        Chip(
            "ESP32-S3",
            9,
            0,
            8,
            (0x60007044, 0x60007048),
            spi=0x60002000,
            usr2=0x20,
            w0=0x58,
            **_banner("esp32s3-20210327", "Mar 27 2021", "0x0 (DOWNLOAD(USB/UART0))", "0x8"),
            registers={_MAGIC_REGISTER: 9, 0x60007050: 2 << 18},  # revision 0.2
        ),
        Chip(
            "ESP32-C3",
            5,
            0,
            4,
            (0x60008844, 0x60008848),
            spi=0x60002000,
            usr2=0x20,
            w0=0x58,
            **_banner("esp32c3-api1-20210207", "Feb  7 2021", "0x4 (DOWNLOAD(USB/UART0/1))", "0xc"),
            registers={_MAGIC_REGISTER: 0x1B31506F, 0x60008850: 4 << 18},  # revision 0.4
        ),
        Chip(
            "ESP32-C6",
            13,
            0,
            4,
            (0x600B0844, 0x600B0848),
            spi=0x60003000,
            usr2=0x20,
            w0=0x58,
            **_banner("esp32c6-20220919", "Sep 19 2022", "0x4 (DOWNLOAD(USB/UART0/SDIO_FEI_FEO))", "0xc"),
            # an ESP32-C6FH4, revision 0.1; above its MAC what makes an EUI-64 of it
            registers={
                _MAGIC_REGISTER: 0x2CE0806F,
                0x600B0848: 0xFFFE << 16,
                0x600B0850: 1 << 24 | 1 << 18,
                0x600B0854: 1,
            },
        ),
    )
}
