"""What can be sent of a reply, without I/O: a block of it (RFC 7959), only what has changed, and no
more than is for a peer that may not be where it says (RFC 9175 section 2.4).
"""

from binascii import crc32

from helio import utf8
from helio.coap.codec import (
    BAD_REQUEST,
    BLOCK1,
    BLOCK2,
    CONTENT,
    CONTINUE,
    ECHO,
    ETAG,
    GET,
    MAX_AGE,
    NON,
    OBSERVE,
    SIZE2,
    UNAUTHORIZED,
    VALID,
    block_bytes,
    encode,
    option,
    uint_bytes,
    with_option,
)
from helio.coap.exchange import answer_bytes


def fitted(request, now_ms, code, payload, options):
    """The reply `(code, payload, options)` to send: validated, with the options that were asked
    for, a block."""
    if code == CONTENT and request.code == GET:
        etag = option(options, ETAG)
        if etag is not None and etag in request.values(ETAG):
            code, payload = VALID, b""
            options = [entry for entry in options if entry[0] in (ETAG, MAX_AGE)]
    block_size = size = request.server.messages.memory["block_size"]
    start = 0
    if request.block2:
        start = request.block2[0] * request.block2[2]
        size = min(size, request.block2[2])
    if code < BAD_REQUEST and (start or len(payload) > size) and option(options, ETAG) is None:
        options = with_option(options, ETAG, crc32(payload).to_bytes(4, "big"))
    whole = code, payload, options
    if request.observing and code < BAD_REQUEST:
        options = with_option(options, OBSERVE, request.server.next_sequence())
    if request.block1:
        number, _, block1_size = request.block1
        options = with_option(options, BLOCK1, block_bytes(number, code == CONTINUE, min(block1_size, block_size)))
    if start and start >= len(payload) and code < BAD_REQUEST:
        return BAD_REQUEST, b"there is no such block", ()
    answer = _block(request, now_ms, whole, options, start, size)
    if request.peer.verified or _spare_bytes(request, answer) >= 0:
        return answer
    if code >= BAD_REQUEST:
        payload = utf8.cut(payload, len(answer[1]) + _spare_bytes(request, answer))
        return code, payload, options if payload else ()
    return _for_stranger(request, now_ms, whole, options, start, size)


def _for_stranger(request, now_ms, whole, options, start, size):
    """A smaller block, and the Echo that is to be given back for more."""
    code = whole[0]
    echo = request.peer.echo = request.peer.echo or request.server.messages.random(8)
    options = with_option(options, ECHO, echo)
    while size > 16:
        size >>= 1
        answer = _block(request, now_ms, whole, options, start, size)
        if _spare_bytes(request, answer) >= 0:
            return answer
    # asked again with the Echo, it fits; but what changes something has done so already
    return UNAUTHORIZED if request.code == GET else code, b"", [(ECHO, echo)]


def _block(request, now_ms, whole, options, start, size):
    """The block that is wanted of a reply; the rest is kept for when it is."""
    code, payload, _ = whole
    if code >= BAD_REQUEST:
        return code, utf8.cut(payload, size), options
    more = start + size < len(payload)
    if not more and not start and not (request.block2 and payload):
        return code, payload, options
    if more:
        request.server.transfers.keep(request, whole, now_ms)
    elif start:
        request.server.transfers.drop_reply(request)
    options = with_option(options, BLOCK2, block_bytes(start // size, more, size))
    if more and not start:
        options = with_option(options, SIZE2, uint_bytes(len(payload)))
    return code, payload[start : start + size], options


def _spare_bytes(request, answer):
    """How much longer the answer may be for one who may not be where it says."""
    code, payload, options = answer
    return answer_bytes(request.size) - len(encode(NON, code, 0, request.message[3], options, payload))
