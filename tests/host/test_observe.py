"""`helio observe`: a value and each change of it, until someone has seen enough."""

import json
import signal
from contextlib import contextmanager

import pytest
from helio_command import HERE, Running, answering, eventually, free_port, helio

from helio.coap.codec import CONTENT
from helio.coap.resource import Resource
from helio.node import Node

AT = "127.44.7.1"


class Kitchen(Node):
    """A node that publishes from the thread that it runs in."""

    def change(self, value):
        self.loop.call_soon_threadsafe(self.publish, "temperature", value)

    async def start(self):
        import asyncio

        self.loop = asyncio.get_running_loop()
        await super().start()

    def observers(self):
        return len(self.coap().server.table[b"temperature"].observers)


@contextmanager
def kitchen(port=0):
    node = Kitchen("kitchen", address=AT, port=port, coap_port=0)
    node.publish("temperature", 21)
    node.add_resource("once", Resource(get=lambda request: (CONTENT, b"as it is")))
    with answering(node):
        yield node


def at(node, path="temperature"):
    return "coap://%s:%d/%s" % (AT, node.coap_port, path)


def test_the_value_and_each_change():
    with kitchen() as node, Running("observe", at(node)) as observe:
        assert observe.out.next() == "21"
        for value in (22, "a\n\x1b\n", b"\xff"):
            node.change(value)
            assert observe.out.next() == {22: "22", b"\xff": "\\xff"}.get(value, "a")
            if isinstance(value, str):
                assert observe.out.next() == "\\x1b"
        assert observe.end() == 0 and observe.err.rest() == ""
        assert eventually(lambda: not node.observers())


def test_json():
    port = free_port()
    with kitchen(port) as node:
        with Running("observe", "--json", "--interface", HERE, "coap://kitchen/temperature", port=port) as observe:
            found = json.loads(observe.out.next())
            assert set(found) == {"time", "uri", "code", "format", "text"}
            assert (found["code"], found["format"], found["text"]) == ("2.05", 50, "21")
            node.change(b"\x00")
            assert json.loads(observe.out.next())["hex"] == "00"


def test_a_file_holds_the_latest(tmp_path):
    path = tmp_path / "latest"
    with kitchen() as node, Running("observe", "--json", "--output", path, at(node)) as observe:
        observe.out.next()
        assert path.read_text() == "21"
        node.change(22)
        observe.out.next()
        assert path.read_text() == "22"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(signum):
    with kitchen() as node, Running("observe", at(node)) as observe:
        observe.out.next()
        assert observe.end(signum) == 0
        assert eventually(lambda: not node.observers())  # it has said so


def test_a_closed_stdout_ends_it_though_nothing_comes():
    with kitchen() as node, Running("observe", at(node)) as observe:
        observe.out.next()
        observe.out.close()
        assert observe.wait() == 0
        assert eventually(lambda: not node.observers())


def test_a_closed_stdout_ends_it_while_changes_come():
    with kitchen() as node, Running("observe", at(node)) as observe:
        observe.out.next()
        observe.out.close()
        for value in range(20):
            node.change(value)
        assert observe.wait() == 0


def test_what_cannot_be_observed():
    with kitchen() as node:
        run = helio("observe", at(node, "once"))
        assert (run.returncode, run.stdout) == (1, "as it is\n") and "cannot be observed" in run.stderr
        run = helio("observe", at(node, "nothing"))
        assert (run.returncode, run.stdout, run.stderr) == (1, "", "helio: not found (4.04)\n")
        run = helio("observe", "--json", at(node, "nothing"))
        assert json.loads(run.stderr) == {"error": "not found (4.04)"}


def test_nobody_there():
    run = helio("observe", "coap://%s:%d/x" % (AT, free_port()))
    assert run.returncode == 1 and "no helio on port" in run.stderr and not run.stdout
    for words in ((), ("coaps://127.0.0.1/x",), ("coap://127.0.0.1/x", "more")):
        assert helio("observe", *words).returncode == 2
