"""What is plain in XML 1.0 (fifth edition): the quick answers, for what documents are full of."""

_NAME_START = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:"
_NAME = _NAME_START + b"0123456789-."

# ASCII that needs no looking at in text and in values, the most frequent first: for MicroPython
# `strip` looks for each character from the front.
_PLAIN_VALUE = b" etaoinsrhldcumfpgwybvkxjqz/.-:0123456789ETAOINSRHLDCUMFPGWYBVKXJQZ!#$%'()*+,;=?@[\\^_`{|}~\x7f"
_PLAIN = _PLAIN_VALUE + b'\n"\t>'


def is_plain(data):
    """Whether `data` is text with nothing to look at in it: ASCII without references, ends of lines
    but \\n, and what XML forbids."""
    return not data.strip(_PLAIN)


def is_plain_value(data):
    """The same of an attribute's value."""
    return not data.strip(_PLAIN_VALUE)


if hasattr(bytes, "translate"):  # in C, on CPython
    from helio.xml import translated

    is_plain = translated.is_plain
    is_plain_value = translated.is_plain_value


def is_name(data):
    """Whether the bytes `data` are a Name, production [5]. Raises ValueError when they are not UTF-8."""
    if data and data[:1] in _NAME_START and not data.strip(_NAME):
        return True
    from helio import utf8
    from helio.xml import productions

    return productions.is_name(utf8.decode(data))
