"""The command `helio` itself: what every subcommand does the same way."""

import json
import os
import subprocess
import sys

import pytest
from helio_command import HELIO, free_port, helio

import helio as core
from helio_host.cli import COMMANDS
from helio_host.installed import core_folder, data_folder
from helio_host.ports import port_holder


def test_version():
    run = helio("--version")
    assert (run.returncode, run.stdout, run.stderr) == (0, "helio %s\n" % core.__version__, "")


def test_no_command_shows_the_commands():
    run = helio()
    assert run.returncode == 2
    assert set(COMMANDS) <= set((run.stdout + run.stderr).split())


@pytest.mark.parametrize("words", [("bogus",), ("--bogus",), ("listen", "--bogus"), ("simulate", "--boards", "no")])
def test_a_wrong_command_line_is_status_2_and_stderr_says_why(words):
    run = helio(*words)
    assert run.returncode == 2 and run.stdout == "" and words[-1] in run.stderr
    assert len(run.stderr.splitlines()) == 1 and run.stderr.startswith("helio: ") and "--help" in run.stderr
    run = helio(*words, "--json")
    assert run.returncode == 2 and run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert set(json.loads(line)) == {"error"}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name):
    run = helio(name, "--help")
    assert run.returncode == 0 and run.stdout.startswith("Usage: helio " + name)
    assert run.stderr == ""


ONLY_VERSION = """
import sys
from helio_host.cli import main

sys.argv[1:] = ["--version"]
try:
    main()
finally:
    print(*sorted({"rich", "asyncio", "helio.node", "helio_host.virtual"} & set(sys.modules)))
"""


def test_the_start_imports_little():
    run = subprocess.run([sys.executable, "-c", ONLY_VERSION], capture_output=True, text=True)
    assert run.stdout.splitlines()[1:] == [""], run.stderr


@pytest.mark.parametrize("words", [["--version"], ["demo", "--fast", "--json"]])
def test_a_stdout_that_nobody_reads_is_no_failure(words):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = helio(*words, stdout=writing)
    finally:
        os.close(writing)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_stdout_that_was_never_open():
    run = subprocess.run(["sh", "-c", '"$0" --version >&-', HELIO], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_is_one_line():
    with open("/dev/full", "w") as full:
        run = helio("help", stdout=full)
    assert run.returncode == 1 and len(run.stderr.splitlines()) == 1


def test_a_terminal_that_speaks_no_unicode_ends_nothing():
    run = helio("demo", "--fast", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert run.returncode == 0 and run.stdout.isascii()


def test_data_folders():
    assert (data_folder("device") / "main.py").is_file()
    assert (data_folder("boards") / "virtual.toml").is_file()
    assert (core_folder() / "node.py").is_file()


def test_nobody_holds_a_free_port():
    assert port_holder(free_port(), ["127.0.0.1"]) == ""
