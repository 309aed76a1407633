"""What the README shows is what happens."""

import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_recording_of_the_demo_is_what_the_demo_prints():
    helio = Path(sys.executable).parent / "helio"
    run = subprocess.run([helio, "demo", "--fast"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "```\n%s```\n" % run.stdout in README.read_text()
