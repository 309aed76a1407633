"""`helio setup` as a user types it, on a virtual board's serial port."""

import json
import subprocess

import pytest
from helio_command import HELIO, TIMEOUT_S, Terminal, helio
from test_deploy import board

from helio_host.board_prompt import BoardPrompt
from helio_host.deploying.settings import BoardSettings

SECRET = "correct horse battery"


def set_up(port, *words, passwords=None):
    """What `helio setup WORDS` said, and its status; the passwords are in none of it."""
    run = subprocess.run(
        [HELIO, "setup", "--port", port, *words, *(["--password-stdin"] if passwords is not None else [])],
        input=passwords or "",
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert "Traceback" not in run.stderr, run.stderr
    for password in (passwords or "").split("\n"):
        assert not password or password not in (run.stdout + run.stderr).replace("helio-virtual", "")
    return run


def values(port):
    with BoardPrompt(port) as prompt:
        found = BoardSettings(prompt).values
    return found


def test_a_board_gets_its_name_and_joins(tmp_path):
    with board(tmp_path, "127.0.80.0") as (port, simulator):
        run = set_up(port, "--name", "kitchen", "--wifi", "helio-virtual", passwords="virtual\n")
        assert run.returncode == 0, run.stderr
        assert run.stdout == "%s is kitchen, has the address 127.0.80.2\n" % port
        simulator.out.until(lambda line: '"ready"' in line)
        found = values(port)
        assert found["name"] == "kitchen" and found["led"]["kind"] == "neopixel"
        assert found["wifi"] == [{"ssid": "helio-virtual", "password": "virtual"}]
        # a second network, and a setting of the user's own, which stays
        with BoardPrompt(port) as prompt:
            settings = BoardSettings(prompt)
            settings.values["mine"] = [1, {"a": None}]
            settings.store()
        words = ("--wifi", "away", "--wifi", "helio-virtual", "--json")
        run = set_up(port, *words, passwords=SECRET + "\nvirtual\n")
        assert json.loads(run.stdout) == {
            "port": port,
            "name": "kitchen",
            "wifi": ["away", "helio-virtual"],
            "address": "127.0.80.2",
        }, run.stderr
        found = values(port)
        assert found["mine"] == [1, {"a": None}] and found["wifi"][0] == {"ssid": "away", "password": SECRET}
        run = set_up(port, "--wifi", "helio-virtual")  # whose password it knows
        assert run.returncode == 0 and values(port)["wifi"][0]["password"] == "virtual", run.stderr


@pytest.mark.parametrize(
    ("ssid", "password", "said"),
    (
        ("helio-virtual", "sesame", "the password of 'helio-virtual' is wrong"),
        ("away", "", "no network 'away' is seen"),
        ("helio-no-addresses", "virtual", "'helio-no-addresses' took the board in but gave it no address"),
    ),
)
def test_why_it_did_not_join(tmp_path, ssid, password, said):
    with board(tmp_path, "127.0.81.0") as (port, simulator):
        run = set_up(port, "--wifi", ssid, passwords=password + "\n")
        assert run.returncode == 1, run.stdout
        assert run.stderr.splitlines()[-1].startswith("helio: the settings are stored, but the board did not join: ")
        assert said in run.stderr


def test_what_is_missing_is_told(tmp_path):
    with board(tmp_path, "127.0.82.0") as (port, _):
        run = set_up(port, "--wifi", "a", "--wifi", "b", passwords="one\n")
        assert run.returncode == 2 and "needs a line for each --wifi, 2; there are 1" in run.stderr
        run = set_up(port, "--wifi", "a")
        assert run.returncode == 2 and "pipe it in, with --password-stdin" in run.stderr
        assert set_up(port, "--name", "two words").returncode == 2
        assert set_up(port, "--board", "none").returncode == 2
        run = set_up(port, "--wifi", "é" * 17, passwords="x\n")
        assert run.returncode == 2 and "1 to 32 bytes" in run.stderr
    assert helio("setup", "--port", "/dev/ttyUSB99").returncode == 1


def test_settings_that_cannot_be_read_are_kept(tmp_path):
    broken = '{"name": "b4", "wifi": [{"ssid": "a", "password": "%s"}], "wlan": "x"' % SECRET
    with board(tmp_path, "127.0.85.0") as (port, _):
        with BoardPrompt(port) as prompt:
            prompt.run("with open('/settings.json', 'w') as file:\n    file.write(%r)" % broken)
        run = set_up(port, "--name", "b5")
        assert run.returncode == 0 and "settings.json.bad" in run.stderr, run.stderr
        with BoardPrompt(port) as prompt:
            assert prompt.run("print(open('/settings.json.bad').read())").rstrip("\n") == broken
        assert values(port)["name"] == "b5"


def test_what_is_no_text_is_refused(tmp_path):
    with board(tmp_path, "127.0.86.0") as (port, _):
        before = values(port)
        words = [HELIO, "setup", "--port", port, "--name", "four", "--password-stdin", "--wifi"]
        for ssid, password in ((b"helio-virtual", b"k\xfcche123\n"), (b"k\xfcche", b"virtual123\n")):
            run = subprocess.run([*words, ssid], input=password, capture_output=True, timeout=TIMEOUT_S)
            assert run.returncode == 2 and b"UTF-8" in run.stderr and b"Traceback" not in run.stderr, run.stderr
        assert values(port) == before
        # as an earlier helio may have left it there
        for text in ('{"wifi": "k\\udcfcche"}', '{"wifi": null}', "[5]"):
            with BoardPrompt(port) as prompt:
                prompt.run("with open('/settings.json', 'w') as file:\n    file.write(%r)" % text)
            run = set_up(port, "--name", "four")
            assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("break_off", [Terminal.interrupt, lambda terminal: terminal.type(b"\x04")])
def test_a_question_that_is_broken_off_is_one_line(tmp_path, break_off):
    with board(tmp_path, "127.0.84.0") as (port, _), Terminal("setup", "--port", port) as terminal:
        terminal.until(b"called?")
        break_off(terminal)
        terminal.until(b"helio: interrupted before it was done")
        assert terminal.status() == 1
        assert b"Traceback" not in terminal.said


@pytest.mark.parametrize("name", ["all", "-x", "two words"])
def test_what_cannot_name_a_board(name):
    run = helio("setup", "--port", "/dev/ttyUSB99", "--name", name)
    assert run.returncode == 2 and "a name has letters" in run.stderr


def test_at_a_terminal_it_asks(tmp_path):
    with board(tmp_path, "127.0.83.0") as (port, _):
        with BoardPrompt(port) as prompt:
            settings = BoardSettings(prompt)
            settings.values = {}
            settings.store()
        with Terminal("setup", "--port", port) as terminal:
            for question, answer in (
                (b"called?", b"two words\n"),
                (b"got 'two words'", b"bedroom\n"),
                (b"Which Wi-Fi", b"\n"),  # the strongest
                (b"Password of helio-virtual", b"virtual\n"),
            ):
                terminal.until(question)
                terminal.type(answer)
            terminal.until(b"is bedroom, has the address 127.0.83.2")
            assert terminal.status() == 0
        assert b"helio-no-addresses  (-60 dBm)" in terminal.said
        assert terminal.said.count(b"virtual") == terminal.said.count(b"helio-virtual")
