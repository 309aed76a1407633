"""What is to be served: sources from the command line and from a configuration file.

port = 8080
bind = "192.168.1.5"

[sources]
news = "https://example.org/feed.xml"
files = "feeds/"

[sources.home]
source = "http://nas.example.org/weather.xml"
items = 3
fields = ["summary", "maximum"]
bytes = 1000
private = true
"""

import ipaddress
import sys
from pathlib import Path

from helio.errors import BadArgument, HelioError, UsageError
from helio.feed import FIELDS
from helio.message import is_name
from helio_host.cli import printable
from helio_host.serving import small_weather
from helio_host.serving.documents import Choice
from helio_host.serving.upstream import is_at_home, origin, without_secrets

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = ("port", "bind", "sources")
_SOURCE_KEYS = ("source", "items", "fields", "bytes", "private")


class Source:
    """One source: its `name`, where it is (`url`, a str, or `path`, a Path, the other None), `shown`
    for people, the `choice` of a board that chooses nothing, and in `origin` the `(host, port)` of a URL whose
    address may be a private one, else None. `problem` says why it cannot be served, or is None."""

    def __init__(self, name, url=None, path=None, shown="", choice=None, origin=None, problem=None):
        self.name = name
        self.shown = shown
        self.url = url
        self.path = path
        self.choice = choice or Choice()
        self.origin = origin
        self.problem = problem


class Config:
    """What a configuration file says: `port` and `bind`, None where it does not, `sources`, a list of
    Source, and `problems`, a list of str."""

    def __init__(self):
        self.port = None
        self.bind = None
        self.sources = []
        self.problems = []


def from_word(word):
    """The Source that `NAME=SOURCE` is. Raises UsageError when it is not written so."""
    name, equals, place = word.partition("=")
    if not equals or not name or not place:
        raise UsageError("write NAME=SOURCE, as news=https://example.org/feed.xml: got %r" % printable(word)[:100])
    return _source(name, {"source": place}, Path())


def load(path):
    """The Config in a TOML file. What is wrong with one source is its problem; UsageError is raised
    when the file cannot be used at all."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise UsageError("%s cannot be used: %s" % (path, printable(words))) from None
    config = Config()
    config.problems = [
        "%s: %r is not known, there are %s" % (path, key, ", ".join(_KEYS)) for key in _strange(found, _KEYS)
    ]
    config.port = _checked(path, "port", found, lambda value: _is_whole(value, 0, 65535), "a port, 0 to 65535")
    config.bind = _checked(path, "bind", found, _is_address, "an address like 192.168.1.5")
    sources = _checked(path, "sources", found, lambda value: isinstance(value, dict), "a table: [sources]") or {}
    for name, given in sources.items():
        config.sources.append(_source(name, {"source": given} if isinstance(given, str) else given, Path(path).parent))
    return config


def unique(sources):
    """The sources, those with a name that an earlier one has as a problem."""
    names = set()
    for source in sources:
        if source.name in names:
            source.problem = "another source has this name too: give this one another"
        names.add(source.name)
    return sources


def _strange(table, known):
    return [printable(key)[:40] for key in table if key not in known]


def _checked(path, key, table, will_do, wanted):
    if key in table and not will_do(table[key]):
        raise UsageError("%s: %s is to be %s" % (path, key, wanted))
    return table.get(key)


def _is_whole(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_address(value):
    try:
        return isinstance(value, str) and bool(ipaddress.IPv4Address(value))
    except ValueError:
        return False


def _source(name, given, folder):
    try:
        return _good_source(name, given, folder)
    except HelioError as error:
        return Source(printable(name)[:40], problem=str(error))


def _good_source(name, given, folder):
    if not is_name(name) or name.startswith("."):
        raise UsageError("a name is letters, digits, '-', '_', '.', at most 32, and begins with no '.'")
    if not isinstance(given, dict) or not isinstance(given.get("source"), str):
        raise UsageError('write it as a text, or as a table with source = "https://…"')
    for key in _strange(given, _SOURCE_KEYS):
        raise UsageError("%r is not known, there are %s" % (key, ", ".join(_SOURCE_KEYS)))
    if not isinstance(given.get("private", False), bool):
        raise UsageError("private is to be true or false")
    place = given["source"]
    if not place:
        raise UsageError("source names no place: give a URL, a file or a folder")
    choice = _choice(given)
    if "://" not in place:
        return Source(name, path=_path(folder, place), shown=place, choice=choice)
    host, port = origin(place)
    may_be_private = given.get("private", False) or is_at_home(host)
    may_be_at = (host, port) if may_be_private else None
    return Source(name, url=place, shown=without_secrets(place), choice=choice, origin=may_be_at)


def _choice(given):
    words = []
    for key in ("items", "fields", "bytes"):
        value = given.get(key)
        if isinstance(value, list):
            value = ",".join([str(one) for one in value])
        if value is not None:
            words.append((key, str(value)))
    try:
        choice = Choice().changed(words)
        choice.fields_of(dict.fromkeys(FIELDS + small_weather.FIELDS), ())
        return choice
    except BadArgument as error:
        raise UsageError(str(error)) from None


def _path(folder, place):
    try:
        path = (folder / Path(place).expanduser()).absolute()
        path.is_dir()
        return path
    except (OSError, ValueError, RuntimeError):  # the latter two for a NUL, and for ~nobody
        raise UsageError("there is no file or folder %s" % printable(place)) from None
