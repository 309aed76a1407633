"""What is wrong with a document, in words; the functions are a Scanner's, loaded at the first fault."""

from helio import utf8
from helio.errors import ParseError, UsageError

FAULTS = {
    "second": "a second root element",
    "endless": "a tag without an end",
    "deep": "more than %d elements in one another",
    "quotes": "an attribute's value in quotes was expected",
    "no value": "an attribute without a value",
    "no space": "white space was expected before an attribute",
    "large": "an attribute of more than %d bytes",
    "many": "more than %d attributes",
    "long": "a name of more than %d bytes",
    "twice": "the attribute %s twice",
    "prefix": "the prefix %s was not declared",
    "xmlns": "the prefix %s cannot be declared so",
}


def fail(scanner, data, at, text, *shown):
    """Raise ParseError of one of the faults above, or of one in words, which is at `at` in what is
    read now; `shown` are bytes that it names."""
    text = FAULTS[text] % scanner._depth_max if text == "deep" else FAULTS.get(text, text)
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


def refuse_limit(changed, limits):
    """A limit of no known name was to be changed."""
    raise UsageError("%s is none of the limits: %s" % (list(changed)[0], ", ".join(limits)))


def refuse_more():
    """The document has ended, or a fault was in it, and more came."""
    raise UsageError("this scanner's document has ended: each document needs one of its own")
