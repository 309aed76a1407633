"""`helio discover`: the nodes there are, or why there may be none."""

import json
import os

from helio_command import HERE, answering, free_port, helio

from helio.node import Node
from helio_host.everyone import why_nobody

AT = ("127.44.5.1", "127.44.5.2")
LOOPBACK = ("127.0.0.1", "127.255.255.255", "255.0.0.0")
HOME = ("192.168.1.20", "192.168.1.255", "255.255.255.0")


def discover(port, *words):
    return helio("discover", "--interface", HERE, "--timeout", 1, *words, port=port)


def test_each_node_once_by_name_and_what_it_understands():
    port = free_port()
    kitchen = Node("kitchen", address=AT[0], port=port, coap_port=0)
    kitchen.on("blink", "COUNT: flash the LED")(lambda message: None)
    attic = Node("attic", address=AT[1], port=port, coap_port=None)
    with answering(kitchen), answering(attic):
        run = discover(port)
        assert (run.returncode, run.stderr) == (0, "")
        heading, first, second = [line.split() for line in run.stdout.splitlines()]
        assert heading == ["name", "address", "board", "firmware", "messages"]
        assert first[:4] == ["attic", AT[1], "linux", "CPython"] and first[5:] == ["help", "ping", "status"]
        assert second[:2] == ["kitchen", AT[0]] and "blink" in second[5:]
        found = [json.loads(line) for line in discover(port, "--json").stdout.splitlines()]
        keys = {"name", "address", "port", "coap_port", "board", "firmware", "messages"}
        assert [set(node) for node in found] == [keys] * 2
        assert [node["coap_port"] for node in found] == [None, kitchen.coap_port]
        assert [node["port"] for node in found] == [port] * 2


def test_a_nodes_words_cannot_command_the_terminal():
    port = free_port()
    node = Node("kitchen", address=AT[0], port=port, coap_port=0)
    node.add_resource("\x1b[2J", node.coap().server.table[b"ping"])
    with answering(node):
        assert "\x1b" not in discover(port).stdout


def test_when_nothing_answers_it_says_why_that_might_be():
    port = free_port()
    run = discover(port)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("helio: no node answered in 1 s; asked on 127.0.0.0/8\n- ")
    assert "helio simulate" in run.stderr
    run = discover(port, "--json")
    assert run.returncode == 1 and set(json.loads(run.stderr)) == {"error"}


def test_the_reasons_are_those_of_this_machine(tmp_path):
    units = tmp_path / "run/systemd/units"
    units.mkdir(parents=True)
    text = why_nobody([HOME, LOOPBACK], 2, tmp_path)
    first, *reasons = text.split("\n")
    assert first == "no node answered in 2 s; asked on 192.168.1.0/24, 127.0.0.0/8"
    for words in ("not on Wi-Fi", "another network", "client isolation"):
        assert words in text
    assert len(reasons) == 3
    os.symlink("0123", units / "invocation:ufw.service")  # as systemd has it, leading nowhere
    text = why_nobody([HOME, LOOPBACK], 2, tmp_path)
    assert "ufw runs here and may drop what answers: let UDP in from 192.168.1.0/24" in text
    assert "nftables" not in text
    text = why_nobody([LOOPBACK], 2, tmp_path)
    assert "ufw" not in text and "isolation" not in text


def test_a_wrong_command_line_is_status_2():
    for words in (("--timeout", 0), ("--interface", "192.0.2.1"), ("more",)):
        run = helio("discover", *words)
        assert run.returncode == 2 and run.stdout == "" and run.stderr
