"""Watches the program of this board, and counts the starts that ended badly: by an uncaught exception, the watchdog,
or a crash. After three in a row it is left alone, and a node says so, until somebody at the cable starts the board
anew. Where somebody is at the cable it is left alone after the first, for them to see.

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
_COUNT = "lib/helio.starts"  # a file with the count, none where it is 0; or with this, from helio's commands:
_AT_CABLE = "cable"
_EXITED = "exit "  # and with this before it, from `sys.exit()`, whose soft reset is no one's at the cable
_PAUSE_S = 1  # for Ctrl+C, between an error and the next start
_TROUBLE = "main.py is left alone: %s; helio deploy or helio reset has it tried again"

_root = None  # the folder with the `main.py` of the board
_is_seen = False  # whether somebody sees how it starts


def begin():
    """Count the start before this one, and have the program watched in this one."""
    global _root, _is_seen
    cause = machine.reset_cause()
    text = _read()
    if cause == machine.SOFT_RESET and text.startswith(_EXITED):
        _write(text[len(_EXITED) :])
    elif cause == machine.SOFT_RESET:
        _is_seen = text == _AT_CABLE
        forget()
        if not _is_seen:  # it may be on its way to the raw prompt, where the folder is to be as ever
            return
    elif cause in (machine.WDT_RESET, machine.HARD_RESET):  # the latter is what `failed` does, and a crash
        count = bad()
        if count < MANY:
            _write(str(count + 1))
    runtime.services.append(_forget_later)
    _root = os.getcwd()
    os.chdir("lib/start")


def bad():
    """How many starts in a row ended badly."""
    try:
        return int(_read())
    except ValueError:
        return 0


def _read():
    try:
        with open(_COUNT) as file:
            return file.read()
    except OSError:
        return ""


def _write(text):
    try:
        with open(_COUNT, "w") as file:
            file.write(text)
    except OSError as error:  # a full file system
        print("starts that end badly are not counted:", error)


def forget():
    """Begin to count anew."""
    try:
        os.remove(_COUNT)
    except OSError:
        pass


async def _forget_later(node):
    global _is_seen
    await asyncio.sleep(WELL_S)
    if not node.trouble:
        _is_seen = False
        forget()


def run(names):
    """Run the `main.py` of the board with these global names, or a node that answers in its place."""
    os.chdir(_root)
    if "main.py" not in os.listdir():
        return
    if bad() >= MANY:
        keep_reachable("%d starts ended badly" % MANY)
        return
    before = list(names)
    try:
        execfile("main.py", names)  # noqa: F821
        return
    except SystemExit:
        if not _is_seen:  # it starts the board anew
            _write(_EXITED + str(bad() + 1))
            raise
        why = "it ended with sys.exit()"
    except Exception as error:
        failed(error)
        why = "it ended with an error"
    _drop(names, before)
    keep_reachable(why)


def failed(error):
    """Say what ended the program, and start the board anew, unless somebody sees it."""
    gc.collect()
    try:
        runtime.print_exception(error)
    except MemoryError:
        pass
    if _is_seen:
        return
    print("main.py ended with an error: the board starts anew; Ctrl+C keeps it at its prompt")
    time.sleep(_PAUSE_S)
    machine.reset()


def _drop(names, before):
    """Let go of what the program held, which may be all the memory: nothing here takes any."""
    while True:
        for name in names:
            if name not in before:
                break
        else:
            break
        del names[name]
    gc.collect()


def keep_reachable(why):
    """Be a node that answers, and says in its `status` why the program does not run."""
    from helio.node import Node

    trouble = _TROUBLE % why
    print(trouble)
    node = Node(settings["name"])
    node.trouble = trouble
    node.run()
