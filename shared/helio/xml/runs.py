"""Steps over a run of unwanted elements at once, with CPython's regular expressions; MicroPython's
do not have what that takes, and go element by element."""

import re

_ENDS_FEW = 16
_LONG = 1024  # `find` is the faster way past a longer text


def compiled(names):
    """A function from bytes and where an element begins to the match of it and those behind it
    that have nothing but text in them and one of `names`; None when it is another."""
    names = b"|".join([re.escape(name) for name in sorted(names)])
    attributes = rb"""(?:\s[^<>"'/=]*(?:=\s*(?:"[^"<]*"|'[^'<]*')[^<>"'/=]*)*)?"""
    text = rb"[^<]{0,%d}<" % _LONG
    child = rb"(?:([^\s<>/!?\"'=]+)>%s/\2>%s){0,8}" % (text, text)
    pattern = rb"(?:<(%s)%s(?:/>|>%s%s/\1>)\s*){1,64}" % (names, attributes, text, child)
    return re.compile(pattern).match


def learn(scanner):
    """To be called at each end of an element: after a few the names of what is not wanted are known."""
    scanner._ends += 1
    known, unwanted, _ = scanner._names
    if scanner._ends >= _ENDS_FEW and unwanted:
        scanner._names = (known, unwanted, compiled({tag[2:-1] for tag in unwanted.values()}))
        scanner._ends = 0
