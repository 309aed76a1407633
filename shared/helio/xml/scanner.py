"""A streaming XML parser without I/O: bytes in, events out, in bounded memory.

XML 1.0 (fifth edition) with Namespaces in XML 1.0, read without the DTD. `find` does the looking:
nothing here goes through the characters one by one.
"""

from helio.xml import limits
from helio.xml.characters import is_plain
from helio.xml.stepping import ELEMENT, END, SHORT, SPACE, START, TEXT, Stepping
from helio.xml.tags import Tags

if hasattr(bytes, "translate"):  # CPython's, as are regular expressions that can do it
    from helio.xml import runs
else:
    runs = None

_LIMITS = ("depth_max", "text_max", "name_max", "attributes_max", "attribute_max")
_NAMES_MAX = 64  # remembered; a document may have any number
_TAG_SHORT = 40  # bytes of a tag with attributes that is worth remembering
# What says no more than that it is XML in UTF-8.
_DECLARATIONS = (
    b'<?xml version="1.0" encoding="UTF-8"?>',
    b'<?xml version="1.0" encoding="utf-8"?>',
    b'<?xml version="1.0"?>',
)
# An open element: its end tag, its name, whether its text is wanted, the namespaces that it hides, its
# attributes, and what ends it if it may be an ELEMENT: its end tag, nothing where it has none, else None.
# The document itself has no end tag.
_DOCUMENT = (b"\0", None, True, None, None, None)
_NO_ATTRIBUTES = {}


