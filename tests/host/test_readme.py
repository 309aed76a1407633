"""What the README shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from helio_command import Running, helio
from web_upstream import Serving

from helio_host.serving.sources import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()
# what is followed by what it prints
COMMANDS = re.findall(r"```\nuv run helio ((?:feed|weather) [^\n]*)\n```\n\n```\n(.*?)```\n", TEXT, re.S)
SIMULATED = re.findall(r"```\nuv run helio (simulate --app [^\n]*)\n```\n\n```\n(.*?)```\n", TEXT, re.S)
SERVED = re.findall(
    r"uv run helio serve ([^\n]*)\n```.*?curl -s 'http://127.0.0.1:8080([^']*)'\n```\n\n```\n(.*?)```\n", TEXT, re.S
)
READ = re.findall(r"```\nuv run helio read 'http://127.0.0.1:8080/([^']*)'\n```\n\n```\n(.*?)```\n", TEXT, re.S)
WEB_PROGRAMS = re.findall(r"```python\n([^`]*127\.0\.0\.1:8080[^`]*)```\n\n```\n([^`]*)```\n", TEXT)
PROGRAMS = re.findall(r"```python\n([^`]*tests/examples/[^`]*)```\n\n```\n([^`]*)```\n", TEXT)


def test_the_recording_of_the_demo_is_what_the_demo_prints():
    run = helio("demo", "--fast")
    assert run.returncode == 0, run.stderr
    assert "```\n%s```\n" % run.stdout in TEXT


def test_there_are_examples():
    assert (len(COMMANDS), len(SIMULATED), len(PROGRAMS)) == (2, 1, 2)


@pytest.mark.parametrize(("words", "printed"), COMMANDS)
def test_a_command_prints_what_is_shown(words, printed):
    run = helio(*words.split(), cwd=ROOT)
    assert (run.returncode, run.stdout) == (0, printed), run.stderr


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_a_program_prints_what_is_shown(program, printed):
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, printed), run.stderr


def test_a_board_prints_what_is_shown(monkeypatch):
    ((words, printed),) = SIMULATED
    monkeypatch.chdir(ROOT)
    with Running(*words.split(), "--heap", 160, "--network", "127.45.7.0", "--port", 0, "--coap-port", 0) as boards:
        assert [boards.out.next() for _ in printed.splitlines()] == printed.splitlines()


def test_what_is_served_is_what_is_shown(tmp_path):
    ((words, path, shown),) = SERVED
    sources = [word.replace("=", "=%s/" % ROOT) for word in words.split()]
    with Serving(*sources, cache=tmp_path, address="127.51.6.1") as serve:
        assert serve.get(path).text == shown


def test_what_is_read_from_the_web_is_what_is_shown(tmp_path):
    sources = [word.replace("=", "=%s/" % ROOT) for word in SERVED[0][0].split()]
    assert (len(READ), len(WEB_PROGRAMS)) == (1, 2)
    with Serving(*sources, cache=tmp_path, address="127.51.7.1") as serve:
        ((path, printed),) = READ
        assert helio("read", serve.url + path).stdout == printed
        for program, printed in WEB_PROGRAMS:
            program = program.replace("http://127.0.0.1:8080/", serve.url)
            run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
            assert (run.stderr, run.stdout) == ("", printed)


def test_the_configuration_shown_is_one(tmp_path):
    (tmp_path / "feeds").mkdir()
    (tmp_path / "serve.toml").write_text(*re.findall(r"```toml\n(.*?)```", TEXT, re.S))
    config = load(tmp_path / "serve.toml")
    assert config.problems == [] and [source.problem for source in config.sources] == [None, None, None]


def test_the_example_is_the_file():
    assert "```python\n%s```\n" % (ROOT / "tests/examples/titles.py").read_text() in TEXT
