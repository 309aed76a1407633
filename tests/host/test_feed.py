"""`helio feed`: the items of a feed, as a user has it in a file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helio_command import command, helio

from helio.feed import FIELDS

FIRST = (
    "<item><title>First &amp;amp; best</title><link>http://example.org/1</link><guid>urn:1</guid>"
    "<pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate><category>a</category><category>b</category>"
    "<description>&lt;p&gt;Some &lt;b&gt;bold&lt;/b&gt; text&lt;/p&gt;</description>"
    '<enclosure url="http://example.org/1.mp3" type="audio/mpeg" length="5"/></item>'
)
SECOND = "<item><title>Second é</title><link>http://example.org/2?a=b&amp;c=d</link><pubDate>some day</pubDate></item>"
HEAD = (
    "<rss version='2.0'><channel><title>Kitchen &amp;lt;3 garden</title><link>http://example.org/</link>"
    "<description>&lt;p&gt;News&lt;/p&gt;</description><language>en</language>"
)
DOCUMENT = (HEAD + FIRST + SECOND + "</channel></rss>").encode()
ATOM = b"""
<?xml version="1.0" encoding="ISO-8859-1"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Caf\xe9</title><updated>2026-11-25T10:00:00+01:00</updated>
<entry><title>One</title><link href="http://example.org/a"/><updated>2026-11-25T10:00:00+01:00</updated></entry></feed>
"""
OF_FEED = ["version", "title", "link", "description", "language", "updated", "updated_text"]


def read(document, *words):
    """`helio feed WORDS -` of a document that comes in: its status, its output, its errors."""
    run = subprocess.run(command("feed", *words, "-"), input=document, capture_output=True, timeout=40)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def is_one_line(stderr):
    return stderr.startswith("helio: ") and stderr.count("\n") == 1 and stderr.endswith("\n")


def test_titles_dates_and_links_for_people(file):
    run = helio("feed", file(DOCUMENT))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "Kitchen <3 garden",
        "News",
        "",
        "2026-11-25 10:00 UTC",
        "First & best",
        "http://example.org/1",
        "",
        "some day",
        "Second é",
        "http://example.org/2?a=b&c=d",
    ]


def test_atom_in_another_encoding_behind_an_empty_line(file):
    run = helio("feed", file(ATOM))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == ["Café", "", "2026-11-25 09:00 UTC", "One", "http://example.org/a"]


def test_fields_in_the_order_they_were_asked_for(file):
    run = helio("feed", "--fields", "summary, categories,title,enclosures", file(DOCUMENT))
    assert run.stdout.splitlines()[2:] == [
        *("", "Some bold text", "a, b", "First & best", "http://example.org/1.mp3"),
        *("", "Second é"),
    ]


def test_as_many_items_as_were_asked_for(file):
    whole = helio("feed", file(DOCUMENT)).stdout
    run = helio("feed", "--items", "1", file(DOCUMENT))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == whole[: whole.index("\nsome day")]
    assert helio("feed", "--items", "5", file(DOCUMENT)).stdout == whole
    # what is behind them is not looked at
    assert helio("feed", "--items", "2", file(DOCUMENT.replace(b"</channel>", b"<"))).returncode == 0
    assert helio("feed", "--items", "0", file(DOCUMENT)).returncode == 2


def test_json_is_the_feed_then_each_item(file):
    run = helio("feed", "--json", file(DOCUMENT))
    assert (run.returncode, run.stderr) == (0, "")
    feed, first, second = [json.loads(line) for line in run.stdout.splitlines()]
    assert list(feed) == OF_FEED
    assert (feed["version"], feed["title"], feed["updated"]) == ("rss20", "Kitchen &lt;3 garden", None)
    assert set(first) == set(second) == {*FIELDS, "published_text", "updated_text"}
    assert (first["id"], first["summary"]) == ("urn:1", "<p>Some <b>bold</b> text</p>")
    assert (first["published"], first["published_text"]) == (1795600800, "Wed, 25 Nov 2026 10:00:00 GMT")
    assert first["categories"] == ["a", "b"] and first["content"] is None
    assert first["enclosures"] == [{"url": "http://example.org/1.mp3", "type": "audio/mpeg", "length": "5"}]
    assert (second["title"], second["published"], second["published_text"]) == ("Second é", None, "some day")


def test_json_has_the_fields_that_were_asked_for(file):
    run = helio("feed", "--json", "--items", "1", "--fields", "title,published", file(DOCUMENT))
    _, item = [json.loads(line) for line in run.stdout.splitlines()]
    assert item == {
        "title": "First &amp; best",
        "published": 1795600800,
        "published_text": "Wed, 25 Nov 2026 10:00:00 GMT",
    }


def test_what_comes_in_is_a_source(file):
    assert read(DOCUMENT) == (0, helio("feed", file(DOCUMENT)).stdout, "")


def test_a_feed_without_items_is_one(file):
    run = helio("feed", file(b"<rss><channel><title>T</title></channel></rss>"))
    assert (run.returncode, run.stdout, run.stderr) == (0, "T\n", "")
    run = helio("feed", file(b"<rss><channel/></rss>"))
    assert (run.returncode, run.stdout) == (0, "a feed without a title\n")


def test_a_broken_feed_gives_the_items_before_the_break(file):
    for end in ("<item><title>Third</title></channel></rss>", "<item>", "<item><title>&nothing</title></item>"):
        document = (HEAD + FIRST + SECOND + end).encode()
        run = helio("feed", file(document))
        assert run.returncode == 1 and is_one_line(run.stderr) and "line 1, column " in run.stderr, end
        assert run.stdout == helio("feed", file(DOCUMENT)).stdout
        status, stdout, stderr = read(document, "--json")
        assert status == 1 and [json.loads(line).get("title") for line in stdout.splitlines()][1:] == [
            "First &amp; best",
            "Second é",
        ]
        (line,) = stderr.splitlines()
        assert list(json.loads(line)) == ["error"]


def test_what_fails_is_one_line(file):
    for document, word in ((b"<html><p>no</p></html>", "<html>"), (HEAD.encode(), "ends inside"), (b"", "no element")):
        path = file(document)
        run = helio("feed", path)
        assert run.returncode == 1 and run.stdout == "" and word in run.stderr and is_one_line(run.stderr)
        run = helio("feed", "--json", path)
        assert run.returncode == 1 and run.stdout == "" and set(json.loads(run.stderr)) == {"error"}
        status, _, stderr = read(document)
        assert status == 1 and stderr.startswith("helio: standard input: ")
        assert helio("feed", path).stderr == stderr.replace("standard input", str(path))


def test_a_file_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none.xml", tmp_path):
        run = helio("feed", path)
        assert run.returncode == 1 and run.stdout == "" and is_one_line(run.stderr) and str(path) in run.stderr


def test_a_wrong_command_line(file):
    run = helio("feed", "--fields", "title,headline", file(DOCUMENT))
    assert run.returncode == 2 and run.stdout == "" and is_one_line(run.stderr)
    assert "headline is no field" in run.stderr and all([field in run.stderr for field in FIELDS])
    run = helio("feed", "--json", "--fields", "headline", file(DOCUMENT))
    assert run.returncode == 2 and run.stdout == "" and "headline" in json.loads(run.stderr)["error"]
    run = helio("feed", "ftp://example.org/feed.xml")
    assert run.returncode == 2 and "only http:// and https:// can be read" in run.stderr
    assert helio("feed").returncode == 2


def test_text_from_the_feed_cannot_move_the_cursor(file):
    document = DOCUMENT.replace(b"example.org/1<", "example.org/&#x9B;2J\u202e<".encode())
    document = document.replace(b"some day", b"&#x9B;2Jday").replace(b"Second", "Se\u202econd".encode())
    run = helio("feed", file(document))
    assert "http://example.org/\\x9b2J\\u202e\n" in run.stdout and "\\x9b2Jday\n" in run.stdout
    assert "\x9b" not in run.stdout and "\u202e" not in run.stdout


def test_a_long_text_is_cut(file):
    document = DOCUMENT.replace(b"text", b"text " * 10000)
    lines = helio("feed", "--fields", "summary", file(document)).stdout.splitlines()
    assert len(lines) > 3 and max([len(line) for line in lines]) <= 401


@pytest.mark.parametrize("command", ["feed", "weather"])
def test_a_closed_standard_input_is_told(command):
    script = 'exec "$0" %s - <&-' % command
    run = subprocess.run(
        ["sh", "-c", script, Path(sys.executable).parent / "helio"], capture_output=True, text=True, timeout=30
    )
    assert run.returncode != 0 and run.stderr == "helio: nothing can be read: standard input is closed\n"


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path):
    none = tmp_path / "none.xml"
    for path, problem in (
        (none, "there is no file '%s'; an address of the web begins with http:// or https://" % none),
        (tmp_path, "%s: Is a directory" % tmp_path),
    ):
        run = helio("feed", path)
        assert (run.returncode, run.stdout, run.stderr) == (1, "", "helio: %s\n" % problem)


def test_an_empty_name_of_a_field_is_told(file):
    run = helio("feed", file(ATOM), "--fields", "title,")
    assert (run.returncode, run.stdout) == (2, "") and "'' is no field of an item: title, link" in run.stderr

    run = helio("feed", file(ATOM), "--fields", "")
    assert (run.returncode, run.stdout) == (2, "") and "'' is no field of an item: title, link" in run.stderr


def test_an_item_without_a_title_shows_what_it_has(file):
    items = "<item><description>Only &lt;b&gt;words&lt;/b&gt;</description></item><item><category>c</category></item>"
    run = helio("feed", file((HEAD + items + "</channel></rss>").encode()))
    first, second = run.stdout.split("\n\n")[1:]
    assert first == "Only words"
    assert second == "an item without published, updated, title, link\n"


def test_a_field_that_is_named_twice_is_shown_once(file):
    once = helio("feed", file(ATOM), "--fields", "title")
    assert once.returncode == 0 and once.stdout == helio("feed", file(ATOM), "--fields", "title,title").stdout
