"""Steps over a run of unwanted elements at once, with CPython's regular expressions; MicroPython's
do not have what that takes, and go element by element."""

import re

_ENDS_FEW = 16
_TEXT = rb"[^<]{0,1024}<"  # `find` is the faster way past a longer one
_ATTRIBUTES = rb"""(?:\s[^<>"'/=]*(?:=\s*(?:"[^"<]*"|'[^'<]*')[^<>"'/=]*)*)?"""
_CHILD = rb"(?:([^\s<>/!?\"'=]+)>%s/\2>%s)" % (_TEXT, _TEXT)


def compiled(names):
    """A function from bytes and where an element begins to the match of it and those behind it
    that have nothing but text in them and one of `names`; None when it is another."""
    names = [re.escape(name) for name in sorted(names)]
    # the plain ones stand first and alone: the engine is quick where there is nothing to choose
    plain = b"|".join([rb"%s>%s/%s>" % (name, _TEXT, name) for name in names])
    other = rb"(%s)%s(?:/>|>%s%s{0,8}/\1>)" % (b"|".join(names), _ATTRIBUTES, _TEXT, _CHILD)
    return re.compile(rb"(?:<(?:%s|%s)\s*){1,64}" % (plain, other)).match


def learn(scanner):
    """To be called at each end of an element: after a few the names of what is not wanted are known."""
    scanner._ends += 1
    known, unwanted, _ = scanner._names
    if scanner._ends >= _ENDS_FEW and unwanted:
        scanner._names = (known, unwanted, compiled({tag[2:-1] for tag in unwanted.values()}))
        scanner._ends = 0
