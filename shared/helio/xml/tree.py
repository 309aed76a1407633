"""Documents as trees of elements, under the names and with the behaviour of
`xml.etree.ElementTree`, for what is not too large to hold. `feed`, `weather` and `iterparse` are
for what is.

As there, comments and processing instructions are left out, and names are `{uri}local`. A DTD is
not read; the limits are those of `helio.xml.scanner`.
"""

from helio.errors import ParseError, UsageError
from helio.xml.scanner import ELEMENT, END, START, Scanner
from helio.xml.tags import ORDERED

_PIECE_BYTES = 4096
_Attributes = dict
__all__ = (
    "Element",
    "ElementTree",
    "ParseError",
    "SubElement",
    "XML",
    "fromstring",
    "iselement",
    "iterparse",
    "parse",
    "register_namespace",
    "tostring",
)


if ORDERED is not dict:

    class _Attributes(ORDERED):
        """Attributes that a program sets: in order, and equal to a dict, as MicroPython's OrderedDict is not."""

        def __eq__(self, other):
            is_same = isinstance(other, dict) and len(self) == len(other)
            return is_same and all([key in other and other[key] == value for key, value in self.items()])


class Element:
    """A tag, attributes, text, children, and the text behind the end tag, `tail`."""

    def __init__(self, tag, attrib=None, **extra):
        self.tag = tag
        self.attrib = _Attributes() if attrib is None else attrib.copy()
        if extra:
            self.attrib.update(extra)
        self.text = None
        self.tail = None
        self._children = []

    def __repr__(self):
        return "<Element %r at 0x%x>" % (self.tag, id(self))

    def __len__(self):
        return len(self._children)

    def __bool__(self):
        return len(self._children) != 0

    def __iter__(self):
        return iter(self._children)

    def __getitem__(self, index):
        return self._children[index]

    def __setitem__(self, index, element):
        self._children[index] = _elements(element) if isinstance(index, slice) else _element(element)

    def __delitem__(self, index):
        del self._children[index]

    def append(self, element):
        """Raises TypeError for what is no Element, as do the others that add to the children."""
        self._children.append(_element(element))

    def extend(self, elements):
        self._children.extend(_elements(elements))

    def insert(self, index, element):
        self._children.insert(index, _element(element))

    def remove(self, element):
        """Raises ValueError when it is not a child."""
        self._children.remove(element)

    def clear(self):
        self.attrib.clear()
        self._children = []
        self.text = self.tail = None

    def get(self, key, default=None):
        return self.attrib.get(key, default)

    def set(self, key, value):
        """Give an attribute a value, behind those that there are if it is new."""
        if type(self.attrib) is dict and _Attributes is not dict:  # MicroPython's keeps no order
            attrib = self.attrib
            self.attrib = _Attributes()
            self.attrib.update(attrib)
        self.attrib[key] = value

    def keys(self):
        return self.attrib.keys()

    def items(self):
        return self.attrib.items()

    def iter(self, tag=None):
        """This element and all in it, in the order of the document; only those with `tag`, unless
        it is None or `*`."""
        if tag == "*":
            tag = None
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if tag is None or element.tag == tag:
                yield element
            waiting.extend(reversed(element._children))

    def itertext(self):
        """The text in this element, without markup, piece by piece."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if isinstance(element, str):
                yield element
                continue
            if element.text:
                yield element.text
            for child in reversed(element._children):
                if child.tail:
                    waiting.append(child.tail)
                waiting.append(child)

    def iterfind(self, path, namespaces=None):
        from helio.xml.path import select

        return select(self, path, namespaces)

    def find(self, path, namespaces=None):
        """The first element that `path` leads to, or None. The paths are ElementTree's; raises
        UsageError for one that is not."""
        for element in self.iterfind(path, namespaces):
            return element
        return None

    def findall(self, path, namespaces=None):
        return list(self.iterfind(path, namespaces))

    def findtext(self, path, default=None, namespaces=None):
        """The text of the first element that `path` leads to, "" when it has none."""
        for element in self.iterfind(path, namespaces):
            return element.text or ""
        return default


def _element(element):
    if not isinstance(element, Element):
        raise TypeError("an Element was expected, not %r" % (element,))
    return element


def _elements(elements):
    return [_element(element) for element in elements]


def SubElement(parent, tag, attrib=None, **extra):  # noqa: N802
    """A new element, appended to `parent`."""
    element = Element(tag, attrib, **extra)
    parent.append(element)
    return element


def iselement(element):
    return hasattr(element, "tag")


class ElementTree:
    """A document: what `parse` gives."""

    def __init__(self, element=None):
        self._root = element

    def getroot(self):
        return self._root

    def iter(self, tag=None):
        return self._root.iter(tag)

    def find(self, path, namespaces=None):
        return self._root.find(_relative(path), namespaces)

    def findall(self, path, namespaces=None):
        return self._root.findall(_relative(path), namespaces)

    def iterfind(self, path, namespaces=None):
        return self._root.iterfind(_relative(path), namespaces)

    def findtext(self, path, default=None, namespaces=None):
        return self._root.findtext(_relative(path), default, namespaces)

    def write(self, file, encoding="us-ascii", xml_declaration=None, short_empty_elements=True):
        """Write the document to a file, by its name or open for bytes (for str with the encoding
        `unicode`)."""
        data = tostring(self._root, encoding, "xml", xml_declaration, short_empty_elements)
        if hasattr(file, "write"):
            file.write(data)
            return
        with open(file, "w" if encoding == "unicode" else "wb") as opened:
            opened.write(data)


def _relative(path):
    return "." + path if path[:1] == "/" else path


def fromstring(text, scanner=None):
    """The root element of a document, str or bytes. Raises ParseError. `scanner`: one with limits
    of its own."""
    builder = _Builder(scanner, "utf-8" if isinstance(text, str) else None)
    for _ in builder.feed(text.encode() if isinstance(text, str) else text):
        pass
    return builder.close()


XML = fromstring


def parse(source, scanner=None):
    """The ElementTree of a file: its name, or a file open for reading bytes. Raises ParseError."""
    builder = _Builder(scanner)
    for piece in _pieces(source):
        for _ in builder.feed(piece):
            pass
    return ElementTree(builder.close())


def iterparse(source, events=("end",), scanner=None):
    """An iterator over pairs of an event, "start" or "end", and its element, while the file is read.
    An element that is not needed any more is to be cleared. Raises ParseError."""
    events = ("end",) if events is None else events
    for event in events:
        if event not in ("start", "end"):
            raise UsageError('iterparse has the events "start" and "end", not %r' % event)
    return _iterparse(_pieces(source), events, scanner)


def _iterparse(pieces, events, scanner):
    builder = _Builder(scanner)
    for piece in pieces:
        for event, element in builder.feed(piece):
            if event in events:
                yield event, element
    builder.close()


def _pieces(source):
    """An iterator over a file, which is open when this returns: that it is missing is told at once."""
    if hasattr(source, "read"):
        return _read(source, False)
    return _read(open(source, "rb"), True)


def _read(file, closes):
    try:
        while True:
            piece = file.read(_PIECE_BYTES)
            if not piece:
                return
            yield piece.encode() if isinstance(piece, str) else piece
    finally:
        if closes:
            file.close()


class _Builder:
    def __init__(self, scanner, encoding=None):
        self._scanner = scanner or Scanner(encoding=encoding)
        self._root = None
        self._opened = []
        self._last = None  # the element whose text, or tail when it is closed, comes next
        self._text = []

    def feed(self, data):
        """The events "start" and "end" of bytes, each with its element."""
        scanner = self._scanner
        opened = self._opened
        text = self._text
        for event in scanner.feed(data):
            if event == ELEMENT or event == START:
                if text:
                    self._flush()
                element = Element(scanner.name, scanner.attributes)
                if opened:
                    opened[-1]._children.append(element)
                else:
                    self._root = element
                self._last = element
                yield "start", element
                if event == START:
                    opened.append(element)
                else:
                    element.text = scanner.text or None
                    self._is_closed = True
                    yield "end", element
                    continue
                self._is_closed = False
            elif event == END:
                if text:
                    self._flush()
                self._last = opened.pop()
                self._is_closed = True
                yield "end", self._last
            else:
                text.append(scanner.text)

    def _flush(self):
        text = "".join(self._text)
        self._text.clear()
        if self._is_closed:
            self._last.tail = text
        else:
            self._last.text = text

    def close(self):
        self._scanner.close()
        return self._root


def tostring(element, encoding="us-ascii", method="xml", xml_declaration=None, short_empty_elements=True):
    """The element with all in it as XML, in bytes, or as str with the encoding `unicode`. What does
    not fit the encoding, us-ascii unless given, becomes character references."""
    from helio.xml.writing import serialized

    return serialized(element, encoding, method, xml_declaration, short_empty_elements)


def register_namespace(prefix, uri):
    """Have `tostring` write a namespace under this prefix; "" makes it the default."""
    from helio.xml.writing import register

    register(prefix, uri)
