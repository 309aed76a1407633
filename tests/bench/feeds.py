"""Title and link of every item of synthetic feeds, and whole trees, against what people use.

    uv run --with pyxml3 --with dhtmlparser3 python tests/bench/feeds.py [XMLTOK2]

On CPython `Feed` against `iterparse` of ElementTree, which is C: the feed whole, and by 1 KB
against `XMLPullParser`; and against feedparser. `tree.fromstring` against ElementTree's, and
against two parsers in pure Python, where they are installed: pyxml3 has the names of ElementTree,
dhtmlparser3 reads HTML and XML. On MicroPython `Feed` by 512 bytes against a loop that reads the
same and finds each `<`, and against micropython-xmltok2, if XMLTOK2 is the path of its
`xmltok2.py`: its package on PyPI is an archive that no client installs.

The aims are 1.0 times iterparse, 1.3 with bodies over 2 KB, 0.7 for headlines, 0.8 by 1 KB; 30
times feedparser; a quarter of the finding loop; 50 times xmltok2, 100 with bodies.
"""

import io
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import feedparser
import rounds
from feed_documents import FEEDS

from helio.feed import Feed
from helio.xml import tree

PIECE = 1024
SAMPLE_S = 0.05
LARGE = 5000000  # bytes; too much for feedparser and xmltok2, who take seconds
ATOM = "{http://www.w3.org/2005/Atom}"


def helio(pieces):
    feed = Feed(("title", "link"))
    found = []
    for piece in pieces:
        for item in feed.feed(piece):
            found.append((item.title, item.link))
    feed.close()
    return found


def element_tree(events):
    found = []
    for _, element in events:
        if element.tag == "item":
            found.append((element.findtext("title"), element.findtext("link")))
            element.clear()
        elif element.tag == ATOM + "entry":
            found.append((element.findtext(ATOM + "title"), element.find(ATOM + "link").get("href")))
            element.clear()
    return found


def pulled(pieces):
    parser = ElementTree.XMLPullParser()
    for piece in pieces:
        parser.feed(piece)
        yield from parser.read_events()
    parser.close()


def their_feed(data):
    parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    return [(entry.title, entry.link) for entry in parsed.entries]


def time_ms(function):
    """Time of one call."""
    calls = 0
    started = time.perf_counter()
    while time.perf_counter() - started < SAMPLE_S:
        function()
        calls += 1
    return (time.perf_counter() - started) * 1000 / calls


def medians(functions):
    """`{name: median ms}` of functions called in turn."""
    found = rounds.in_turn({name: lambda f=f: (time_ms(f),) for name, f in functions.items()})
    return {name: ms for name, (ms,) in found.items()}


def cpython(feeds):
    rows = []
    for name, data in feeds.items():
        pieces = [data[i : i + PIECE] for i in range(0, len(data), PIECE)]
        functions = {
            "helio": lambda data=data: helio((data,)),
            "iterparse": lambda data=data: element_tree(ElementTree.iterparse(io.BytesIO(data))),
            "helio by 1 KB": lambda pieces=pieces: helio(pieces),
            "pulled": lambda pieces=pieces: element_tree(pulled(pieces)),
        }
        if len(data) < LARGE:
            functions["feedparser"] = lambda data=data: their_feed(data)
        expected = functions["iterparse"]()
        assert expected and all(function() == expected for function in functions.values()), name
        ms = medians(functions)
        row = [name, len(data) / ms["helio"] / 1000, ms["iterparse"] / ms["helio"]]
        row += [ms["iterparse"] / ms["helio by 1 KB"], ms["pulled"] / ms["helio by 1 KB"]]
        rows.append(row + [ms["feedparser"] / ms["helio"] if "feedparser" in ms else "-"])
    columns = ["", "MB/s", "to iterparse", "by 1 KB to iterparse", "to XMLPullParser by 1 KB", "to feedparser"]
    rounds.table("Titles and links on CPython, times as fast", columns, rows)


def trees(feeds):
    parsers = {"helio": tree.fromstring, "ElementTree": ElementTree.fromstring, **_pure_parsers()}
    peers = [name for name in parsers if name != "helio"]
    rows = []
    for name, data in feeds.items():
        if len(data) < LARGE:
            ms = medians({key: lambda p=parse, data=data: p(data) for key, parse in parsers.items()})
            rows.append([name, len(data) / ms["helio"] / 1000] + [ms[peer] / ms["helio"] for peer in peers])
    rounds.table("A whole tree on CPython, times as fast", ["", "MB/s"] + ["to " + peer for peer in peers], rows)


def _pure_parsers():
    found = {}
    try:
        from pyxml.etree import fromstring

        found["pyxml3"] = lambda data: fromstring(data.decode())
    except ImportError:
        pass
    try:
        from dhtmlparser3 import parse

        found["dhtmlparser3"] = lambda data: parse(data.decode())
    except ImportError:
        pass
    return found


def micropython(feeds, xmltok2):
    readers = {kind: rounds.start("MicroPython", "feed_reader.py", kind) for kind in ("helio", "find")}
    if xmltok2:
        folder = Path(xmltok2).resolve().parent
        readers["xmltok2"] = rounds.start("MicroPython", "feed_reader.py", "xmltok2", folder)
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "feed.xml")
            for name, data in feeds.items():
                path.write_bytes(data)
                count = len(helio((data,)))
                turns = {kind: lambda r=r, n=count: _ms(r, path, n) for kind, r in readers.items()}
                tokens = "-"
                if "xmltok2" in turns and (len(data) > LARGE or not turns["xmltok2"]()):
                    del turns["xmltok2"]
                    tokens = "fails" if len(data) < LARGE else "-"
                ms = {kind: value for kind, (value,) in rounds.in_turn(turns).items()}
                if "xmltok2" in ms:
                    tokens = ms["xmltok2"] / ms["helio"]
                rows.append([name, len(data) / ms["helio"] / 1000, ms["find"] / ms["helio"], tokens])
    finally:
        rounds.end(readers.values())
    rounds.table("Titles and links on MicroPython, times as fast", ["", "MB/s", "to find", "to xmltok2"], rows)


def _ms(reader, path, count):
    """The ms that a reader takes, as a tuple; () where it fails or does not find `count` items."""
    reader.stdin.write("%s\n" % path)
    reader.stdin.flush()
    words = reader.stdout.readline().split()
    return (float(words[1]),) if words[0] in (str(count), "-") else ()


def main():
    rounds.pin()
    feeds = {name: make() for name, make in FEEDS.items()}
    cpython(feeds)
    trees(feeds)
    micropython(feeds, sys.argv[1] if len(sys.argv) > 1 else None)


main()
