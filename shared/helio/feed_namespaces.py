"""Namespaces that are none of those in `helio.feed_words`; loaded at the first."""

from helio.feed_words import PREFIXES, prefix

_MANY = 256  # in scope: none is looked for, it would take too long for each name; real feeds have a dozen


def guess(namespaces, uri):
    """What stands before the names of the namespace `uri`, in small letters: of one that is known but for
    what it ends in, its prefix; of any other, as feedparser has it, the prefix that it was given if that
    is one of ours, and nothing where it is the default; else what means nothing. `namespaces` are those
    in scope."""
    for end in ("", "/", "#"):
        known = prefix(uri.rstrip("/#") + end)
        if known is not None:
            return known
    for given, found in namespaces.items() if len(namespaces) < _MANY else ():
        if found.lower() == uri and (not given or "\n%s: " % given.lower() in PREFIXES):
            return given and given.lower() + ":"
    return uri + "}"
