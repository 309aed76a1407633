"""Where the stand-ins report what the pins do: a pipe to the simulator, a JSON object a line."""

import json
import sys

_FIRMWARE = __file__.replace("stand_ins/reporting", "start")
_pipe = None
reserve = bytearray(4096)  # to be let go before the last report of a program that has used up the memory


def to(fd):
    """Report to this file descriptor from now on."""
    global _pipe
    _pipe = open(fd, "wb") if sys.implementation.name == "micropython" else open(fd, "wb", 0)


def report(event):
    """Send one event, a dict."""
    if _pipe:
        _pipe.write(json.dumps(event).encode() + b"\n")


def report_exception(error):
    """Send the traceback of what ended the program."""
    report({"traceback": traceback_of(error)})


def traceback_of(error):
    """The traceback of what ended the program, for which it may have left little memory: a str. What stands in for
    the firmware is not in it."""
    import gc

    gc.collect()
    if not hasattr(sys, "print_exception"):  # CPython
        import traceback

        shown = traceback.TracebackException.from_exception(error)
        shown.stack = traceback.StackSummary.from_list([frame for frame in shown.stack if frame.filename != _FIRMWARE])
        return "".join(shown.format())
    import io

    text = io.StringIO()
    sys.print_exception(error, text)
    return "".join([line for line in text.getvalue().splitlines(True) if _FIRMWARE not in line])
