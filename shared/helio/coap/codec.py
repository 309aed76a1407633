"""A CoAP message as bytes and back: RFC 7252 section 3, strictly.

A message is its six parts: type, code, message ID, token, options, payload. Options are a list
of `(number, value)`, in the order of the numbers.
"""

from helio.errors import BadMessage, UsageError

CON, NON, ACK, RST = 0, 1, 2, 3  # types, section 4.2

# codes, section 12.1: class << 5 | detail
EMPTY = 0x00
GET, POST, PUT, DELETE = 1, 2, 3, 4
CREATED = 0x41
DELETED = 0x42
VALID = 0x43
CHANGED = 0x44
CONTENT = 0x45
CONTINUE = 0x5F  # RFC 7959
BAD_REQUEST = 0x80
UNAUTHORIZED = 0x81
BAD_OPTION = 0x82
NOT_FOUND = 0x84
METHOD_NOT_ALLOWED = 0x85
NOT_ACCEPTABLE = 0x86
REQUEST_ENTITY_INCOMPLETE = 0x88  # RFC 7959
PRECONDITION_FAILED = 0x8C
REQUEST_ENTITY_TOO_LARGE = 0x8D
UNSUPPORTED_CONTENT_FORMAT = 0x8F
INTERNAL_SERVER_ERROR = 0xA0
PROXYING_NOT_SUPPORTED = 0xA5

# option numbers, section 12.2
IF_MATCH = 1
ETAG = 4
IF_NONE_MATCH = 5
OBSERVE = 6  # RFC 7641
LOCATION_PATH = 8
URI_PATH = 11
CONTENT_FORMAT = 12
MAX_AGE = 14
URI_QUERY = 15
ACCEPT = 17
LOCATION_QUERY = 20
BLOCK2 = 23  # RFC 7959
BLOCK1 = 27
SIZE2 = 28
PROXY_URI = 35
PROXY_SCHEME = 39
SIZE1 = 60
ECHO = 252  # RFC 9175
REQUEST_TAG = 292

# What is understood, section 5.10: {number: longest << 2 | not empty << 1 | may repeat}
_FORMATS = {
    IF_MATCH: 8 << 2 | 1,
    3: 255 << 2 | 2,  # Uri-Host
    ETAG: 8 << 2 | 3,
    IF_NONE_MATCH: 0,
    OBSERVE: 3 << 2,
    7: 2 << 2,  # Uri-Port
    LOCATION_PATH: 255 << 2 | 1,
    URI_PATH: 255 << 2 | 1,
    CONTENT_FORMAT: 2 << 2,
    MAX_AGE: 4 << 2,
    URI_QUERY: 255 << 2 | 1,
    ACCEPT: 2 << 2,
    LOCATION_QUERY: 255 << 2 | 1,
    BLOCK2: 3 << 2,
    BLOCK1: 3 << 2,
    SIZE2: 4 << 2,
    PROXY_URI: 1034 << 2 | 2,
    PROXY_SCHEME: 255 << 2 | 2,
    SIZE1: 4 << 2,
    ECHO: 40 << 2 | 2,
    REQUEST_TAG: 8 << 2 | 1,
}


def decode(data):
    """`(type, code, message_id, token, options, payload)` of one datagram. Raises BadMessage."""
    end = len(data)
    if end < 4:
        raise BadMessage("a CoAP message has at least 4 bytes: got %d" % end)
    first = data[0]
    if first & 0xC0 != 0x40:
        raise BadMessage("CoAP version %d is not known" % (first >> 6))
    i = 4 + (first & 15)
    if i > 12 or i > end:
        raise BadMessage("the token is cut short or over 8 bytes")
    token = data[4:i]
    options = []
    number = 0
    payload = b""
    while i < end:
        byte = data[i]
        i += 1
        if byte == 0xFF:
            if i == end:
                raise BadMessage("nothing follows the payload marker")
            payload = data[i:]
            break
        delta = byte >> 4
        length = byte & 15
        if delta > 12:
            delta, i = _extended(data, i, delta)
        if length > 12:
            length, i = _extended(data, i, length)
        number += delta
        options.append((number, data[i : i + length]))
        i += length
    if i > end or number > 0xFFFF:
        raise BadMessage("an option is cut short, or its number is over 65535")
    if not data[1] and end > 4:
        raise BadMessage("an Empty message has 4 bytes: got %d" % end)
    return first >> 4 & 3, data[1], data[2] << 8 | data[3], token, options, payload


