"""`helio ping`: a line a try, and what they come to."""

import json
import signal

import pytest
from helio_command import HERE, Running, answering, free_port, helio, udp

from helio.node import Node
from helio_host.commands.ping import summary

AT = "127.44.4.1"
SUMMARY = {"tries", "answers", "loss_percent", "minimum_ms", "median_ms", "p95_ms"}


def kitchen(port=0):
    return answering(Node("kitchen", address=AT, port=port, coap_port=0))


def at(node):
    return "%s:%d" % (AT, node.coap_port)


def test_a_line_a_try_then_the_summary():
    with kitchen() as node:
        run = helio("ping", at(node), "--count", 2)
        assert (run.returncode, run.stderr) == (0, "")
        first, second, last = run.stdout.splitlines()
        assert first.startswith("1  %s port %d  " % (AT, node.coap_port)) and first.endswith(" ms")
        assert second.startswith("2  ")
        assert last.startswith("2 of 2 answered, 0 % lost; minimum ")


def test_json():
    port = free_port()
    with kitchen(port) as node:
        run = helio("ping", "--json", "--interface", HERE, "--count", 2, "kitchen", port=port)
        *tries, last = [json.loads(line) for line in run.stdout.splitlines()]
        assert [set(found) for found in tries] == [{"try", "address", "port", "ok", "round_trip_ms"}] * 2
        assert tries[0]["ok"] is True and (tries[0]["address"], tries[0]["port"]) == (AT, node.coap_port)
        assert set(last) == {"summary"} and set(last["summary"]) == SUMMARY
        times_ms = sorted(found["round_trip_ms"] for found in tries)
        assert last["summary"]["minimum_ms"] == times_ms[0] > 0 and last["summary"]["p95_ms"] == times_ms[1]


def test_nothing_answers():
    target = "%s:%d" % (AT, free_port())
    run = helio("ping", target, "--count", 1)
    assert run.returncode == 1 and "no helio on port" in run.stdout
    assert "0 of 1 answered, 100 % lost" in run.stdout and run.stderr == "helio: %s did not answer\n" % target
    with udp(AT) as mute:
        run = helio("ping", "--json", "%s:%d" % mute.getsockname(), "--count", 1)
        assert run.returncode == 1 and set(json.loads(run.stderr)) == {"error"}
        tried, last = [json.loads(line) for line in run.stdout.splitlines()]
        assert tried["ok"] is False and tried["round_trip_ms"] is None and "no answer" in tried["error"]
        assert last["summary"]["loss_percent"] == 100 and last["summary"]["median_ms"] is None
        assert len(mute.recv(100)) == 4  # sent once
        mute.setblocking(False)
        with pytest.raises(BlockingIOError):
            mute.recv(100)


def test_loss_and_the_95th_percentile():
    assert summary([]) == {
        "tries": 0, "answers": 0, "loss_percent": 0.0, "minimum_ms": None, "median_ms": None, "p95_ms": None,
    }  # fmt: skip
    for count, p95 in ((1, 1), (2, 2), (19, 19), (20, 19), (21, 20), (40, 38), (100, 95)):
        assert summary(list(range(count, 0, -1)))["p95_ms"] == p95
    found = summary([3.0, None, 1.0, 2.0, None, 10.0])
    assert (found["answers"], found["loss_percent"], found["minimum_ms"], found["median_ms"]) == (4, 33.3, 1.0, 2.5)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_sums_up(signum):
    with kitchen() as node, Running("ping", "--count", 1000, at(node)) as ping:
        ping.out.next()
        assert ping.end(signum) == 0
        assert "lost; minimum" in ping.out.rest()


def test_a_closed_stdout_ends_it():
    with kitchen() as node, Running("ping", "--count", 1000, at(node)) as ping:
        ping.out.next()
        ping.out.close()
        assert ping.wait() == 0


def test_a_wrong_command_line_is_status_2():
    for words in (("300.1.1.1",), (AT, "--count", 0), (), ("kitchen", "--interface", "lo")):
        run = helio("ping", *words)
        assert run.returncode == 2 and run.stdout == "" and run.stderr
