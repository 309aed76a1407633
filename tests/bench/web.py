"""The web client: parsing responses, against `http.client` and h11; downloading from an nginx here, against
`urllib.request` and, on MicroPython with all compiled in a heap of 192 KB, `requests`; the heap that a
download of 1 MB takes there above the imports, and the smallest in which a board with `news.py` says a
headline.

    uv run python tests/bench/web.py

The aims: a faster parser than both on CPython, and less than 6 KB.
"""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from rounds import ROOT, ask_for_number, end, in_turn, pin, start, table

sys.path.insert(0, str(ROOT / "tests"))

from compiled import CORE, Board, compiled, micropython, smallest_heap_kb  # noqa: E402
from nginx_server import HOST, NGINX, free_port, nginx  # noqa: E402

CASES = {
    "whole": "2 MB by Content-Length",
    "chunks": "2 MB in chunks of 1 KB",
    "small": "a head of 19 fields, 100 bytes",
}
SIZES = {"CPython": 20_000_000, "MicroPython": 2_000_000}
READERS = {"CPython": ("fetch", "get", "urllib"), "MicroPython": ("fetch", "get", "requests")}
FEED = b"<rss><channel><title>t</title><item><title>A headline</title><link>/1</link></item></channel></rss>"


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
        (folder / "files/feed.xml").write_bytes(FEED)
        http = "access_log off; server { listen %s:%d; root files; }" % (HOST, port)
        with nginx(folder, http, port):
            url = "http://%s:%d/" % (HOST, port)
            compiled(ROOT / "shared", folder / "core")
            downloading(url, folder / "core")
            heap(url, folder / "core")
            news(url, folder / "board")


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


def downloading(url, core):
    rows = []
    for interpreter, readers in READERS.items():
        words = url + str(SIZES[interpreter])
        options = {"compiled_in": core, "heap_kb": 192} if interpreter == "MicroPython" else {}
        rates = _measured({who: start(interpreter, "web_reader.py", who, words, **options) for who in readers})
        peer = rates[readers[-1]]
        rows.append([interpreter, readers[-1], *rates.values(), rates["fetch"] / peer, rates["get"] / peer])
    heads = ["interpreter", "peer", "fetch", "get", "peer's", "fetch to peer", "get to peer"]
    table("Downloading from nginx, MB a second", heads, rows)


def heap(url, core):
    for who in ("fetch", "get"):
        words = [ROOT / "tests/bench/web_heap.py", CORE, who, url + "1000000"]
        run = subprocess.run(micropython(*words), cwd=core, capture_output=True, text=True, check=True)
        print("%s: 1 MB takes at most %s bytes of heap above the imports, which keep %s" % (who, *run.stdout.split()))


def news(url, folder):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        host = "%s:%d" % sock.getsockname()
        board = Board(folder, ROOT / "device/programs/news.py", feed=url + "feed.xml", host=host)
        heap_kb = smallest_heap_kb(lambda heap_kb: board.says(heap_kb, sock), 32, 512)
    print("news.py says a headline in a heap of %d KB" % heap_kb)


main()
