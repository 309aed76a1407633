"""HTML, or text that has some, as plain text for a small display. What is a tag, a comment and a
reference is as in the HTML Standard, sections 13.2.5 and 13.5. In bytes and with `find`, for that is
what runs in C: MicroPython counts the characters of a str from its beginning at each index."""

from helio import utf8
from helio.reading_limits import HTML_MAX, PLAIN_MAX

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"
_BREAKS = (  # what other text does not stand beside
    b" address article aside blockquote br caption center dd details dialog dir div dl dt fieldset figcaption"
    b" figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol optgroup option p pre section"
    b" summary table tbody td tfoot th thead tr ul "
)
_PIECE = 1024  # bytes of text that are read at once, so that there is no second copy of all of it
_REFERENCE_MAX = 32  # bytes of a reference with all its zeros
_NAME_MAX = 8  # bytes of the longest name, thetasym
_NBSP = b"\xc2\xa0"
_KNOWN = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
# What references to 128 to 159 mean: windows-1252, which has no character for five of them.
_C1 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"


def plain(text, size_max=PLAIN_MAX):
    """The text of `text`, a str of at most `size_max` characters, "" of None: what is longer is cut,
    after a word where one ends in the second half, and ends in `…`.

    Tags, comments, scripts and styles are left out; a block, a line break and any white space is
    one blank. References are resolved, unknown ones stay as they are, and so does a `<` that
    begins no tag. No control characters are in it. Of HTML over 32,768 characters the rest is not
    read.
    """
    if text is None:  # what an item does not have
        return ""
    pieces = []
    enough = 4 * size_max + 4  # bytes: UTF-8 has at most four a character
    for piece in _texts(_encoded(text[:HTML_MAX])):
        pieces.append(piece)
        if piece != b" ":
            enough -= len(piece)
            if enough < 0:
                break
    words = _printable(b"".join(pieces)).split()
    return cut(str(b" ".join(words), "utf-8"), size_max, len(text) > HTML_MAX)


