"""The power is cut at each write of a deploy and of `setup`: the board starts with the old or the new."""

import base64
import hashlib
import json
import subprocess
import zlib
from pathlib import Path

from compiled import ROOT, micropython

DEPLOYING = ROOT / "host/helio_host/deploying"
OLD = {
    "/boot.py": "old boot",
    "/main.py": "old main",
    "/lib/helio/node.mpy": "old node",
    "/lib/helio/gone.mpy": "old gone",
    "/lib/led.mpy": "the same",
    "/lib/helio.lock": '{"files": {}}',
}
NEW = {
    "/boot.py": "new boot",
    "/main.py": "new main",
    "/lib/helio/node.mpy": "new node",
    "/lib/helio/http/fetch.mpy": "new fetch",
    "/lib/led.mpy": "the same",
    "/lib/helio.lock": '{"files": {"/lib/led.mpy": 1}}',
}


def states(tmp_path, script, before, code, pieces, paths):
    """`[is_done, {path: text}]` for the power cut at the first write, the second, … and not at all."""
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"before": before, "code": code, "pieces": pieces, "paths": paths}))
    (tmp_path / "root").mkdir()
    words = [ROOT / "tests/host/cut_power.py", tmp_path / "root", ROOT / "device/boot.py", script, plan]
    links = []  # MicroPython dies of arguments over 255 bytes
    for number, word in enumerate(words[2:]):
        link = Path(tmp_path, str(number))
        link.symlink_to(word)
        links.append(link)
    run = subprocess.run(micropython(*words[:2], *links), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def packed(text):
    packer = zlib.compressobj(9, zlib.DEFLATED, -12)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def test_a_deploy(tmp_path):
    changed = [path for path in NEW if NEW[path] != OLD.get(path)]
    pieces = [packed(NEW[path]) for path in changed]
    plan = [
        (path, hashlib.sha256(NEW[path].encode()).hexdigest(), [len(piece)])
        for path, piece in zip(changed, pieces, strict=True)
    ]
    code = "take(%r, ['/lib/helio/gone.mpy'])" % plan
    found = states(tmp_path, DEPLOYING / "on_board.py", OLD, code, pieces, sorted({*OLD, *NEW}))
    assert len(found) > 20 and found[-1] == [True, NEW]
    with_new_boot = {**OLD, "/boot.py": NEW["/boot.py"]}  # which starts the old program too
    seen = []
    for _, files in found:
        assert files in (OLD, with_new_boot, NEW), files
        seen.append([OLD, with_new_boot, NEW].index(files))
    assert seen == sorted(seen) and {0, 2} <= set(seen)


def test_settings(tmp_path):
    old, new = {"/settings.json": '{"name": "old"}'}, {"/settings.json": '{"name": "new"}'}
    code = "write_settings(%r)" % new["/settings.json"]
    found = states(tmp_path, DEPLOYING / "set_up.py", old, code, [], list(old))
    assert len(found) >= 3 and found[-1] == [True, new] and found[0] == [False, old]
    assert all(files in (old, new) for _, files in found)
