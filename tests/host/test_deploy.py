"""`helio deploy`, `run` and `reset` as a user types them, on a virtual board's serial port."""

import json
import os
import signal
import subprocess
import threading
from contextlib import contextmanager

import pytest
from helio_command import HELIO, TIMEOUT_S, Running, Terminal, helio

from helio.errors import HelioError, UsageError
from helio_host.board_prompt import BoardPrompt
from helio_host.deploying import deploy as deploying
from helio_host.deploying.contents import LOCK, contents, digest
from helio_host.installed import data_folder

BLINKS = """
from led import led
print("version 1 runs")
"""

LOOKS = """
import sys
print("Traceback (most recent call last):")
try:
    1 / 0
except ZeroDivisionError as error:
    sys.print_exception(error)
"""


@contextmanager
def board(tmp_path, address):
    """`(serial port, the simulator)` of a virtual board."""
    words = ("simulate", "--json", "--network", address, "--port", 0, "--coap-port", 0)
    with Running(*words, TMPDIR=str(tmp_path)) as simulator:
        ready = json.loads(simulator.out.until(lambda line: '"ready"' in line))
        yield ready["serial"], simulator


def test_the_whole_then_nothing_then_one_file(tmp_path):
    program = tmp_path / "blinks.py"
    program.write_text(BLINKS)
    with board(tmp_path, "127.0.70.0") as (port, simulator):
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 0, run.stderr
        counts, *said = run.stdout.splitlines()
        changed, unchanged = [int(word.split()[0]) for word in counts.split(", ")[:2]]
        # in place of the source that `simulate` lays there
        assert changed > 50 and unchanged < 5 and "removed" not in counts
        with BoardPrompt(port) as prompt:
            assert "node.py" not in prompt.run("import os; print(os.listdir('/lib/helio'))")
        assert "version 1 runs" in said
        again = helio("deploy", program, "--port", port)
        assert again.stdout.startswith("0 changed, %d unchanged, in " % (changed + unchanged)), again.stdout
        program.write_text(BLINKS.replace("1", "2"))
        elsewhere = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "other")}  # a desk that never saw this board
        found = json.loads(helio("deploy", program, "--port", port, "--json", env=elsewhere).stdout)
        assert (found["changed"], found["removed"]) == (1, 0) and found["sent"] < 8000
        with BoardPrompt(port) as prompt:
            assert "LED" not in prompt.run("import led; print(led.__file__)")
            lock = json.loads(prompt.run("print(open(%r).read())" % LOCK))["files"]
            assert lock["/main.py"]["sha256"] == digest(program.read_bytes())
            assert prompt.run("import os; print('/lib/helio/node.mpy'[-8:] in os.listdir('/lib/helio'))") == "True\n"


def test_a_folder_and_back(tmp_path):
    folder = tmp_path / "program"
    (folder / "parts").mkdir(parents=True)
    (folder / "main.py").write_text("import util\nfrom parts import lamp\nprint(util.NAME, lamp.COLOUR)\n")
    (folder / "util.py").write_text("NAME = 'lamp'\n")
    (folder / "parts/lamp.py").write_text("COLOUR = 'red'\n")
    (folder / ".hidden").write_text("")
    with board(tmp_path, "127.0.71.0") as (port, _):
        run = helio("deploy", folder, "--port", port, "--source")
        assert "lamp red" in run.stdout, run.stdout + run.stderr
        run = helio("deploy", folder, "--port", port)
        assert "lamp red" in run.stdout, run.stdout + run.stderr
        run = helio("deploy", "--port", port)
        assert ", 2 removed, in" in run.stdout, run.stdout
        with BoardPrompt(port) as prompt:
            assert "parts" not in prompt.run("import os; print(os.listdir('/'))")


