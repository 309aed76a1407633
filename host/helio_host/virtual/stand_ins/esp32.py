"""Stand-in for MicroPython's `esp32`: there is one, with nothing behind it yet."""


def mcu_temperature():
    return 25
