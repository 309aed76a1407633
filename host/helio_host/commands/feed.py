"""`helio feed`: the items of an RSS or Atom feed, for people or as JSON."""

from datetime import datetime, timezone

import click

from helio.feed import FIELDS, Feed
from helio.html import plain
from helio_host.cli import open_source, print_json, printable

_PIECE_BYTES = 65536
_OF_FEED = ("version", "title", "link", "description", "language", "updated", "updated_text")
_FOR_PEOPLE = ["published", "updated", "title", "link"]
_WIDTH = 400  # characters of a text


@click.command()
@click.argument("source")
@click.option("--items", type=click.IntRange(1), help="How many items; all unless given.")
@click.option("--fields", help="Which fields, with commas between: %s." % ", ".join(FIELDS))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: the feed, then each item.")
def command(source, items, fields, as_json):
    """Show the feed at SOURCE, a URL or a file with RSS or Atom, or - for what comes in."""
    if fields is not None:
        wanted = list(dict.fromkeys([field.strip() for field in fields.split(",")]))  # each once
    else:
        wanted = list(FIELDS) if as_json else _FOR_PEOPLE
    feed = Feed([*wanted, "summary"] if wanted is _FOR_PEOPLE else wanted, items)
    with open_source(source) as file:
        _read(feed, file, wanted, as_json)


def _read(feed, file, wanted, as_json):
    is_first = True
    while not feed.is_done:
        data = file.read1(_PIECE_BYTES) if hasattr(file, "read1") else file.read(_PIECE_BYTES)
        if not data:
            feed.close()
            break
        for item in feed.feed(data):
            if is_first:
                _show_feed(feed, as_json)
                is_first = False
            _show_item(item, wanted, as_json)
    if is_first:
        _show_feed(feed, as_json)


def _show_feed(feed, as_json):
    if as_json:
        print_json({name: getattr(feed, name) for name in _OF_FEED})
        return
    print(printable(plain(feed.title or "a feed without a title")))
    if feed.description:
        print(printable(plain(feed.description, _WIDTH)))


def _show_item(item, wanted, as_json):
    if as_json:
        shown = {}
        for field in wanted:
            shown[field] = getattr(item, field)
            if field in ("published", "updated"):
                shown[field + "_text"] = getattr(item, field + "_text")
        print_json(shown)
        return
    lines = _lines(item, wanted)
    if wanted is _FOR_PEOPLE and not item.title:
        lines = _lines(item, ["published", "updated", "summary", "link"])  # RSS 2.0: one of the two is there
    print()
    for line in lines or ["an item without %s" % ", ".join(wanted)]:
        print(printable(line))


def _lines(item, wanted):
    lines = []
    when = (item.published_text, item.published) if item.published_text else (item.updated_text, item.updated)
    if when[0] and ("published" in wanted or "updated" in wanted):
        lines.append(_date(*when))
    for field in wanted:
        value = getattr(item, field)
        if field in ("published", "updated") or not value:
            continue
        if isinstance(value, list):
            value = ", ".join([part if isinstance(part, str) else part["url"] for part in value])
        lines.append(value if field in ("link", "id") else plain(value, _WIDTH))
    return lines


def _date(text, seconds):
    if seconds is None:
        return printable(text)
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return printable(text)
