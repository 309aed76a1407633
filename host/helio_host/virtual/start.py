"""Runs inside a virtual board, on either interpreter: what a board's firmware does before
`boot.py`, with stand-ins for the hardware and reports to the simulator.

    start.py CONFIG    (JSON: root, report, stand_ins, address, port, coap_port)
"""

import json
import os
import sys

config = json.loads(sys.argv[1])
sys.path.insert(0, config["stand_ins"])

import reporting  # noqa: E402

reporting.to(config["report"])

import esp32  # noqa: E402, F401
import machine  # noqa: E402, F401
import neopixel  # noqa: E402, F401
import network  # noqa: E402

network.virtual_address = config["address"]
sys.path.pop(0)

try:
    import vfs

    # the board's own folder is its whole file system
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(config["root"]), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
except ImportError:
    os.chdir(config["root"])
    sys.path[:0] = ["", config["root"] + "/lib"]

    def execfile(path):
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), globals())


from helio import limits, runtime  # noqa: E402

runtime.BOARD = "virtual"
runtime.interfaces = runtime.board_interfaces  # on CPython too: not all that this machine has
limits.PORT = config["port"]
limits.COAP_PORT = config["coap_port"]


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
        reporting.report({"message": message.text, "from": message.sender[0]})


def _start():
    runtime.services += [_report_node, _report_messages]
    try:
        for name in ("boot.py", "main.py"):
            try:
                os.stat(name)
            except OSError:
                continue
            execfile(name)
    except KeyboardInterrupt:
        print("KeyboardInterrupt")
    except Exception as error:
        runtime.print_exception(error)
        reporting.report_exception(error)
        sys.exit(1)


_start()
