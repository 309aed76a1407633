"""Virtual boards end with their simulator, however it ends, and a clean end leaves nothing."""

import json
import signal

import pytest
from helio_command import Running, eventually

both = pytest.mark.parametrize("python", ["micropython", "cpython"])


def simulate(python):
    """`helio simulate` with two boards, as another program would run it."""
    network = ["--network", "127.0.21.0", "--port", "0", "--coap-port", "0"]
    return Running("simulate", "--json", "--boards", "2", "--python", python, *network)


def both_ready(running):
    for _ in range(2):
        running.out.until(lambda line: json.loads(line)["event"] == "ready")


@both
@pytest.mark.parametrize("when", ["starting", "ready"])
def test_boards_die_with_a_simulator_that_is_killed(python, when, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with simulate(python) as running:
        if when == "ready":
            both_ready(running)
            assert len(running.processes()) == 3
        else:
            assert eventually(lambda: len(running.processes()) > 1)
        running.process.kill()
        running.process.wait()
        assert running.leaves_nothing()


@both
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_clean_end_leaves_nothing(python, signum, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with simulate(python) as running:
        both_ready(running)
        assert len(list(tmp_path.iterdir())) == 2
        assert running.end(signum) == 0
        assert not running.processes()
        assert not list(tmp_path.iterdir())