def _encoded(text):
    try:
        data = text.encode()
        if b"\xed" in data:
            utf8.decode(data)  # MicroPython encodes surrogates
        return data
    except ValueError:
        return "".join(["\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text]).encode()


def _texts(html):
    """The pieces of text in the bytes `html`; one that is a blank never follows another."""
    blank = False
    start = 0  # of the text
    at = 0  # where the next tag is looked for
    while True:
        tag = html.find(b"<", at)
        end = len(html) if tag < 0 else _tag_end(html, tag)
        if end < 0:  # a `<` as such
            at = tag + 1
            continue
        while start < (tag if tag >= 0 else end):
            stop = _piece_end(html, start, tag if tag >= 0 else end)
            text = _resolved(html[start:stop]).replace(_NBSP, b" ")
            words = b" ".join(text.split())
            if (not words or text[:1].isspace()) and not blank:
                blank = True
                yield b" "
            if words:
                yield words
                blank = text[-1:].isspace()
                if blank:
                    yield b" "
            start = stop
        if tag < 0:
            return
        if not blank and _is_break(html, tag, end):
            blank = True
            yield b" "
        start = at = _without_content(html, tag, end)


def _piece_end(html, start, end):
    """Where a piece of the text from `start` to `end` may end: not inside a reference, nor inside
    a character."""
    if end - start <= _PIECE:
        return end
    end = start + _PIECE
    reference = html.rfind(b"&", end - _REFERENCE_MAX, end)
    if reference > start:
        return reference
    while html[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _tag_end(html, at):
    """The index after the tag, comment or declaration that begins at `at`; -1 when none does."""
    first = html[at + 1] if at + 1 < len(html) else 0
    if first in b"!?":
        comment = html[at + 2 : at + 4] == b"--"
        end = html.find(b"-->" if comment else b">", at + 2)
        return len(html) if end < 0 else end + (3 if comment else 1)
    if first == 0x2F and at + 2 < len(html):  # a slash
        first = html[at + 2]
    if first not in _LETTERS:
        return -1
    end = html.find(b">", at)
    while end >= 0:
        value = html.find(b"=", at, end)
        if value < 0:
            return end + 1
        at = value + 1
        while html[at : at + 1].isspace():
            at += 1
        quote = html[at : at + 1]
        if quote == b'"' or quote == b"'":
            close = html.find(quote, at + 1)
            if close < 0:
                break
            at = close + 1
        if at > end:
            end = html.find(b">", at)
    return len(html)  # it was cut off


def _tag_name(html, at, end):
    """What the tag from `at` to `end` begins with or ends, in lower case; empty for a comment."""
    at += 2 if html[at + 1 : at + 2] == b"/" else 1
    words = html[at : min(end, at + 12)].replace(b"/", b" ").replace(b">", b" ").split()
    return words[0].lower() if words else b""


def _is_break(html, at, end):
    return b" " + _tag_name(html, at, end) + b" " in _BREAKS


def _without_content(html, at, end):
    """Where the text goes on after the tag from `at` to `end`: behind the end of what it begins
    where that is no text."""
    name = _tag_name(html, at, end)
    if name not in (b"script", b"style") or html[at + 1 : at + 2] == b"/":
        return end
    at = html.find(b"</", end)
    while at >= 0:
        if _tag_name(html, at, len(html)) == name:
            return _tag_end(html, at)
        at = html.find(b"</", at + 2)
    return len(html)


def _resolved(text):
    """The text with its references resolved."""
    if b"&" not in text:
        return text
    parts = text.split(b"&")
    for i in range(1, len(parts)):
        parts[i] = _number(parts[i]) if parts[i][:1] == b"#" else _name(parts[i])
    return b"".join(parts)


def _number(part):
    """What follows `&`, with the character of `#233;` or `#xE9;` in place of it."""
    is_hex = part[1:2] in (b"x", b"X")
    digits = part[2:] if is_hex else part[1:]
    rest = digits.lstrip(_HEX if is_hex else _DIGITS)
    digits = digits[: len(digits) - len(rest)]
    if not digits:
        return b"&" + part
    digits = digits.lstrip(b"0")
    code = int(digits, 16 if is_hex else 10) if 0 < len(digits) < 8 else 0
    if 128 <= code < 160:
        character = _C1[code - 128]
    elif 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
        character = chr(code)
    else:
        character = "\ufffd"
    return character.encode() + (rest[1:] if rest[:1] == b";" else rest)


def _name(part):
    """What follows `&`, with the character of `eacute;` in place of it, also where the `;` is
    missing and HTML forgives it: up to U+00FF."""
    name = part[: _NAME_MAX + 1]
    name = name[: len(name) - len(name.lstrip(_LETTERS + _DIGITS))]
    ends = part[len(name) : len(name) + 1] == b";"
    character = _KNOWN.get(name)
    if character is None and name:
        from helio.entities import named

        character = named(str(name, "utf-8"))
        character = character and character.encode()
    if character is None or not ends and (len(character) > 2 or character >= b"\xc4" or name == b"apos"):
        return b"&" + part
    return character + part[len(name) + ends :]


def _printable(data):
    """UTF-8 without control characters: a terminal takes them for commands."""
    if data and (min(data) < 32 or b"\x7f" in data):
        for code in range(32):
            data = data.replace(bytes((code,)), b"")
        data = data.replace(b"\x7f", b"")
    if b"\xc2" in data:
        for code in range(0x80, 0xA0):
            data = data.replace(bytes((0xC2, code)), b"")
    return data


def cut(text, size_max, is_cut=False):
    """At most `size_max` characters of plain text, cut as `plain` does; with `…` where it was, or where
    what it is of `is_cut` already."""
    if len(text) <= size_max and not (is_cut and text):
        return text
    if size_max < 1:
        return ""
    if len(text) < size_max:
        return text + "…"
    head = text[: size_max - 1]
    if text[size_max - 1 : size_max] != " ":
        blank = head.rfind(" ")
        if 2 * blank >= size_max:  # else there are no words: Chinese, or an address
            head = head[:blank]
    return head.rstrip() + "…"
