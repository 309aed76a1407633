"""The wheel is enough: installed elsewhere, with an empty PATH, the demo runs."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT, missing

TIMEOUT_S = 300  # the dependencies may come over the network


def uv(*words):
    """Run `uv WORDS` from a folder that is not the checkout."""
    command = os.environ.get("UV") or shutil.which("uv")  # `uv run` tells where it is
    if not command:
        missing("uv")
    run = subprocess.run([command, *map(str, words)], cwd="/", capture_output=True, text=True, timeout=TIMEOUT_S)
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The path of a wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_the_core_the_command_and_their_data_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, inside in (
        ("shared/helio", "helio"),
        ("host/helio_host", "helio_host"),
        ("device", "helio_host/device"),
        ("boards", "helio_host/boards"),
    ):
        files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".toml")]
        assert files and {"%s/%s" % (inside, path.relative_to(ROOT / folder).as_posix()) for path in files} <= names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"helio", "helio_host"}
    assert not [name for name in names if "test" in name or name.endswith((".pyc", ".lock"))]


def test_installed_it_runs_away_from_the_checkout(wheel, tmp_path):
    uv("venv", "--python", sys.executable, tmp_path / "venv")
    uv("pip", "install", "--python", tmp_path / "venv/bin/python", wheel)
    away = tmp_path / "away"
    away.mkdir()

    def run(*words):
        return subprocess.run(
            [str(tmp_path / "venv/bin/helio"), *words],
            cwd=away, env={"PATH": ""}, capture_output=True, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip

    demo = run("demo", "--fast", "--json")
    assert demo.returncode == 0, demo.stderr
    assert [json.loads(line)["ok"] for line in demo.stdout.splitlines()] == [True] * 5
    assert run("--version").stdout.startswith("helio ")
    assert not list(away.iterdir())
    where = "import helio_host.installed as i; print(i.data_folder('device'), i.data_folder('boards'))"
    python = str(tmp_path / "venv/bin/python")
    folders = subprocess.run([python, "-c", where], cwd=away, env={"PATH": ""}, capture_output=True, text=True)
    assert all([tmp_path in Path(folder).parents for folder in folders.stdout.split()]) and folders.stdout.strip()
