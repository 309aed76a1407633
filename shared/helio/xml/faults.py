"""What is wrong with a document, in words; the functions are a Scanner's, loaded at the first fault."""

from helio import utf8
from helio.errors import ParseError, UsageError


def fail(scanner, data, at, text, *shown):
    """Raise ParseError of what is at `at` in what is read now; `shown` are bytes that `text` names."""
    scanner._closed = scanner._is_over = True
    scanner._drop(data, at)
    if shown:
        text %= tuple([utf8.escape(name[:40]) for name in shown])
    raise ParseError(text, scanner._line, scanner._column + 1)


def end(scanner, data):
    """The document ends where it should not."""
    if scanner._intake and scanner._intake.wrong:
        text = scanner._intake.wrong
    elif scanner.depth:
        fail(scanner, data, len(data), "the document ends inside <%s>", scanner._opened[-1][0][2:-1])
    elif scanner._inside or data:
        text = "the document ends inside markup"
    elif not scanner._has_root:
        text = "the document has no element"
    else:
        return
    fail(scanner, data, len(data), text)


def end_tag(scanner, data, lt, gt):
    """Another end tag is at `lt` than the one that was expected."""
    name = data[lt + 2 : gt].rstrip()
    if not scanner.depth:
        fail(scanner, data, lt, "</%s> where nothing is open", name)
    fail(scanner, data, lt, "</%s> was expected, not </%s>", scanner._opened[-1][0][2:-1], name)


def refuse(text):
    """The call was wrong."""
    raise UsageError(text)
