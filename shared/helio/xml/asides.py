"""What is neither a tag nor text: comments, CDATA sections, the document type, and processing
instructions (XML 1.0 sections 2.5 to 2.8). The functions are a Scanner's, loaded at the first of these."""

from helio.xml.characters import is_name
from helio.xml.stepping import SPACE, TEXT, section_end


def begin(scanner, data, lt):
    """Read what `<!` or `<?` begins at `lt`. Where it ends, or -1 when more is needed."""
    if data.startswith(b"<?", lt):
        return _instruction(scanner, data, lt)
    if data.startswith(b"<!--", lt):
        scanner._inside = b"--"
        return scanner._step_over(data, lt + 4)
    if data.startswith(b"<![CDATA[", lt) and scanner.depth:
        return _section(scanner, data, lt)
    if data.startswith(b"<!DOCTYPE", lt) and not scanner._has_root and not scanner.doctype:
        from helio.xml.doctype import Doctype

        scanner.doctype = Doctype()
        scanner._inside = b"!"
        return scanner._step_over(data, lt + 9)
    if len(data) - lt < 9:
        return -1
    scanner._fail(data, lt, "a comment%s was expected after <!" % (" or CDATA section" if scanner.depth else ""))


def _section(scanner, data, lt):
    if not scanner._opened[-1][2]:
        scanner._inside = b"]]>"
        return scanner._step_over(data, lt + 9)
    from helio.xml.texts import section

    end = section_end(data, lt + 9)
    if end < 0:
        scanner._mark = b"]]>"
        return -1
    scanner.text = section(scanner, data, lt + 9, end)
    if scanner.text:
        scanner._event = TEXT
    return end + 3


def _instruction(scanner, data, lt):
    target = data[lt + 2 : lt + 3 + scanner._tags.sizes[0]].split(b"?", 1)[0].split(None, 1)
    target = target[0] if target and data.startswith(target[0], lt + 2) else b""
    end = lt + 2 + len(target)
    if end + 2 > len(data):
        return -1
    try:
        is_right = is_name(target) and b":" not in target  # Namespaces in XML section 7
    except ValueError:
        is_right = False
    if not is_right or target.lower() == b"xml" and not (target == b"xml" and _is_first(scanner, lt)):
        scanner._fail(data, lt, "a processing instruction cannot be called <?%s", target)
    if not data.startswith(b"?>", end) and data[end] not in SPACE:
        scanner._fail(data, end, "white space or ?> was expected")
    scanner._inside = b"?>"
    return scanner._step_over(data, end)


def _is_first(scanner, at):
    """Whether nothing is in the document before `at` of what is read now."""
    return not (at or scanner._column) and scanner._line == 1


def begin_inside(scanner, data, lt):
    """Step over what `<!` or `<?` begins in an element that is stepped over; where it ends."""
    if data.startswith(b"<?", lt):
        scanner._inside = b"?>"
        return scanner._aside(data, lt + 2)
    if data.startswith(b"<!--", lt):
        scanner._inside = b"-->"
        return scanner._aside(data, lt + 4)
    scanner._fail(data, lt, "a comment or CDATA section was expected after <!")


def go_on(scanner, data, at):
    """Step over the rest of a document type, or of a comment whose hyphens are looked at; where
    that is, and `_inside` is None when it has ended."""
    if scanner._inside == b"!":
        try:
            at = scanner.doctype.take(data, at)
        except ValueError as error:
            scanner._fail(data, error.args[1], error.args[0])
        if scanner.doctype.done:
            scanner._inside = None
        return at
    end = data.find(b"--", at)
    if end < 0:
        return max(at, len(data) - 1)
    if end + 2 == len(data):
        return end
    if data[end + 2] != 0x3E:
        scanner._fail(data, end, "-- in a comment")
    scanner._inside = None
    return end + 3