def test_a_program_that_fails_at_start_is_shown(tmp_path):
    program = tmp_path / "fails.py"
    program.write_text("print('before')\n1 / 0\n")
    with board(tmp_path, "127.0.72.0") as (port, simulator):
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 1 and "ZeroDivisionError" in run.stdout and "before" in run.stdout
        assert run.stderr.splitlines()[-1].startswith("helio: the program ended with an error")
        run = helio("reset", "--port", port)
        assert run.returncode == 1 and "ZeroDivisionError" in run.stdout and "mend it" in run.stderr
        run = helio("deploy", program, "--port", port, "--json")
        found = json.loads(run.stdout)  # one object
        assert run.returncode == 1 and run.stderr == "" and not found["ok"], run.stderr
        assert found["error"] == "the program ended with ZeroDivisionError: divide by zero"
        assert found["traceback"].startswith("Traceback") and 'File "main.py", line 2' in found["traceback"]
        program.write_text("print('mended')\n")
        assert "mended" in helio("deploy", program, "--port", port).stdout


def test_what_only_looks_like_a_failure_is_none(tmp_path):
    program = tmp_path / "looks.py"
    program.write_text(LOOKS)
    with board(tmp_path, "127.0.90.0") as (port, simulator):
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 0 and "ZeroDivisionError" in run.stdout, run.stderr
        run = helio("deploy", program, "--port", port, "--json")
        assert run.returncode == 0 and json.loads(run.stdout)["ok"], run.stdout
        program.write_text(LOOKS + "raise ValueError('at last')\n")
        found = json.loads(helio("deploy", program, "--port", port, "--json").stdout)
        assert found["error"] == "the program ended with ValueError: at last"
        assert "ZeroDivisionError" not in found["traceback"]
        threading.Thread(target=simulator.out.rest, daemon=True).start()  # it would wait for a reader
        program.write_text("for _ in range(2000): print('spam ' * 20)\nraise ValueError('after much')\n")
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 1 and "ValueError: after much" in run.stdout


def test_a_deploy_that_comes_to_nothing_costs_nothing(tmp_path):
    program = tmp_path / "main.py"
    program.write_text("def f(:\n")
    (tmp_path / "boot.py").write_text("")
    with board(tmp_path, "127.0.94.0") as (port, simulator):
        for words, said in (((program,), "does not compile"), ((tmp_path,), "helio's own boot.py"), ((), "")):
            run = helio("deploy", *words, "--port", port)
            assert said in run.stderr and run.returncode == (0 if not said else 2 if "own" in said else 1), run.stderr
            simulator.out.until(lambda line: '"ready"' in line)
        with Running("deploy", "--source", "--port", port) as run:
            run.err.until(lambda line: "starts anew" in line)
            run.end(signal.SIGINT)
        simulator.out.until(lambda line: '"ready"' in line)
        with Terminal("setup", "--port", port) as terminal:
            terminal.until(b"called?")
            terminal.interrupt()
            terminal.until(b"interrupted")
        simulator.out.until(lambda line: '"ready"' in line)


def test_up_keeps_a_program_that_is_there(tmp_path):
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "main.py").write_text(BLINKS + (data_folder("device") / "main.py").read_text())
    (folder / "part.py").write_text("")
    with board(tmp_path, "127.0.95.0") as (port, _):
        for program, is_kept in ((None, False), (folder, True)):
            helio("deploy", *([program] if program else []), "--port", port)
            run = helio("up", "--port", port)
            assert ("its program is kept" in run.stderr) == is_kept, run.stderr
            assert run.stdout.splitlines()[1].startswith("0 changed, ") and "removed" not in run.stdout, run.stdout
        run = helio("deploy", folder, "--port", port)
        assert run.stdout.startswith("0 changed, ") and "version 1 runs" in run.stdout
        with BoardPrompt(port) as prompt:
            prompt.run("import os; os.remove('/lib/helio.lock'); os.remove('/lib/helio/node.mpy')")
        run = helio("up", "--port", port)
        assert "its program is kept" in run.stderr and "removed" not in run.stdout, run.stderr
        with BoardPrompt(port) as prompt:
            assert prompt.run(
                "import os; print('node.mpy' in os.listdir('/lib/helio'), 'part.mpy' in os.listdir())"
            ) == ("True True\n")


