"""Counts the starts of this board that ended badly: by an uncaught exception, the watchdog, or a crash. After
three in a row the program is left alone, and a node says so, until somebody at the cable starts the board anew.

The firmware runs `main.py` of the current folder after `boot.py`, unless it was told to wait at the raw prompt.
So what is run in its place need not know about that.
"""

import asyncio
import gc
import os
import time

import machine
from helio import runtime
from settings import settings

MANY = 3
WELL_S = 60  # a start that came this far went well
_COUNT = "lib/helio.starts"  # a file with the count; none where it is 0
_PAUSE_S = 1  # for Ctrl+C, between an error and the next start
_TROUBLE = "main.py is left alone: %d starts ended badly; helio deploy or helio reset has it tried again"

_root = None  # the folder with the `main.py` of the board


def begin():
    """Count the start before this one, and have the program watched in this one."""
    global _root
    cause = machine.reset_cause()
    if cause == machine.SOFT_RESET:
        forget()  # somebody is at the cable, and sees how it goes
        return
    if cause in (machine.WDT_RESET, machine.HARD_RESET):  # the latter is what `run` does, and a crash
        count = bad()
        if count < MANY:
            with open(_COUNT, "w") as file:
                file.write(str(count + 1))
    runtime.services.append(_forget_later)
    _root = os.getcwd()
    os.chdir("lib/start")


def bad():
    """How many starts in a row ended badly."""
    try:
        with open(_COUNT) as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


def forget():
    """Begin to count anew."""
    try:
        os.remove(_COUNT)
    except OSError:
        pass


async def _forget_later(node):
    await asyncio.sleep(WELL_S)
    if not node.trouble:
        forget()


def run(names):
    """Run the `main.py` of the board with these global names, or a node that answers in its place."""
    os.chdir(_root)
    if "main.py" not in os.listdir():
        return
    if bad() >= MANY:
        keep_reachable(_TROUBLE % MANY)
        return
    try:
        execfile("main.py", names)  # noqa: F821
    except Exception as error:
        failed(error)


def failed(error):
    """Say what ended the program, and start the board anew."""
    gc.collect()
    try:
        runtime.print_exception(error)
        print("main.py ended with an error: the board starts anew; Ctrl+C keeps it at its prompt")
    except MemoryError:
        pass
    time.sleep(_PAUSE_S)
    machine.reset()


def keep_reachable(trouble):
    """Be a node that answers, and says in its `status` what is wrong."""
    from helio.node import Node

    print(trouble)
    node = Node(settings["name"])
    node.trouble = trouble
    node.run()
