"""The server's side of block-wise transfers (RFC 7959), without I/O: requests that come in blocks,
and answers of which blocks are still to be fetched.

Transfers are kept apart by endpoint, method, path, query, Accept and Request-Tag (RFC 9175), those
that come by Content-Format too. They are bounded in number and bytes: the oldest gives way.
"""

from helio.coap.codec import (
    ACCEPT,
    BAD_REQUEST,
    CONTENT_FORMAT,
    CONTINUE,
    REQUEST_ENTITY_INCOMPLETE,
    REQUEST_ENTITY_TOO_LARGE,
    REQUEST_TAG,
    SIZE1,
    URI_PATH,
    URI_QUERY,
    uint,
    uint_bytes,
)
from helio.coap.limits import EXCHANGE_LIFETIME_MS, PAYLOAD_MAX_BYTES


class Transfers:
    """The transfers of one server."""

    def __init__(self, messages):
        self._messages = messages
        self._max = messages.memory["transfers_max"]
        self._max_bytes = messages.memory["transfers_max_bytes"]
        self._table = {}  # {key: _Transfer}
        self._keys = []  # the oldest first

    def take(self, request, now_ms):
        """Take a block of a request's payload.

        None when that was the last: the whole is then the request's payload. Else the reply
        `(code, payload, options)`; a code of class 2 asks for more.
        """
        number, more, size = request.block1
        key = _key(request, CONTENT_FORMAT)
        data = request.payload
        start = number * size
        transfer = self._table.get(key)
        if not number:
            transfer = _Transfer(self, key, bytearray())
        elif not transfer or not isinstance(transfer.content, bytearray) or len(transfer.content) < start:
            self.drop(key)
            return REQUEST_ENTITY_INCOMPLETE, b"a block before this one is missing: begin again", ()
        if len(data) > size or more and len(data) < size:
            return BAD_REQUEST, b"the block is not as long as it says", ()
        longest = min(PAYLOAD_MAX_BYTES, self._max_bytes)
        if max(start + len(data), uint(request.option(SIZE1) or b"")) > longest:
            self.drop(key)
            return REQUEST_ENTITY_TOO_LARGE, b"", [(SIZE1, uint_bytes(longest))]
        try:
            transfer.content[start:] = data  # one that came before may come again, as another message
            if more:
                self._keep(transfer, now_ms)
                return CONTINUE, b"", ()
            self.drop(key)
            if number:
                request.replace_payload(bytes(transfer.content))
        except MemoryError:  # a board has it for some payloads only
            self.drop(key)
            return REQUEST_ENTITY_TOO_LARGE, b"there is not enough memory for it", ()
        return None

    def keep(self, request, reply, now_ms):
        """Keep a reply of which more blocks will be asked for."""
        self._keep(_Transfer(self, _key(request), reply), now_ms)

    def kept(self, request):
        """The reply kept for such a request, or None."""
        transfer = self._table.get(_key(request))
        return transfer.content if transfer and isinstance(transfer.content, tuple) else None

    def drop_reply(self, request):
        """Forget the reply kept for such a request: its last block was sent."""
        self.drop(_key(request))

    def drop(self, key):
        """Forget a transfer, if there is one."""
        transfer = self._table.pop(key, None)
        if transfer:
            self._keys.remove(key)
            self._messages.unschedule(transfer)

    def _keep(self, transfer, now_ms):
        self.drop(transfer.key)
        total = transfer.bytes()
        for key in reversed(self._keys[:]):
            total += self._table[key].bytes()
            if total > self._max_bytes:
                self.drop(key)
        while len(self._keys) >= self._max:
            self.drop(self._keys[0])
        self._table[transfer.key] = transfer
        self._keys.append(transfer.key)
        self._messages.schedule(transfer, now_ms + EXCHANGE_LIFETIME_MS)


class _Transfer:
    """A payload that comes (a bytearray), or a reply that goes (a tuple)."""

    def __init__(self, transfers, key, content):
        self.key = key
        self.content = content
        self._transfers = transfers

    def bytes(self):
        return len(self.content if isinstance(self.content, bytearray) else self.content[1])

    def on_due(self, now_ms):
        self._transfers.drop(self.key)


def _key(request, *numbers):
    """What the blocks of one transfer have in common; the options of those numbers too."""
    numbers += URI_PATH, URI_QUERY, ACCEPT, REQUEST_TAG
    options = [entry for entry in request.options if entry[0] in numbers]
    return request.peer.endpoint, request.code, tuple(options)