@pytest.mark.parametrize(
    "text",
    [
        "n = 0\nwhile True:\n    n += 1\n    print('spam', n, 60 * 'x')\n",
        "a = []\nwhile True: a.append(bytearray(1000))\n",
    ],
)
def test_after_a_program_that_knows_no_end_the_board_runs_on(tmp_path, text):
    program = tmp_path / "endless.py"
    program.write_text(text)
    with board(tmp_path, "127.0.98.0") as (port, simulator):
        threading.Thread(target=simulator.out.rest, daemon=True).start()  # it would wait for a reader
        with Running("run", program, "--port", port) as run:
            if "spam" in text:
                run.out.next()
                run.process.send_signal(signal.SIGINT)
                run.out.rest()
            assert run.process.wait(TIMEOUT_S) == (0 if "spam" in text else 1)
        run = helio("deploy", program, "--port", port)
        assert run.returncode == (0 if "spam" in text else 1), run.stderr
        run = helio("deploy", "--port", port)
        assert run.returncode == 0 and "Wi-Fi: joined" in run.stdout, run.stderr


def test_a_program_that_starts_the_board_anew_ends_run(tmp_path):
    program = tmp_path / "resets.py"
    program.write_text("import machine\nmachine.reset()\n")
    with board(tmp_path, "127.0.96.0") as (port, _):
        run = helio("run", program, "--port", port)
        assert run.returncode == 1 and "the program started the board at %s anew" % port in run.stderr, run.stderr


def test_a_program_that_ends_is_told(tmp_path):
    program = tmp_path / "ends.py"
    with board(tmp_path, "127.0.91.0") as (port, _):
        program.write_text("print('over')\n")
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 0 and run.stdout.endswith("over\n"), run.stderr
        assert "no program runs there now" in run.stderr
        program.write_text("import sys\nsys.exit()\n")
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 1 and "main.py is left alone: it ended with sys.exit()" in run.stdout
        program.write_text("import sys\nprint('now')\nsys.exit()\n")
        for _ in range(2):
            run = helio("run", program, "--port", port)
            assert run.returncode == 0 and run.stdout == "now\n", run.stderr
        program.write_bytes(b"\xe9\0\0\x02")
        run = helio("run", program, "--port", port)
        assert run.returncode == 2 and "no Python program" in run.stderr


def test_a_program_that_filled_the_heap_is_replaced(tmp_path):
    program = tmp_path / "hoards.py"
    program.write_text("hoard = []\nwhile True: hoard.append(bytearray(1000))\n")
    with board(tmp_path, "127.0.77.0") as (port, simulator):
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 1 and "\nMemoryError" in run.stdout, run.stdout
        with BoardPrompt(port) as prompt, pytest.raises(HelioError, match="MemoryError"):
            prompt.run("hoard = []\nwhile True: hoard.append(bytearray(1000))")  # and it holds that still
        program.write_text("print('mended')\n")
        run = helio("deploy", program, "--port", port)
        assert run.returncode == 0 and "mended" in run.stdout, run.stderr


def test_what_does_not_compile_is_not_sent(tmp_path):
    program = tmp_path / "wrong.py"
    program.write_text("print(\n")
    with board(tmp_path, "127.0.73.0") as (port, _):
        run = helio("deploy", program, "--port", port)
    assert run.returncode == 1 and "wrong.py does not compile" in run.stderr and "SyntaxError" in run.stderr
    assert not run.stdout


def test_each_save_is_deployed(tmp_path):
    program = tmp_path / "saved.py"
    program.write_text("print('save 1 runs')\n")
    with board(tmp_path, "127.0.74.0") as (port, _):
        with Running("deploy", program, "--port", port, "--watch") as watch:
            watch.out.until(lambda line: "save 1 runs" in line)
            new = tmp_path / "saved.py~"  # as editors do
            new.write_text("print('save 2 runs')\n")
            os.replace(new, program)
            watch.out.until(lambda line: "save 2 runs" in line)
            program.write_text("print(\n")
            watch.err.until(lambda line: "does not compile" in line)
            program.write_text("print('save 3 runs')\n")
            watch.out.until(lambda line: "save 3 runs" in line)
            program.unlink()
            watch.err.until(lambda line: "saved.py is not there any more" in line)
            assert watch.end(signal.SIGINT) == 0