def _extended(data, i, nibble):
    """An option's delta or length over 12, and where it ends."""
    if nibble == 13 and i < len(data):
        return 13 + data[i], i + 1
    if nibble == 14 and i + 1 < len(data):
        return 269 + (data[i] << 8 | data[i + 1]), i + 2
    raise BadMessage("an option is cut short, or its delta or length reserved")


def encode(type, code, message_id, token, options, payload):
    """The datagram. Raises UsageError for options that are not in order."""
    out = bytearray(4)
    out[0] = 0x40 | type << 4 | len(token)
    out[1] = code
    out[2] = message_id >> 8
    out[3] = message_id & 0xFF
    out += token
    last = 0
    for number, value in options:
        delta = number - last
        last = number
        length = len(value)
        if 0 <= delta < 13 and length < 13:
            out.append(delta << 4 | length)
        else:
            _append_extended(out, delta, length)
        out += value
    if payload:
        out.append(0xFF)
        out += payload
    return bytes(out)


def _append_extended(out, delta, length):
    if delta < 0:
        raise UsageError("CoAP options go in the order of their numbers")
    more = b""
    nibbles = []
    for value in (delta, length):
        if value < 13:
            nibbles.append(value)
        elif value < 269:
            nibbles.append(13)
            more += bytes((value - 13,))
        else:
            nibbles.append(14)
            more += bytes((value - 269 >> 8, value - 269 & 0xFF))
    out.append(nibbles[0] << 4 | nibbles[1])
    out += more


def uint(value):
    """The number that an option's value is, section 3.2."""
    return int.from_bytes(value, "big")


def uint_bytes(number):
    """A number as an option's value: no more bytes than it takes."""
    length = 0
    while number >> 8 * length:
        length += 1
    return number.to_bytes(length, "big") if length else b""


def option(options, number):
    """The value of the first option of that number, or None."""
    for found, value in options:
        if found == number:
            return value
    return None


def with_option(options, number, value):
    """A list of the options with one more in its place, after those of its own number."""
    i = len(options)
    while i and options[i - 1][0] > number:
        i -= 1
    options = list(options)
    options.insert(i, (number, value))
    return options


def understood(options):
    """The options that are to be looked at, or None where a critical one is not understood.

    One of a length that its format does not have, or one too many, is as unknown: sections
    5.4.1, 5.4.3 and 5.4.5.
    """
    last = None
    unknown = None
    for entry in options:
        number, value = entry
        rule = _FORMATS.get(number)
        length = len(value)
        if rule is None or length > rule >> 2 or rule & 2 and not length or number == last and not rule & 1:
            if number & 1:
                return None
            unknown = unknown or []
            unknown.append(entry)
        last = number
    # compared by identity: of two that are equal, the second may be one too many
    return [entry for entry in options if not _is_in(entry, unknown)] if unknown else options


def _is_in(entry, entries):
    for other in entries:
        if other is entry:
            return True
    return False


def block(value):
    """`(number, more, size)` of a Block1 or Block2 option, RFC 7959 section 2.2; None for None.

    Raises BadMessage for the reserved size.
    """
    if value is None:
        return None
    value = uint(value)
    if value & 7 == 7:
        raise BadMessage("block size exponent 7 is reserved")
    return value >> 4, bool(value & 8), 16 << (value & 7)


def block_bytes(number, more, size):
    """The value of a Block1 or Block2 option; `size` is a power of two, 16 to 1024 bytes."""
    exponent = 0
    while 16 << exponent < size:
        exponent += 1
    return uint_bytes(number << 4 | (8 if more else 0) | exponent)
