"""The clock of the board, which begins in 2000 whenever the power comes back."""

import time

import machine
from helio.welcome import TIME_MIN_S

_EPOCH_S = 946684800 if time.gmtime(0)[0] == 2000 else 0  # from 1970 to the epoch of this port


def set_if_unset(seconds):
    """Set the clock to `seconds` since 1970, UTC, if it is not set yet. Returns whether it was not."""
    if time.time() + _EPOCH_S >= TIME_MIN_S:
        return False
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - _EPOCH_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
    return True
