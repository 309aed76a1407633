"""Mutated documents: what expat refuses is refused, and nothing else, but for a table of differences.

`FUZZ` documents of each kind; more by hand: `FUZZ=50000 uv run pytest tests/peers/test_xml_refused.py`.
"""

import os
import random
import re
from xml.etree import ElementTree
from xml.parsers import expat

import pytest
from xml_documents import SEEDS, mutated, read
from xml_events import events

from helio.feed import Feed
from helio.xml import tree

COUNT = int(os.getenv("FUZZ") or 2000)

# a document, our error and expat's (None where it is read; ours is a part of it), what is in such a
# document, and why ours
DIFFERENT = (
    (
        b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "is not one of XML's five entities",
        None,
        "&[^#]",
        "a DTD is not read: no entity of it is known, and none is passed over without a word",
    ),
    (
        b"<!DOCTYPE a [<!ATTLIST a b CDATA '&f;'>]><a/>",
        None,
        "undefined entity",
        "<!ATTLIST",
        "nor is what is in the defaults of attributes",
    ),
    (
        b"<!DOCTYPE a [<!ATTLIST a xmlns:p CDATA 'u'>]><a p:b='1'/>",
        "was not declared",
        None,
        "<!ATTLIST",
        "nor are namespaces that are declared there",
    ),
    (
        b"<?xml version='1.x'?><a/>",
        "has a wrong version",
        None,
        "version",
        "production 26 has digits; expat looks at none of it",
    ),
    (
        "<a \u0660='1'/>".encode(),
        None,
        "not well-formed (invalid token)",
        "[^\\x00-\\x7fé]",
        "names are those of the fifth edition of XML 1.0; expat's are the fourth's",
    ),
    (
        b"<?xml version='1.0' encoding='iso-8859-1'?><\xb5/>",
        "a name was expected",
        None,
        "[ªµº]",
        "and these three are no letters any more",
    ),
    (b"<?xml version='1.0' encoding='iso-8859-1'?><?x\xba?><a/>", "cannot be called", None, "[ªµº]", "the same"),
    (
        b"<?xml version='1.0' encoding='koi8-r'?><a>\xd0</a>",
        "and helio reads UTF-8, UTF-16",
        None,
        "encoding",
        "tables of encodings take room on a board: five are read",
    ),
    (
        b"<?xml version='1.0' encoding='utf8'?><a>\xc3\xa9</a>",
        None,
        "not well-formed (invalid token)",
        "utf8",
        "many write UTF-8 so; expat takes it for an encoding of single bytes",
    ),
    (
        b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
        None,
        "not well-formed (invalid token)",
        "windows-1252",
        "five bytes have no character there; they are read as browsers read them",
    ),
    (
        b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>",
        "bytes that are not UTF-8",
        None,
        "^\ufeff",
        "a byte order mark of UTF-8 says what the encoding is",
    ),
    (b"<a xmlns:p='}'/>", None, "syntax error", "}", "expat takes no URI with what ElementTree parts names by"),
    (
        b"<!DOCTYPE a [<!ELEMENT :b ANY>]><a/>",
        None,
        "syntax error",
        "<!(ELEMENT|ATTLIST)[^>]*:",
        "elements and attributes that a DTD declares are used for nothing",
    ),
    (b"<a>" * 257 + b"<b/>" + b"</a>" * 257, "more than 256", None, "(<a>){257}", "depth has a limit"),
)


def our_error(data):
    last = events(data)[-1]
    return last if isinstance(last, str) else None


def expat_error(data):
    parser = expat.ParserCreate(None, "}")  # with the separator of ElementTree
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        return expat.errors.messages[error.code]
    except (LookupError, ValueError):  # an encoding that Python does not know, or cannot read by single bytes
        return "unknown encoding"
    return None


def is_of(row, data, ours, theirs):
    """Whether a document is one of those of a row."""
    _, our_part, their_error, mark, _ = row
    if theirs != their_error or (ours is None) != (our_part is None) or (our_part or "") not in (ours or ""):
        return False
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le" if data[1:2] == b"\0" else "utf-8"
    text = data.decode(encoding, "replace")
    if b"iso-8859-1" in data:
        text += data.decode("iso-8859-1")
    return re.search(mark, text) is not None


@pytest.mark.parametrize("row", DIFFERENT, ids=[row[4][:40] for row in DIFFERENT])
def test_what_expat_has_otherwise(row):
    ours, theirs = our_error(row[0]), expat_error(row[0])
    assert (ours is None) != (theirs is None)
    assert is_of(row, row[0], ours, theirs), (ours, theirs)


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_mutated_documents_are_refused_by_both_or_none(seed):
    chance = random.Random(seed)
    counts = {True: 0, False: 0}
    for _ in range(COUNT):
        data = mutated(SEEDS[seed], chance)
        ours, theirs = our_error(data), expat_error(data)
        if (ours is None) == (theirs is None):
            counts[ours is None] += 1
        else:
            assert any([is_of(row, data, ours, theirs) for row in DIFFERENT]), (data, ours, theirs)
    assert min(counts.values()) > COUNT / 40, counts


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_mutated_documents_that_are_read_are_the_same_trees(seed):
    chance = random.Random(seed)
    count = 0
    for _ in range(COUNT):
        data = mutated(SEEDS[seed], chance)
        ours = read(tree, data)
        theirs = read(ElementTree, data) if ours and b"<!ATTLIST" not in data else None  # it has defaults of attributes
        if theirs:
            assert ours == theirs, data
            count += 1
    assert count > COUNT / 40 or b"<!ATTLIST" in SEEDS[seed]


def test_the_limit_of_depth_is_the_same_in_pieces():
    data = b"<a>" * 257 + b"</a>" * 257
    assert events(data)[-1] == events(data, 1)[-1]


def test_white_space_before_the_declaration_is_for_feeds_alone():
    data = b" \n<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>"
    assert our_error(data) and expat_error(data)
    feed = Feed()
    assert list(feed.feed(data)) == []
    feed.close()
    assert (feed.version, feed.title) == ("rss20", "t")
