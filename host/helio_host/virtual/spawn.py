"""The process of one virtual board: takes the terminal it was given for its console, then
becomes the interpreter.

    python spawn.py micropython HEAP_KB start.py CONFIG…
    python spawn.py cpython HEAP_KB start.py CONFIG…

The terminal is its controlling one: Ctrl+C typed there interrupts the program, and when the
simulator dies, however it does, the kernel hangs up and the board dies with it.
"""

import fcntl
import os
import runpy
import sys
import termios

interpreter, heap_kb, *arguments = sys.argv[1:]
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)

if interpreter == "micropython":
    from micropython_run import run_main

    sys.exit(run_main(["micropython", "-X", "heapsize=%sk" % heap_kb, *arguments]))

sys.argv = arguments
runpy.run_path(arguments[0], run_name="__main__")