def test_run_and_reset(tmp_path):
    program = tmp_path / "once.py"
    program.write_text("print('it runs')\nprint(6 * 7)\n")
    with board(tmp_path, "127.0.75.0") as (port, simulator):
        run = helio("run", program, "--port", port)
        assert (run.returncode, run.stdout.replace("\r", "")) == (0, "it runs\n42\n"), run.stderr
        program.write_text("1 / 0\n")
        run = subprocess.run([HELIO, "run", program, "--port", port], capture_output=True, text=True, timeout=TIMEOUT_S)
        assert run.returncode == 1 and "ZeroDivisionError" in run.stderr
        assert run.stderr.splitlines()[-1] == "helio: %s ended with an error" % program
        assert 'File "%s", line ' % program in run.stderr and "<stdin>" not in run.stderr
        simulator.out.until(lambda line: '"ready"' in line)
        assert "Wi-Fi: joined" in helio("reset", "--port", port).stdout
        simulator.out.until(lambda line: '"ready"' in line)
        program.write_text("print('endless')\nwhile True: pass\n")
        with Running("run", program, "--port", port) as running:
            running.out.until(lambda line: "endless" in line)
            assert running.end(signal.SIGINT) == 0
        simulator.out.until(lambda line: '"ready"' in line)  # its own program runs again


def test_the_console_is_left_by_its_key(tmp_path):
    with board(tmp_path, "127.0.76.0") as (port, _), Terminal("console", "--port", port) as terminal:
        terminal.until(b"Ctrl-] leaves")
        terminal.until_raw()
        terminal.type(b"\x03")
        terminal.until(b">>> ")
        terminal.type(b"print(6 * 7)\r")
        terminal.until(b"42")
        terminal.type(b"\x1d")  # Ctrl-]
        assert terminal.status() == 0


class FullBoard:
    """Says that it has nothing, and room for ten blocks."""

    device = "PORT"

    def run(self, code):
        if "look(" in code:
            return json.dumps([None, [], [], 10, 512, None])
        return "6"


def test_what_does_not_fit_is_said_before_anything_is_written():
    with pytest.raises(HelioError, match=r"it does not fit: \d+ KB are needed and 5 KB are free"):
        deploying.deploy(FullBoard(), None, is_source=False)


def test_a_board_that_starts_anew_meanwhile_is_told(tmp_path):
    with board(tmp_path, "127.0.78.0") as (port, _), BoardPrompt(port) as prompt:
        with pytest.raises(HelioError, match="broke off.*Run it again"):
            prompt.run("import machine; machine.reset()", timeout_s=1)


def test_a_file_system_that_is_full_is_told(tmp_path):
    with board(tmp_path, "127.0.76.0") as (port, _), BoardPrompt(port) as prompt:
        with pytest.raises(HelioError, match="is full: remove files of yours"):
            prompt.run("raise OSError(28)")
        with pytest.raises(HelioError, match="says ZeroDivisionError"):
            prompt.run("1 / 0")


def test_what_a_program_may_not_have(tmp_path):
    (tmp_path / "util.py").write_text("")
    with pytest.raises(UsageError, match="has no main.py"):
        contents(tmp_path, None)
    (tmp_path / "main.py").write_text("")
    names = ("boot.py", "boot.mpy", "helio.py", "helio/x.py", "starts.py", "settings.py", "led.py", "lib/x.py")
    taken = [(name, "helio's own %s: give yours" % name.split("/")[0]) for name in names]
    for name, said in (("settings.json", "helio setup"), *taken):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
        with pytest.raises(UsageError, match=said):
            contents(tmp_path, None)
        path.unlink()
        if path.parent != tmp_path:
            path.parent.rmdir()
    assert "/util.py" in contents(tmp_path, None)
    with pytest.raises(HelioError, match="use --source"):
        contents(None, 5)


def test_a_console_without_a_terminal():
    run = helio("console", "--port", "/dev/ttyUSB99")
    assert run.returncode == 2 and "run it at a terminal" in run.stderr


def test_wrong_words_are_told(tmp_path):
    program = tmp_path / "main.py"
    program.write_text("")
    assert helio("deploy", program, "--all", "--port", "x").returncode == 2
    assert helio("deploy", "--watch", "--port", "x").returncode == 2
    run = helio("deploy", program, "--port", "/dev/ttyUSB99")
    assert run.returncode == 1 and "there is no port /dev/ttyUSB99" in run.stderr
    run = helio("deploy", program, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert run.returncode == 1 and "no board is plugged in" in run.stderr
