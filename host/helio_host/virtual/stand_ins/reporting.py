"""Where the stand-ins report what the pins do: a pipe to the simulator, a JSON object a line."""

import json
import sys

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
    import io

    text = io.StringIO()
    print_exception(error, text)
    report({"traceback": text.getvalue()})


def print_exception(error, file=sys.stdout):
    """Print the traceback of what ended the program, for which it may have left little memory."""
    import gc

    gc.collect()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, file)
    else:
        import traceback

        traceback.print_exception(error, file=file)
