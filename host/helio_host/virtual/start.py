"""Runs inside a virtual board, on either interpreter: what a board's firmware does before
`boot.py`, with stand-ins for the hardware and reports to the simulator.

    start.py CONFIG…    (JSON, in pieces of at most 255 bytes: root, programs, report, stand_ins,
                        address, port, coap_port, joined, reset_cause, and a mac where it has one)
"""

import json
import os
import sys

config = json.loads("".join(sys.argv[1:]))
sys.path.insert(0, config["stand_ins"])

import reporting  # noqa: E402

reporting.to(config["report"])


def put_stand_ins_in_place():
    """Import them all now: later, the board's own path does not lead to them."""
    import esp32  # noqa: F401
    import machine
    import neopixel  # noqa: F401
    import network

    machine.virtual_reset_cause = config.get("reset_cause", machine.PWRON_RESET)
    if "mac" in config:
        machine.virtual_id = bytes.fromhex(config["mac"])
    network.virtual_address = config["address"]
    # Wi-Fi survives a soft reset: a board that lost its settings is still reached
    network.WLAN._joined[network.STA_IF] = config.get("joined", False)
    sys.path.pop(0)


def enter_file_system():
    """Make the board's own folder the whole file system, as near as the interpreter can."""
    try:
        import vfs
    except ImportError:  # CPython
        os.chdir(config["root"])
        sys.path[:0] = ["", config["root"] + "/lib"]
        return
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(config["root"]), "/")
    _mend_rename(vfs.VfsPosix())
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


def _mend_rename(whole):
    """Have an `os.rename` that works: with a root, that of VfsPosix takes the new name for both."""

    class Os:
        pass

    def rename(old, new):
        root = config["root"]
        whole.rename(
            *[root + (path if path[0] == "/" else os.getcwd().rstrip("/") + "/" + path) for path in (old, new)]
        )

    mended = Os()
    for name in dir(os):
        setattr(mended, name, getattr(os, name))
    mended.rename = rename
    sys.modules["os"] = mended


def set_up_helio():
    """Tell helio of the board's address and ports, and have it tell us what it does; returns whether it
    is there."""
    try:
        from helio import limits, runtime
    except ImportError:  # nothing has been laid onto this board yet
        return False
    runtime.BOARD = "virtual"
    runtime.interfaces = runtime.board_interfaces  # on CPython too: not all that this machine has
    limits.PORT = config["port"]
    limits.COAP_PORT = config["coap_port"]
    runtime.services += [_report_node, _report_messages]
    return True


async def _report_node(node):
    import asyncio

    told = None
    while True:
        now = {"node": node.name, "address": node.address, "port": node.port, "coap_port": node.coap_port}
        if now != told and node.address:
            told = now
            reporting.report(now)
        await asyncio.sleep(0.02)


async def _report_messages(node):
    async for message in node.messages():
        try:
            reporting.report({"message": message.text, "from": message.sender[0]})
        except MemoryError:  # a long one: it is answered all the same
            reporting.report({"message": message.name, "from": message.sender[0]})


if sys.implementation.name == "cpython":

    def execfile(path, names=globals()):  # noqa: B008
        """As MicroPython's: run a file with these names."""
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), names)

    import builtins

    builtins.execfile = execfile


def run(path):
    """Run a program of the board, if it is there."""
    if path in os.listdir():
        execfile(path)
    if path == "boot.py" and "starts" in sys.modules:
        _hear_of_failures(sys.modules["starts"])


def _hear_of_failures(starts):
    """Report the error that ends a program before the board starts anew."""
    failed = starts.failed

    def hear(error):
        reporting.reserve = None
        reporting.report_exception(error)
        failed(error)

    starts.failed = hear


def start():
    """All of it. As on a board an exception that nobody caught is shown, and ends the programs."""
    try:
        put_stand_ins_in_place()
        enter_file_system()
        reporting.report({"started": set_up_helio()})
        for path in config["programs"]:
            run(path)
    except KeyboardInterrupt:
        print("KeyboardInterrupt")
    except Exception as error:  # a local name: there may be no memory for one more global
        reporting.reserve = None  # here: a call takes memory too
        print(reporting.traceback_of(error), end="")


start()

if sys.implementation.name == "cpython":
    import signal

    signal.pause()  # there is no prompt to wait at

# A program that has ended leaves the prompt, as on a board.
os.putenv("MICROPYINSPECT", "1")
