"""Mutated documents: a result or a HelioError, the same whole and in pieces.

`FUZZ` documents a run; more by hand: `FUZZ=100000 uv run pytest tests/shared/test_xml_fuzz.py`.
"""

import os
import random
import sys

from xml_events import events

from helio.errors import HelioError
from helio.feed import Feed
from helio.xml import tree

COUNT = int(os.getenv("FUZZ") or (1000 if sys.implementation.name == "micropython" else 5000))
SEEDS = (
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x'>]><a b='1'>t<b x=\"y\"/><![CDATA[c]]>&lt;<!-- c --></a>",
    b"<rss version='2.0'><channel><title>T</title><item><title>a</title><link>l</link>"
    b"<description>&lt;p&gt;</description><pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='xhtml'><div><b>x</b></div></title>"
    b"<link href='u'/><author><name>n</name></author></entry></feed>",
)
MARKUP = (b"<", b">", b"</a>", b"<a ", b"'", b'"', b"&", b";", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"?>")
MARKUP += (b"\x00", b"\xff", b"\xc3", b"=", b"xmlns:p='u'", b"<!DOCTYPE", b"&#x", b"/")
bits = random.getrandbits


def mutated(data):
    data = bytearray(data)
    for _ in range(1 + bits(2)):
        at = bits(12) % len(data)
        how = bits(2)
        if how == 0:
            data[at] = bits(8)
        elif how == 1:
            data = data[:at] + data[at + bits(4) :]
        elif how == 2:
            data = data[:at] + MARKUP[bits(8) % len(MARKUP)] + data[at:]
        else:
            data = data[:at] + data[at // 2 :]
    return bytes(data)


def wanted(name):
    return {"a": True, "rss": False, "channel": False, "item": False}.get(name)


def items(data, size):
    feed = Feed()
    found = []
    try:
        for i in range(0, len(data), size):
            for item in feed.feed(data[i : i + size]):
                found.append((item.title, item.link, item.summary, item.published))
        feed.close()
    except HelioError as error:
        found.append(str(error))
    return found


def test_mutated_documents():
    random.seed(4)
    for i in range(COUNT):
        data = mutated(SEEDS[i % 3])
        size = 1 + bits(4)
        assert events(data) == events(data, size), (data, size)
        assert events(data, wanted=wanted) == events(data, size, wanted=wanted), (data, size)
        assert items(data, len(data)) == items(data, size), (data, size)
        try:
            tree.fromstring(data)
        except HelioError:
            pass
