"""`helio help TARGET`: what a node understands."""

import json

from helio_command import HERE, answering, free_port, helio

from helio.node import Node

AT = "127.44.3.1"
BUILT_IN = {"help", "ping", "status"}


def kitchen(port=0):
    node = Node("kitchen", address=AT, port=port, coap_port=0)
    node.on("blink", "COUNT: flash the LED")(lambda message: None)
    node.on("bare")(lambda message: None)
    return answering(node)


def test_each_message_with_its_use():
    with kitchen() as node:
        for words in (("%s:%d" % (AT, node.coap_port),), ("--plain", "%s:%d" % (AT, node.port))):
            run = helio("help", *words)
            assert (run.returncode, run.stderr) == (0, "")
            lines = run.stdout.splitlines()
            assert "blink COUNT: flash the LED" in lines and "bare" in lines
            assert {line.split()[0] for line in lines} == BUILT_IN | {"blink", "bare"}


def test_json_is_one_object_a_message():
    port = free_port()
    with kitchen(port):
        run = helio("help", "--json", "--interface", HERE, "kitchen", port=port)
        usage = {row["name"]: row["usage"] for row in map(json.loads, run.stdout.splitlines())}
        assert usage["blink"] == "COUNT: flash the LED" and usage["bare"] == ""
        assert set(usage) == BUILT_IN | {"blink", "bare"}


def test_options_may_follow_the_target():
    with kitchen() as node:
        assert json.loads(helio("help", "%s:%d" % (AT, node.coap_port), "--json").stdout.splitlines()[0])


def test_nobody_there():
    target = "%s:%d" % (AT, free_port())
    run = helio("help", target)
    assert run.returncode == 1 and "no helio on port" in run.stderr and not run.stdout
    run = helio("help", "--json", target)
    assert run.returncode == 1 and set(json.loads(run.stderr)) == {"error"}
    assert helio("help", "300.1.1.1").returncode == 2


def test_without_a_target_it_is_the_commands_own():
    run = helio("help")
    assert run.returncode == 0 and run.stdout == helio("--help").stdout
