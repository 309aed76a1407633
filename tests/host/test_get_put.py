"""`helio get` and `helio put`: what is at a `coap://` address."""

import json
import subprocess
from contextlib import contextmanager

import pytest
from helio_command import HERE, answering, command, free_port, helio, udp

from helio.coap.codec import CHANGED, CONTENT
from helio.coap.resource import Resource
from helio.node import Node

AT = "127.44.6.1"
LARGE = bytes([i * i >> 8 & 0xFF for i in range(20000)])
KEYS = {"uri", "address", "port", "code", "ok", "round_trip_ms"}


class Store:
    """A resource that keeps what is put."""

    payload = content_format = None

    def get(self, request):
        return CONTENT, self.payload, [(12, self.content_format)]

    def put(self, request):
        self.payload = request.payload
        self.content_format = request.option(12)
        return CHANGED, b""


@contextmanager
def kitchen(port=0):
    node = Node("kitchen", address=AT, port=port, coap_port=0)
    node.publish("temperature", 21.5)
    node.publish("lines", "one\n\x1btwo\n")
    node.publish("large", LARGE)
    store = Store()
    node.add_resource("a b/c", Resource(get=store.get, put=store.put))
    node.add_resource("query", Resource(get=lambda request: (CONTENT, b"%r" % (request.options[1:],))))
    with answering(node):
        yield node


def at(node, path):
    return "coap://%s:%d/%s" % (AT, node.coap_port, path)


def test_what_is_there_is_printed():
    with kitchen() as node:
        run = helio("get", at(node, "temperature"))
        assert (run.returncode, run.stdout) == (0, "21.5\n")
        assert run.stderr.startswith("2.05, round trip ") and run.stderr.endswith(" ms\n")
        assert helio("get", at(node, "lines")).stdout == "one\n\\x1btwo\n"
        assert helio("get", at(node, "large")).stdout.startswith("\\x00\\x00")
        assert helio("get", at(node, "query?a=1&b=%20")).stdout == "[(15, b'a=1'), (15, b'b= ')]\n"


def test_bytes_go_to_a_file_unchanged(tmp_path):
    path = tmp_path / "found"
    with kitchen() as node:
        run = helio("get", at(node, "large"), "--output", path)
        assert (run.returncode, run.stdout) == (0, "") and path.read_bytes() == LARGE
        run = helio("get", at(node, "large"), "--output", tmp_path / "nowhere/found")
        assert run.returncode == 1 and len(run.stderr.splitlines()) == 1


def test_get_json():
    with kitchen() as node:
        found = json.loads(helio("get", "--json", at(node, "temperature")).stdout)
        assert set(found) == KEYS | {"format", "text"}
        assert (found["code"], found["ok"], found["format"], found["text"]) == ("2.05", True, 50, "21.5")
        assert (found["address"], found["port"]) == (AT, node.coap_port) and found["round_trip_ms"] > 0
        found = json.loads(helio("get", "--json", at(node, "large")).stdout)
        assert found["format"] == 42 and bytes.fromhex(found["hex"]) == LARGE


def test_the_host_may_be_the_name_of_a_node():
    port = free_port()
    with kitchen(port):
        run = helio("get", "--interface", HERE, "coap://kitchen/temperature", port=port)
        assert (run.returncode, run.stdout) == (0, "21.5\n")


def test_put_and_get_again(tmp_path):
    path = tmp_path / "payload"
    with kitchen() as node:
        uri = at(node, "a%20b/c")
        for text in ("21.5", "-5", "--", "größer", "", "two\nlines"):
            words = ("--", text) if text == "--" else (text,)
            run = helio("put", uri, *words)
            assert (run.returncode, run.stdout) == (0, "") and run.stderr.startswith("2.04, round trip "), run.stderr
            found = json.loads(helio("get", "--json", uri).stdout)
            assert (found["text"], found["format"]) == (text, 0)
        path.write_bytes(LARGE)
        assert helio("put", uri, "@%s" % path).returncode == 0
        found = json.loads(helio("get", "--json", uri).stdout)
        assert (bytes.fromhex(found["hex"]), found["format"]) == (LARGE, 42)
        run = subprocess.run(command("put", "--json", uri, "-"), input=b"from a pipe\n", capture_output=True)
        assert run.returncode == 0 and json.loads(run.stdout)["code"] == "2.04"
        assert helio("get", uri).stdout == "from a pipe\n"


def test_a_no_is_status_1_with_its_code():
    with kitchen() as node:
        run = helio("get", at(node, "nothing"))
        assert (run.returncode, run.stdout, run.stderr) == (1, "", "helio: not found (4.04)\n")
        run = helio("put", at(node, "temperature"), "22")
        assert (run.returncode, run.stderr) == (1, "helio: method not allowed (4.05)\n")
        run = helio("get", "--json", at(node, "nothing"))
        found = json.loads(run.stdout)
        assert set(found) == KEYS | {"error"} and (found["code"], found["ok"]) == ("4.04", False)
        assert json.loads(run.stderr) == {"error": "not found (4.04)"}


def test_nobody_answers():
    uri = "coap://%s:%d/x" % (AT, free_port())
    for words in (("get", uri), ("put", uri, "1")):
        run = helio(*words)
        assert run.returncode == 1 and "no helio on port" in run.stderr and not run.stdout
    with udp(AT) as mute:
        run = helio("get", "--json", "--timeout", 0.2, "coap://%s:%d/x" % mute.getsockname())
        found = json.loads(run.stdout)
        assert run.returncode == 1 and "no answer" in found["error"] and found["code"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("get",),
        ("get", "coaps://127.0.0.1/x"),
        ("get", "kitchen"),
        ("get", "coap://127.0.0.1/x", "more"),
        ("get", "--timeout", 0, "coap://127.0.0.1/x"),
        ("put", "coap://127.0.0.1/x"),
        ("put", "coap://127.0.0.1/x", "1", "2"),
        ("put", "coap://127.0.0.1/x", "@/nowhere/at-all"),
        ("put", "coap://127.0.0.1/x", "x" * 65537),
    ],
    ids=lambda words: " ".join(map(str, words))[:40],
)
def test_a_wrong_command_line_is_status_2(words):
    run = helio(*words)
    assert run.returncode == 2 and run.stdout == "" and run.stderr
    run = helio(*words, "--json")
    assert run.returncode == 2 and set(json.loads(run.stderr)) == {"error"}
