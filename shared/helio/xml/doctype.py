"""Steps over a document type declaration, in pieces: XML 1.0 (fifth edition) section 2.8.

Nothing in it is kept, but it must be well-formed, its internal subset too (section 5.1). Here it
is cut into its parts; declarations.py checks those that say something.
"""

from helio.xml.declarations import (
    attributes,
    element,
    entity,
    external_id,
    gap,
    mark,
    name,
    nc_name,
    notation,
    run,
    space,
)

DECLARATION_MAX_BYTES = 65536  # of one markup declaration: it is kept until it is whole


class Doctype:
    """One document type declaration, in pieces.

    `done` is whether its end was passed. `declares` is whether there may be entities that the
    document declares: one was declared, or a parameter entity referenced, or there is an external subset.
    `head` is what it begins with, the name and the external ID.
    """

    def __init__(self):
        self.done = False
        self.declares = False
        self.head = b""
        self._step = self._head
        self._seen = 0  # bytes of the declaration that were searched for its end already
        self._quote = b""  # of the literal that they end in

    def take(self, data, at):
        """The position up to which the bytes `data` were consumed, from `at`, where what was not
        consumed before begins; at first that is behind `<!DOCTYPE`.

        What is left is an incomplete declaration or a few bytes: it is wanted again, with more
        behind it. `data` is UTF-8 without characters that XML forbids.
        Raises ValueError(what was expected, position in `data`).
        """
        while not self.done:
            step, begin = self._step, at
            at = step(data, at)
            if at == begin and step is self._step:
                break  # more is needed
        return at

    def _head(self, data, at):
        """[28] doctypedecl, up to `[` or `>`."""
        end = self._end(data, at, (b'"', b"'", b">", b"["))
        if end < 0:
            return at
        start = gap(data, at)
        at = name(data, start)
        if data.count(b":", start, at) > 1 or data[start] in b":" or data[at - 1] in b":":
            raise ValueError("a name", start)
        if space(data, at) < end:
            at = external_id(data, gap(data, at))
            self.declares = True
        self.head = data[start:end]
        at = space(data, at)
        if data[end] in b">":
            self._step = self._tail
            return at
        self._step = self._subset
        return mark(data, at, b"[")

    def _subset(self, data, at):
        """[28b] intSubset, one of its parts."""
        at = space(data, at)
        rest = data[at : at + 4]
        if rest == b"<!--":
            self._step = self._comment
            return at + 4
        if b"<!--".startswith(rest):  # cut short, or nothing
            return at
        if rest.startswith(b"<?"):
            return self._target(data, at)
        if rest.startswith(b"<!") and not rest.startswith(b"<!["):
            return self._declaration(data, at)
        if rest.startswith(b"%"):
            return self._pe_reference(data, at)
        if rest.startswith(b"]"):
            self._step = self._tail
            return at + 1
        raise ValueError("a markup declaration, a parameter entity reference or `]`", at)

    def _tail(self, data, at):
        """[28] doctypedecl, its end."""
        at = space(data, at)
        if at < len(data):
            at = mark(data, at, b">")
            self.done = True
            self._step = None  # it refers to this object
        return at

    def _comment(self, data, at):
        """[15] Comment, behind its `<!--`."""
        end = data.find(b"--", at)
        if end < 0:
            return _but(data, at, b"-")
        if end + 2 == len(data):
            return end
        self._step = self._subset
        return mark(data, end, b"-->")

    def _target(self, data, at):
        """[16] PI, up to its target [17] and what ends that."""
        end = self._name_end(data, at + 2)
        if end < 0 or data[end] in b"?" and end + 1 == len(data):
            return at
        nc_name(data, at + 2)
        if data[at + 2 : end].lower() == b"xml":
            raise ValueError("a target other than `xml`", at + 2)
        if data[end] in b"?":
            return mark(data, end, b"?>")
        self._step = self._instruction
        return gap(data, end)

    def _instruction(self, data, at):
        """[16] PI, behind its target."""
        end = data.find(b"?>", at)
        if end < 0:
            return _but(data, at, b"?")
        self._step = self._subset
        return end + 2

    def _pe_reference(self, data, at):
        """[69] PEReference."""
        if self._name_end(data, at + 1) < 0:
            return at
        self.declares = True
        return mark(data, nc_name(data, at + 1), b";")

    def _declaration(self, data, at):
        """[29] markupdecl, other than comments and processing instructions."""
        if self._end(data, at, (b'"', b"'", b">")) < 0:
            return at
        at += 2
        end = run(data, at)
        keyword = data[at:end]
        if keyword == b"ELEMENT":
            at = element(data, end)
        elif keyword == b"ATTLIST":
            at = attributes(data, end)
        elif keyword == b"ENTITY":
            at = entity(data, end)
            self.declares = True
        elif keyword == b"NOTATION":
            at = notation(data, end)
        else:
            raise ValueError("ELEMENT, ATTLIST, ENTITY or NOTATION", at)
        return mark(data, space(data, at), b">")

    def _end(self, data, at, marks):
        """The position of the first of `marks` outside of literals in the declaration that begins at
        `at`, -1 when it is not there yet; `marks` begin with the two quotes."""
        size = len(data)
        i = at + self._seen
        ahead = [-1] * len(marks)  # the next of each: searched again only when passed, for linear time
        while i < size:
            if self._quote:
                i = data.find(self._quote, i) + 1
                if not i:
                    break
                self._quote = b""
            for k in range(len(marks)):
                if ahead[k] < i:
                    found = data.find(marks[k], i)
                    ahead[k] = found if found >= 0 else size
            i = min(ahead)
            if i in ahead[2:] and i < size:
                self._seen = 0
                _bound(at, i + 1)
                return i
            self._quote = data[i : i + 1]  # b"" at the end
            i += 1
        self._seen = size - at
        _bound(at, size)
        return -1

    def _name_end(self, data, at):
        """Where the name that begins at `at` ends, -1 when it may go on."""
        end = run(data, at + self._seen)
        _bound(at, end)
        self._seen = 0 if end < len(data) else end - at
        return end if end < len(data) else -1


def _bound(begin, end):
    if end - begin > DECLARATION_MAX_BYTES:
        raise ValueError("a declaration of at most %d bytes" % DECLARATION_MAX_BYTES, begin)


def _but(data, at, first):
    """The end of `data`, but where it ends in `first`, the position of that."""
    end = len(data)
    return end - 1 if end > at and data[end - 1] in first else end
