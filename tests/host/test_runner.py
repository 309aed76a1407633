"""The runner of `tests/conftest.py` proved: a test that fails anywhere fails in the report, with
its traceback; and an attached board, here a virtual one, runs the tests as well."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

from helio_host.virtual.simulator import Simulator

TESTS = Path(__file__).parent.parent

DUMMY = """
def helper(value):
    assert value == 2, "told apart"

def test_good():
    helper(2)

async def test_good_coroutine():
    helper(2)

def test_bad():
    helper(1)

async def test_bad_coroutine():
    helper(1)

def test_silent_exit():
    raise SystemExit
"""


def run_pytest(tmp_path, *options):
    """Run the dummy under a copy of the house; returns `(status, output)`."""
    for folder in ("shared", "device", "host"):
        (tmp_path / folder).symlink_to(TESTS.parent / folder)
    tests = tmp_path / "tests/shared"
    tests.mkdir(parents=True)
    shutil.copy(TESTS / "conftest.py", tmp_path / "tests")
    shutil.copy(TESTS / "shared/runner.py", tests)
    (tests / "test_dummy.py").write_text(DUMMY)
    command = [sys.executable, "-m", "pytest", "-v", "-rA", "--rootdir", str(tmp_path), *options, str(tests)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    return run.returncode, run.stdout + run.stderr


def test_every_failure_is_reported_with_its_traceback(tmp_path):
    status, output = run_pytest(tmp_path)
    assert status == 1
    for interpreter in ("cpython", "micropython"):
        for test in ("test_good", "test_good_coroutine"):
            assert "PASSED tests/shared/test_dummy.py::%s[%s]" % (test, interpreter) in output
        for test in ("test_bad", "test_bad_coroutine", "test_silent_exit"):
            assert "FAILED tests/shared/test_dummy.py::%s[%s]" % (test, interpreter) in output
    assert "4 passed" in output and "6 failed" in output
    assert output.count("in helper\nAssertionError: told apart") >= 2


def test_an_attached_board_runs_them_too(tmp_path):
    async def with_board():
        ready = asyncio.get_running_loop().create_future()

        def emit(event):
            if event["event"] == "ready" and not ready.done():
                ready.set_result(event["serial"])

        options = {"network": "127.0.40.0", "port": 0, "coap_port": 0, "python": "micropython", "heap_kb": 320}
        async with Simulator(emit, count=1, **options):
            serial = await asyncio.wait_for(ready, 30)
            return await asyncio.to_thread(run_pytest, tmp_path, "--board", serial, "-k", "board")

    status, output = asyncio.run(with_board())
    assert status == 1
    assert "PASSED tests/shared/test_dummy.py::test_good[board]" in output
    assert "FAILED tests/shared/test_dummy.py::test_bad[board]" in output
    assert "2 passed" in output and "3 failed" in output
    assert output.count("AssertionError: told apart") >= 2
