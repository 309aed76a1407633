"""The page for people: what is served, when it was fetched, and what a board would see of it."""

import time
from html import escape
from urllib.parse import quote

from helio import __version__
from helio.errors import BadArgument

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2rem 0 0; } p { margin: .2rem 0; } ul { margin: .4rem 0; padding-left: 1.2rem; }
.aside { color: #666; overflow-wrap: anywhere; } .wrong { color: #b00020; }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>helio serve</title><style>%s</style></head>
<body><h1>helio serve</h1>
<p>Small documents for small boards. A board asks for one of these addresses, and may add
<code>?items=3&amp;fields=title,link&amp;bytes=1000</code>.</p>
%s
<p class="aside">helio %s</p></body></html>
"""


def page(served, folders):
    """The HTML, a str, for a `served.Served` and what it finds in its folders."""
    parts = []
    for source in served.all:
        if source.problem:
            parts.append(_section(source.name, "", _wrong(source.problem)))
        elif source.name in served.folders:
            parts.append(_folder(source, folders[source.name], served.folders[source.name].problem))
        else:
            parts.append(_copy(source, served.copies[source.name]))
    return _PAGE % (_STYLE, "\n".join(parts), __version__)


def _section(name, place, content):
    shown = '<p class="aside">%s</p>' % _text(place) if place else ""
    return "<section><h2>%s</h2>%s%s</section>" % (_text(name), shown, content)


def _folder(source, files, problem):
    if problem:
        return _section(source.name, source.shown, _wrong(problem))
    rows = []
    for name, copy in files.items():
        shown = _link(copy.digest.kind, source.name, name) if copy.digest else _text(name)
        rows.append("<li>%s%s</li>" % (shown, _wrong(copy.problem) if copy.problem else ""))
    content = "<ul>%s</ul>" % "".join(rows) if rows else "<p>There is no file in this folder.</p>"
    return _section(source.name, source.shown, content)


def _copy(source, copy):
    parts = []
    if copy.digest is None:
        parts.append(_wrong(copy.problem) if copy.problem else "<p>It is being fetched.</p>")
    else:
        parts.append("<p>%s, %s</p>" % (_link(copy.digest.kind, source.name), _state(copy)))
        if copy.problem:
            parts.append(_wrong(copy.problem))
        parts.append(_seen(copy))
    if copy.retry_s:
        parts.append("<p>It is asked again in %s, when a board wants it.</p>" % _span(copy.retry_s))
    return _section(source.name, source.shown, "".join(parts))


def _state(copy):
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(copy.asked_s))
    ago = _span(max(0, int(time.time()) - copy.asked_s))
    state = "fetched %s ago, at %s" % (ago, when)
    if not copy.is_stale:
        return state
    return state + (': <b class="wrong">stale</b>' if copy.problem else "; asked again when a board wants it")


def _seen(copy):
    """What a board gets that chooses nothing."""
    try:
        size = len(copy.digest.small(copy.choice))
        lines = copy.digest.lines(copy.choice)
    except BadArgument as error:
        return _wrong(str(error))
    rows = "".join(["<li>%s</li>" % _text(line) for line in lines])
    return "<p>What a board sees, in %d bytes:</p><ul>%s</ul>" % (size, rows)


def _link(*parts):
    path = "/".join([quote(part, safe="") for part in parts])
    return '<a href="/%s">/%s</a>' % (path, _text("/".join(parts)))


def _wrong(problem):
    return '<p class="wrong">%s</p>' % _text(problem)


def _text(text):
    return escape(text.encode("utf-8", "replace").decode())


def _span(seconds):
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return "%d %s" % (seconds // unit, name)
    return "%d s" % seconds
