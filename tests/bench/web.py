"""The web client: parsing responses, against `http.client` and h11; downloading from an nginx here, against
`urllib.request` and, on MicroPython, `requests`; the heap that a download of 1 MB takes there above the
imports.

    uv run python tests/bench/web.py

The aims: a faster parser than both on CPython, and less than 6 KB.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from rounds import ROOT, ask_for_number, end, in_turn, pin, start, table

sys.path.insert(0, str(ROOT / "tests"))

from compiled import CORE, compiled, micropython  # noqa: E402
from nginx_server import HOST, NGINX, free_port, nginx  # noqa: E402

CASES = {
    "whole": "2 MB by Content-Length",
    "chunks": "2 MB in chunks of 1 KB",
    "small": "a head of 19 fields, 100 bytes",
}
SIZES = {"CPython": 20_000_000, "MicroPython": 2_000_000}
READERS = {"CPython": ("fetch", "get", "urllib"), "MicroPython": ("fetch", "get", "requests")}


def main():
    pin()
    parsing()
    if not NGINX:
        sys.exit("nginx is missing: apt install nginx-light")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        port = free_port()
        (folder / "files").mkdir()
        for size in {*SIZES.values(), 1_000_000}:
            (folder / "files" / str(size)).write_bytes(b"x" * size)
        http = "access_log off; server { listen %s:%d; root files; }" % (HOST, port)
        with nginx(folder, http, port):
            url = "http://%s:%d/" % (HOST, port)
            downloading(url)
            heap(url, folder)


def _measured(processes):
    """The median of what each of `{name: process}` prints."""
    medians = in_turn({name: lambda process=process: (ask_for_number(process),) for name, process in processes.items()})
    end(processes.values())
    return {name: median for name, (median,) in medians.items()}


def parsing():
    rows = []
    for case, title in CASES.items():
        processes = {who: start("CPython", "web_parser.py", who, case) for who in ("helio", "http.client", "h11")}
        rates = _measured(processes)
        board = _measured({"helio": start("MicroPython", "web_parser.py", "helio", case)})
        row = [title, *rates.values(), rates["helio"] / rates["http.client"], rates["helio"] / rates["h11"]]
        rows.append([*row, board["helio"]])
    heads = ["response", "helio", "http.client", "h11", "to http.client", "to h11", "helio on MicroPython"]
    table("Parsing, MB a second (on MicroPython 0.1 MB by 1 KB)", heads, rows)


def downloading(url):
    rows = []
    for interpreter, readers in READERS.items():
        words = url + str(SIZES[interpreter])
        rates = _measured({who: start(interpreter, "web_reader.py", who, words) for who in readers})
        peer = rates[readers[-1]]
        rows.append([interpreter, readers[-1], *rates.values(), rates["fetch"] / peer, rates["get"] / peer])
    heads = ["interpreter", "peer", "fetch", "get", "peer's", "fetch to peer", "get to peer"]
    table("Downloading from nginx, MB a second", heads, rows)


def heap(url, folder):
    compiled(ROOT / "shared", folder / "core")
    for who in ("fetch", "get"):
        words = [ROOT / "tests/bench/web_heap.py", CORE, who, url + "1000000"]
        run = subprocess.run(micropython(*words), cwd=folder / "core", capture_output=True, text=True, check=True)
        print("%s: 1 MB takes at most %s bytes of heap above the imports, which keep %s" % (who, *run.stdout.split()))


main()