class Scanner(Stepping):
    """Reads one document.

    `wanted`, a function, gets the name of an element once for all elements of that name: None
    steps over the element, False takes it without the text directly in it, True takes its text
    too. Without it all is taken. What is stepped over is checked only for the nesting of its
    tags, CDATA sections, comments and its end; text that was not wanted is not checked at all;
    a prefix that nobody declared stays in the name. What is taken is well-formed, or ParseError
    is raised.

    `entity`, a function, gets the name of an entity that is not one of XML's five; it gives its
    text, or None for one that shall stay as written. Without it such a reference is an error.

    `encoding` is that of the document, whatever its declaration says.

    `depth_max`, `attributes_max`, and in bytes `name_max`, `attribute_max` and `text_max` change
    the limits of `helio.xml.limits`, XML_DEPTH_MAX and so on; over one is a ParseError.
    """

    # What few documents need is set on the instance only by those.
    doctype = None
    _ends = 0  # of elements, while there is no run

    def __init__(self, wanted=None, entity=None, encoding=None, **changed):
        self.name = None  # of the element of the event, `{uri}local` or `local`
        self.attributes = {}  # of START: a dict of str, for reading only
        self.text = ""  # of TEXT; text in one element may come in several events
        self._wanted = wanted
        self._entity = entity
        self._strict = wanted is None  # then each piece is checked as it comes, not each token
        self._encoding = encoding
        # A start tag as written: its element. One of what is not wanted: its end tag. And what steps
        # over a run of those.
        self._names = ({}, {}, None)
        self._before = None  # what was wanted before, and the names of that
        limit = [changed.pop(name, getattr(limits, "XML_" + name.upper())) for name in _LIMITS]
        if changed:
            from helio.xml.faults import refuse_limit

            refuse_limit(changed, _LIMITS)
        self._depth_max, self._text_max, *of_tags = limit
        self._tags = Tags(self._strict, entity, of_tags)
        self.namespaces = self._tags.uris  # in scope, by their prefixes, for reading only
        self._opened = [_DOCUMENT]
        self._has_root = False
        self._intake = None  # what happens to pieces before they are looked at
        self._event = None  # what `_markup` found, if anything
        self._element = None  # that START opens
        self._is_empty = False  # it has no end tag
        self._quote = None  # where the search for the end of a tag goes on: in which quote,
        self._resume = self._offset = 0  # where, and how far that is behind the tag's `<`
        self._inner = []  # end tags to come in the element that is stepped over
        self._inside = None  # what ends the comment, PI, section or tag that is stepped over
        self._piece = b""  # not yet looked at
        self._mark = b"<"  # what the token that is not complete waits for
        self._closed = False
        self._is_over = False  # nothing comes behind `_piece`
        self._line = 0  # of what was dropped last; 0 before anything came
        self._column = 0
        self._events = self._scan()

    @property
    def depth(self):
        """How many elements are open."""
        return len(self._opened) - 1

    def want(self, wanted):
        """Change what is wanted from here on; to be called between events. What was found out about
        names is kept while all is wanted in between."""
        before = self._before
        self._before = (self._wanted, self._names) if wanted is None else None
        self._wanted, self._names = before if before and before[0] is wanted else (wanted, ({}, {}, None))

    def _forget(self):
        """What is known of names does not hold any more."""
        self._before = None
        self._names[0].clear()
        self._names[1].clear()

    def feed(self, data):
        """An iterator over the events that `data`, bytes, completes; `name`, `attributes` and `text`
        are its particulars until the next. START and END are of an element, TEXT is in it, and
        ELEMENT is all three at once of one that has nothing but text in it, or nothing. Raises
        ParseError where the document is not well-formed, after the events before."""
        if self._closed:
            from helio.xml.faults import refuse_more

            refuse_more()
        self._take(data if type(data) is bytes else bytes(data))
        return _until_none(self._events)

    def close(self):
        """End the document. Raises ParseError when it is not complete."""
        if not self._closed:
            self._closed = True
            self._take(b"")
            self._is_over = True
            for _ in self._events:
                pass

    def _take(self, data):
        if not self._line:
            self._line = 1
            end = data.find(b"?>") + 2
            declaration = data[:end] if b'"' in data[:end] else data[:end].replace(b"'", b'"')
            is_declared = declaration in _DECLARATIONS
            if self._strict or self._encoding or not (is_declared or data[1:2].isalpha()):
                from helio.xml.intake import begin

                begin(self)
            elif is_declared:
                self._column = end
                data = data[end:]
        if self._intake:
            data = self._intake.take(data, self._closed)
            if self._intake.wrong:
                self._is_over = True
        self._piece = self._piece + data if self._piece else data

    def _scan(self):
        """A generator of all events of the document, and of None where more is needed."""
        opened = self._opened
        data = b""
        at = 0
        while True:
            self._drop(data, at)
            data = data[at:]
            while not self._piece:
                if self._is_over:
                    if self._intake or self._inside or data or len(opened) > 1 or not self._has_root:
                        from helio.xml.faults import end

                        end(self, data)
                    return
                if len(data) > SHORT:
                    from helio.xml.intake import wait

                    wait(self, data)
                yield None
            if self._offset and len(data) <= SHORT:  # whole, it may be a tag that is known
                self._offset = 0
                self._quote = None
            data = data + self._piece if data else self._piece
            self._piece = b""
            at = self._step_over(data, 0) if self._inside else 0
            known, unwanted, run = self._names
            end_tag, _, takes_text, _, _, _ = opened[-1]
            while not self._inside:
                lt = data.find(b"<", at)
                if lt < 0:
                    self._mark = b"<"
                    at = self._rest(data, at)
                    break
                if takes_text and lt > at:
                    self.text = self._text(data, at, lt)
                    at = lt
                    if self.text:
                        yield TEXT
                if data.startswith(end_tag, lt):
                    at = lt + len(end_tag)
                    end_tag, _, takes_text, _, _, _ = self._leave()
                    yield END
                    known, unwanted, run = self._names
                    continue
                gt = data.find(b">", lt)
                tag = data[lt + 1 : gt] if gt > 0 else b""
                if tag in known:
                    element = known[tag]
                    at = gt + 1
                else:
                    match = run and run(data, lt)
                    if match:
                        at = match.end()
                        continue
                    if tag in unwanted:
                        at = self._step_over(data, gt + 1, unwanted[tag])
                        continue
                    at = self._start_tag(data, lt, gt, tag) if tag and tag[0] > 63 else self._markup(data, lt)
                    if at < 0:  # it is not complete
                        at = lt
                        break
                    if self._event != START:
                        if self._event:
                            yield self._event
                            known, unwanted, run = self._names
                            end_tag, _, takes_text, _, _, _ = opened[-1]
                        continue
                    element = self._element
                if len(opened) > self._depth_max:
                    self._fail(data, lt, "deep")
                end = at if self._is_empty else data.find(b"<", at)
                leaf_end = element[5]
                if leaf_end is not None and end > 0 and data.startswith(leaf_end, end):
                    _, self.name, _, _, self.attributes, _ = element
                    self._is_empty = False
                    try:
                        self.text = self._text(data, at, end)
                    except Exception as error:  # its start is told, as when it came in pieces
                        yield START
                        raise error
                    at = end + len(leaf_end)
                    yield ELEMENT
                    known, unwanted, run = self._names
                    continue
                end_tag, self.name, takes_text, _, self.attributes, _ = element
                opened.append(element)
                yield START
                known, unwanted, run = self._names
                if self._is_empty:
                    self._is_empty = False
                    end_tag, _, takes_text, _, _, _ = self._leave()
                    yield END

    def _rest(self, data, at):
        """Where what is to be kept begins of text that goes on."""
        if len(self._opened) == 1:
            self._text(data, at, len(data))
        elif self._opened[-1][2]:
            return at
        return len(data)

    # --- what is not a plain tag that came before

    def _markup(self, data, lt):
        """Read what begins at `lt`. Where it ends, or -1 when more is needed; `_event` is the event
        that it is, if any."""
        self._event = None
        kind = data[lt + 1 : lt + 2]
        if kind == b"!" or kind == b"?":
            from helio.xml.asides import begin

            return begin(self, data, lt)
        gt = data.find(b">", lt)
        if kind != b"/":
            return self._start_tag(data, lt, gt, data[lt + 1 : gt]) if kind else -1
        if gt < 0:
            self._mark = b">"
            return -1
        if data[lt + 1 : gt].rstrip(SPACE) != self._opened[-1][0][1:-1]:
            from helio.xml.faults import end_tag

            end_tag(self, data, lt, gt)
        self._event = END
        self._leave()
        return gt + 1

    def _leave(self):
        """Close the innermost element; the one around it."""
        opened = self._opened
        if runs and self._wanted and not self._names[2]:
            runs.learn(self)
        _, self.name, _, hidden, _, _ = opened.pop()
        if hidden:
            self._tags.restore(hidden)
        if hidden or len(opened) == 1:  # a second root is to be looked at
            self._forget()
        return opened[-1]

    def _start_tag(self, data, lt, gt, tag):
        self._event = None
        if gt < 0 or self._offset or b"'" in tag or tag.count(b'"') & 1:
            gt = self._tag_end(data, lt + (self._offset or 1))
            if gt < 0:
                self._offset = self._resume - lt
                self._mark = self._quote or b">"
                return -1
            self._offset = 0
            tag = data[lt + 1 : gt]
        is_empty = tag.endswith(b"/")
        if is_empty:
            tag = tag[:-1]
        name = tag.split(None, 1)
        name = name[0] if name and tag.startswith(name[0]) else b""
        inside = tag[len(name) :]
        known, unwanted, _ = self._names
        if b"xmlns" in inside or name not in unwanted:
            self._is_empty = is_empty
            if self._open(name, inside, data, lt):
                self._event = START
                if not is_empty and inside and len(tag) <= _TAG_SHORT and not self._element[3]:
                    known[tag] = self._element
                return gt + 1
            self._is_empty = False
        if inside:
            self._tag_end(data, lt + 1)  # its errors are told, whatever the pieces were
        if is_empty:
            return gt + 1
        if inside and len(tag) <= _TAG_SHORT and b"xmlns" not in inside:
            unwanted[tag] = b"</" + name + b">"
        return self._step_over(data, gt + 1, b"</" + name + b">")

    def _open(self, tag, inside, data, lt):
        """Make `_element` of a start tag. False when it is not wanted."""
        is_root = len(self._opened) == 1
        if is_root and self._has_root:
            self._fail(data, lt, "second")
        declares = b"xmlns" in inside
        attributes = hidden = None
        known, unwanted, _ = self._names
        element = None if declares else known.get(tag)
        try:
            if declares:
                attributes, hidden = self._tags.attributes(inside)
            if element:
                _, name, takes_text, _, _, _ = element
            else:
                if inside:
                    self._tag_end(data, lt + 1)  # before the caller is asked, whatever the pieces were
                name = self._tags.name(tag)
                takes_text = self._wanted(name) if self._wanted else True
            if attributes is None and takes_text is not None:
                attributes, _ = self._tags.attributes(inside)
        except ValueError as error:
            self._tag_end(data, lt + 1)  # its errors come first, whatever the pieces were
            self._fail(data, lt + 1 + len(tag) + error.args[1] if len(error.args) > 1 else lt, error.args[0])
        self._has_root = True
        if hidden or len(known) + len(unwanted) > _NAMES_MAX:
            self._forget()
        end_tag = element[0] if element else b"</" + tag + b">"
        if takes_text is None:
            if hidden:
                self._tags.restore(hidden)
            elif not is_root:
                unwanted[tag] = end_tag
            return False
        leaf_end = end_tag if takes_text else None
        if hidden or is_root:
            leaf_end = None
        elif not element:
            known[tag] = (end_tag, name, takes_text, None, _NO_ATTRIBUTES, leaf_end)
        if self._is_empty and not (hidden or is_root):
            leaf_end = b""
        self._element = (end_tag, name, takes_text, hidden, attributes, leaf_end)
        return True

    def _text(self, data, at, end):
        raw = data[at:end]
        if len(self._opened) > 1:
            if is_plain(raw) and end - at <= self._text_max:
                return raw.decode()
        elif not raw.strip(SPACE):
            return ""
        from helio.xml.texts import text

        return text(self, data, at, end)


def _until_none(events):
    for event in events:
        if event is None:
            return
        yield event


if runs:

    def _until_none(events):
        return iter(events.__next__, None)
