"""The part of a scanner that steps over what is not wanted, and knows where in the document it is."""

START = 1  # the events
END = 2
TEXT = 3
ELEMENT = 4

SPACE = b" \t\r\n"
SHORT = 1024  # what is not longer is looked through again when more arrives: that is cheap


class Stepping:
    """The state is the Scanner's. `_inside` is what ends the markup that is stepped over, or b"<"
    between two in an element that is; of a document type b"!"."""

    def _drop(self, data, at):
        """Take note that `data` was read up to `at`."""
        lines = data.count(b"\n", 0, at)
        if lines:
            self._line += lines
            self._column = at - 1 - data.rfind(b"\n", 0, at)
        else:
            self._column += at

    def _fail(self, *what):
        from helio.xml.faults import fail

        fail(self, *what)

    def _tag_end(self, data, at):
        """Where the `>` is that ends the tag in which `at` is, or -1; then `_resume` and `_quote`
        say where to go on."""
        quote = self._quote
        self._quote = None
        gt = -1
        while True:
            if quote:
                end = data.find(quote, at)
                if end < 0:
                    self._quote = quote
                    self._resume = len(data)
                    return -1
                at = end + 1
            if gt < at:
                gt = data.find(b">", at)
            equals = data.find(b"=", at, gt) if gt >= 0 else data.find(b"=", at)
            if equals < 0:
                self._resume = max(at, len(data) - 1)
                return gt
            start = equals + 1
            while start < len(data) and data[start] in SPACE:
                start += 1
            quote = data[start : start + 1]
            if not quote:
                self._resume = equals
                return -1
            if quote not in b"\"'":
                self._fail(data, start, "quotes")
            at = start + 1

    def _step_over(self, data, at, end_tag=None):
        """Go on to the end of what `_inside` names, then of the element that `_inner` names or
        `end_tag` ends; where what is not looked at yet begins. `_inside` says whether it goes on."""
        inner = self._inner
        if end_tag:
            inner.append(end_tag)
        elif self._inside != b"<":
            at = self._aside(data, at)
            if self._inside:
                return at
        self._inside = None
        while inner:
            lt = data.find(b"<", at)
            if lt < 0:
                at = len(data)
            elif data.startswith(inner[-1], lt):
                at = lt + len(inner.pop())
                continue
            else:
                at = self._inner_markup(data, lt)
                if self._inside:
                    return at
                if at >= 0:
                    continue
                at = lt
                if len(data) - lt > SHORT:
                    self._fail(data, lt, "endless")
            self._inside = b"<"
            break
        return at

    def _aside(self, data, at):
        """Step over a comment, PI, CDATA section, document type, or tag."""
        inside = self._inside
        if inside == b">":
            gt = self._tag_end(data, at)
            if gt < 0:
                return self._resume
            if data[gt - 1 : gt] == b"/":
                self._inner.pop()
            self._inside = None
            return gt + 1
        if inside == b"!" or inside == b"--":
            from helio.xml.asides import go_on

            return go_on(self, data, at)
        end = data.find(inside, at) if inside != b"]]>" else section_end(data, at)
        if end < 0:
            return max(at, len(data) - len(inside) + 1)
        self._inside = None
        return end + len(inside)

    def _inner_markup(self, data, lt):
        """Step over markup in an element that is stepped over; where it ends, or -1."""
        kind = data[lt + 1 : lt + 2]
        if kind == b"!" or kind == b"?":
            if data.startswith(b"<![CDATA[", lt):
                self._inside = b"]]>"
                return self._aside(data, lt + 9)
            if len(data) - lt < 9:
                return -1
            from helio.xml.asides import begin_inside

            return begin_inside(self, data, lt)
        gt = data.find(b">", lt)
        tag = data[lt + 1 : gt if gt > 0 else len(data)]
        if kind == b"/":
            if gt < 0:
                return -1
            expected = self._inner.pop()
            if tag.rstrip(SPACE) != expected[1:-1]:
                self._fail(data, lt, "%s was expected, not <%s>", expected, tag)
            return gt + 1
        if gt > 0 and b"=" not in tag:
            if tag.endswith(b"/"):
                return gt + 1
            self._inner.append(b"</" + (tag.split(None, 1) or (b"",))[0] + b">")
            at = gt + 1
        else:
            name = tag.split(None, 1)
            if len(name) < 2:
                return -1
            self._inner.append(b"</" + name[0] + b">")
            self._inside = b">"
            at = self._aside(data, lt + 1 + len(name[0]))
        if len(self._inner) + len(self._opened) > self._depth_max:
            self._fail(data, lt, "deep")
        return at


def section_end(data, at):
    # the search for one byte is ten times as fast as for three; there are few ] in most
    for _ in range(8):
        at = data.find(b"]", at)
        if at < 0 or data.startswith(b"]]>", at):
            return at
        at += 1
    return data.find(b"]]>", at)
