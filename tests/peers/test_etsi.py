"""The ETSI CoAP Plugtest cases against `etsi_server.py`, on both interpreters, by clients that are
not ours. CASES says of each what drives it; what no client here can drive is skipped with the
reason, and is no pass.
"""

import asyncio
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import etsi_block as block
import etsi_core as core
import etsi_obs as obs
import pytest
from coap_clients import Aiocoap, Libcoap
from coap_wire import HERE
from helio_command import Lines

from conftest import micropython, missing

PERIOD_MS = 150
LIBCOAP, AIOCOAP = Libcoap.name, Aiocoap.name
BOTH = {}

# TD_COAP_…: (what it is about, what drives it, {client that does not: why})
CASES = {
    "CORE_01": ("GET", core.get_con, BOTH),
    "CORE_02": ("DELETE", core.delete_con, BOTH),
    "CORE_03": ("PUT", core.put_con, BOTH),
    "CORE_04": ("POST", core.post_con, BOTH),
    "CORE_05": ("GET, NON", core.get_non, BOTH),
    "CORE_06": ("DELETE, NON", core.delete_non, BOTH),
    "CORE_07": ("PUT, NON", core.put_non, BOTH),
    "CORE_08": ("POST, NON", core.post_non, BOTH),
    "CORE_09": ("separate response", core.separate, BOTH),
    "CORE_10": ("token", core.token, BOTH),
    "CORE_11": ("token, separate response", core.separate, BOTH),
    "CORE_12": ("empty token", core.empty_token, {LIBCOAP: "its first token is 01, whatever -T says"}),
    "CORE_13": ("Uri-Path options", core.uri_path, BOTH),
    "CORE_14": ("Uri-Query options", core.uri_query, BOTH),
    "CORE_15": ("lossy", core.lossy, BOTH),
    "CORE_16": ("lossy, separate response", core.lossy_separate, BOTH),
    "CORE_17": ("separate response, NON", core.separate_non, BOTH),
    "CORE_18": ("Location-Path options", core.location_path, BOTH),
    "CORE_19": ("Location-Query options", core.location_query, BOTH),
    "CORE_20": ("Accept", core.accept, BOTH),
    "CORE_21": ("ETag", core.etag, BOTH),
    "CORE_22": ("If-Match", core.if_match, BOTH),
    "CORE_23": ("If-None-Match", core.if_none_match, BOTH),
    "CORE_31": ("ping", core.ping, {AIOCOAP: "it has no ping"}),
    "LINK_01": ("all links", block.all_links, BOTH),
    "LINK_02": ("rt=Type1", block.type_1, BOTH),
    "LINK_03": ("rt=*", block.any_type, BOTH),
    "LINK_04": ("several types in one rt", block.type_2, BOTH),
    "LINK_05": ("if=If*", block.interface, BOTH),
    "LINK_06": ("sz=*", block.any_size, BOTH),
    "LINK_07": ("href=/link1", block.whole_href, BOTH),
    "LINK_08": ("href=/link*", block.href_prefix, BOTH),
    "LINK_09": ("links below links", block.hierarchy, BOTH),
    "BLOCK_01": ("GET, early negotiation", block.early, BOTH),
    "BLOCK_02": ("GET, late negotiation", block.late, BOTH),
    "BLOCK_03": ("PUT", block.update, BOTH),
    "BLOCK_04": ("POST that creates", block.create, BOTH),
    "BLOCK_05": ("POST, large both ways", block.two_ways, BOTH),
    "BLOCK_06": ("GET, blocks of 16 bytes", block.early_16, BOTH),
    "OBS_01": ("notifications, CON", obs.confirmable, BOTH),
    "OBS_02": ("notifications, NON", obs.non_confirmable, BOTH),
    "OBS_03": (
        "withdrawn",
        None,
        dict.fromkeys((LIBCOAP, AIOCOAP), "ETSI withdrew it: OBS_10 and OBS_12 took its place"),
    ),
    "OBS_04": (
        "Max-Age passes and the client registers again",
        None,
        dict.fromkeys(
            (LIBCOAP, AIOCOAP), "it does not register again by itself; a helio client does (test_coap_peers)"
        ),
    ),
    "OBS_05": ("the client is switched off", obs.switched_off, BOTH),
    "OBS_06": ("the client resets", obs.reset, BOTH),
    "OBS_07": ("DELETE", obs.delete, BOTH),
    "OBS_08": ("the Content-Format changes", obs.other_format, BOTH),
    "OBS_09": ("PUT", obs.update, BOTH),
    "OBS_10": ("a GET does not cancel", obs.get_does_not_cancel, {LIBCOAP: "it asks nothing else while it observes"}),
    "OBS_11": ("lossy", obs.lossy, BOTH),
    "OBS_12": ("a GET with Observe 1 cancels", obs.deregister, {AIOCOAP: "it cancels by a Reset only"}),
    "OBS_13": ("large", obs.large_values, BOTH),
    "OBS_14": ("of changing size", obs.pumping, BOTH),
}


class Servers:
    """The servers that run for these tests, one for each way of starting it."""

    def __init__(self):
        self._running = {}

    def endpoint(self, interpreter, period_ms, ack_timeout_ms):
        """The `(host, port)` of one; it is started where it does not run yet."""
        key = interpreter, period_ms, ack_timeout_ms
        if key not in self._running:
            self._running[key] = self._start(*key)
        return self._running[key][1]

    def _start(self, interpreter, period_ms, ack_timeout_ms):
        script = Path(__file__).parent / "etsi_server.py"
        words = [script, "--host", HERE, "--port", 0, "--period-ms", period_ms, "--ack-timeout-ms", ack_timeout_ms]
        words = [str(word) for word in words]
        if interpreter == "micropython" and not find_spec("micropython_run"):
            missing("MicroPython")
        command = micropython(*words) if interpreter == "micropython" else [sys.executable, *words]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
        listening, host, port = Lines(process.stdout).next().split()
        assert (listening, host) == ("listening", HERE)
        return process, (host, int(port))

    def stop(self):
        """End them."""
        for process, _ in self._running.values():
            assert process.poll() is None, "a server has ended"
            process.kill()
            process.wait()
            process.stdout.close()


class World:
    """What a case has: clients of one kind, on wires to servers on one interpreter."""

    period_ms = PERIOD_MS

    def __init__(self, servers, interpreter, kind):
        self._servers = servers
        self._interpreter = interpreter
        self.kind = kind

    def client(self, period_ms=PERIOD_MS, ack_timeout_ms=2000):
        """A client on a wire of its own, as an asynchronous context manager."""
        return self.kind(self._servers.endpoint(self._interpreter, period_ms, ack_timeout_ms))


@pytest.fixture(scope="module")
def servers():
    running = Servers()
    yield running
    running.stop()


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
@pytest.mark.parametrize("kind", [Libcoap, Aiocoap], ids=[LIBCOAP, AIOCOAP])
@pytest.mark.parametrize("case", CASES)
def test_etsi(case, kind, interpreter, servers):
    _, run, cannot = CASES[case]
    if kind.name in cannot:
        pytest.skip("%s cannot drive it: %s" % (kind.name, cannot[kind.name]))
    asyncio.run(run(World(servers, interpreter, kind)))


def test_every_case_is_listed():
    wanted = ["CORE_%02d" % number for number in [*range(1, 24), 31]]
    wanted += ["LINK_%02d" % number for number in range(1, 10)]
    wanted += ["BLOCK_%02d" % number for number in range(1, 7)]
    wanted += ["OBS_%02d" % number for number in range(1, 15)]
    assert list(CASES) == wanted
