"""The message layer of CoAP (RFC 7252 section 4), without I/O: types, message IDs, duplicates,
retransmission, and all timers.

What is remembered of others is bounded: the last exchanges of the last endpoints. A stranger is
forgotten before an endpoint that came again after it was answered.
"""

import os

from helio.coap.codec import ACK, CON, NON, RST, decode, encode
from helio.coap.limits import (
    ACK_SPREAD_MS,
    ACK_TIMEOUT_MS,
    COAP_DATAGRAM_MAX_BYTES,
    EXCHANGE_LIFETIME_MS,
    MAX_RETRANSMIT,
    NON_LIFETIME_MS,
    SWEEP_MS,
)
from helio.errors import BadMessage, NoAnswer
from helio.limits import ANSWER_FACTOR, ANSWER_MIN_BYTES


class Peer:
    """What is remembered of one endpoint."""

    def __init__(self, endpoint, verified):
        self.endpoint = endpoint
        self.verified = verified  # whether it is known to be where it says it is
        self.echo = None  # what it is to give back to be so, RFC 9175
        self.last_ms = 0  # the latest new message, theirs or ours
        self.answered = False
        self.again = False  # it came again after it was answered, or it answered us
        self.replies = {}  # {their message ID: what it was answered with; None for a NON}
        self.ids = []  # the keys of `replies`, the oldest first, and when each came
        self.times_ms = []
        self.sending = None  # what is sent to it, once something is

    def busy(self):
        return self.sending is not None and (self.sending.open or self.sending.waiting)


class _Sending:
    """What we send to one endpoint."""

    def __init__(self, message_id):
        self.message_id = message_id  # the latest one
        self.open = {}  # {message ID: Transmission}
        self.outstanding = 0  # how many of those are confirmable
        self.waiting = []  # those that NSTART holds back


class Transmission:
    """One message of ours until it is acknowledged, reset, or given up.

    Then its owner's `ended(how, now_ms)` is called with ACK, RST, or the error to raise, and
    its `receive(endpoint, code, options, payload, now_ms)` with the response an ACK carried.
    """

    # on MicroPython every attribute of an object costs
    message = None  # the datagram once it was sent; before, the arguments that `_start` lacks
    message_id = None  # None while NSTART holds it back
    confirmable = True
    is_stale = False  # the owner is to `renew` it where it would be sent again
    timeout_ms = 0  # until the next retransmission
    retransmissions = 0

    def __init__(self, messages, peer, owner):
        self._messages = messages
        self.peer = peer
        self.owner = owner

    def on_due(self, now_ms):
        if self.retransmissions < MAX_RETRANSMIT:
            self.retransmissions += 1
            self.timeout_ms *= 2
            self._messages.schedule(self, now_ms + self.timeout_ms)
            if not self.peer.verified and self.message[1] >= 0x40:
                pass  # it would amplify
            elif self.is_stale:
                self.owner.renew(now_ms)
            else:
                self._messages.transmit(self.message, self.peer.endpoint)
        else:
            self._messages.cancel(self, now_ms)
            self.owner.ended(no_answer(), now_ms)


class Messages:
    """The message layer of one node.

    `transmit(data, endpoint)` sends a datagram and raises nothing. Endpoints are whatever is
    hashable. `counts` is a dict whose `rejected` grows with what was no message, `forgotten`
    with each exchange that was forgotten before its lifetime; while that stays 0, nothing is
    handled twice. `is_trusted(endpoint)` is whether one needs no proof of its address.
    `memory` is BOARD or DESKTOP of limits.py, or such a dict. `random(n)` gives n random bytes.
    `now_ms` is an int that only grows: ticks that wrap are the caller's to unwrap.

    `next_ms` is when `tick` is to be called, None for never; it may be early, never late.
    """

    def __init__(self, transmit, counts, is_trusted, memory, *, random=os.urandom):
        self.transmit = transmit
        self.memory = memory
        self.random = random
        self.next_ms = None
        self.match = _no_match  # (endpoint, token, options): what waits for that response
        self.on_request = None  # (peer, message, multicast, size in bytes, now_ms): answers it
        self._counts = counts
        self._is_trusted = is_trusted
        self._endpoints_max = memory["endpoints_max"]
        self._exchanges_max = memory["exchanges_max"]
        self._replies_max_bytes = memory["replies_max_bytes"]
        self._replies_bytes = 0
        self._nstart = memory["nstart"]
        self._timers = {}  # {object with `on_due(now_ms)`: its time}
        self._peers = {}
        self._strangers = []  # peers, the oldest first
        self._known = []

    # --- time

    def schedule(self, timer, due_ms):
        """Call `timer.on_due(now_ms)` at that time, and not when it was to be called before."""
        self._timers[timer] = due_ms
        if self.next_ms is None or due_ms < self.next_ms:
            self.next_ms = due_ms

    def unschedule(self, timer):
        self._timers.pop(timer, None)

    def tick(self, now_ms):
        """Do what is due."""
        for timer in [timer for timer in self._timers if self._timers[timer] <= now_ms]:
            if self._timers.get(timer, now_ms + 1) <= now_ms:  # not undone by an earlier one
                del self._timers[timer]
                timer.on_due(now_ms)
        self.next_ms = min(self._timers.values()) if self._timers else None

    # --- what comes

    def receive(self, data, endpoint, multicast, now_ms):
        """Take one datagram; `multicast` is whether it came to all. Raises nothing."""
        try:
            message = decode(data)
            if len(data) > COAP_DATAGRAM_MAX_BYTES and (message[0] or not 0 < message[1] < 0x20):
                raise BadMessage("it may have been cut short")  # a confirmable request is told so
        except BadMessage:
            self._counts["rejected"] += 1
            if data[:1] and data[0] & 0xF0 == 0x40 and len(data) >= 4 and not multicast:
                self.reset(data[2] << 8 | data[3], endpoint)  # a confirmable one, section 4.2
            return
        type = message[0]
        code = message[1]
        message_id = message[2]
        peer = self._peers.get(endpoint)
        if type > NON:
            if peer and peer.sending and message_id in peer.sending.open:
                self._close(peer, message, now_ms)
            return
        if peer and message_id in peer.replies and self._is_duplicate(peer, message_id, len(data), now_ms):
            return
        if 0 < code < 0x20 and self.on_request and not (multicast and type == CON):
            peer = self._remember(peer, endpoint, type, message_id, now_ms)
            self.on_request(peer, message, multicast, len(data), now_ms)
            return
        if multicast:
            return
        token, options, payload = message[3:]
        owner = self.match(endpoint, token, options) if 0x40 <= code < 0xC0 else None
        if owner:
            peer = self._remember(peer, endpoint, type, message_id, now_ms)
            peer.verified = peer.again = True  # it gave back our token
            if type == CON:
                self.reply(peer, message_id, encode(ACK, 0, message_id, b"", (), b""))
            owner.receive(endpoint, code, options, payload, now_ms)
        elif type == CON or code >= 0x40:
            self.reset(message_id, endpoint)  # a ping; a response that nobody waits for

    def _is_duplicate(self, peer, message_id, size, now_ms):
        reply = peer.replies[message_id]
        i = peer.ids.index(message_id)
        if now_ms - peer.times_ms[i] >= (NON_LIFETIME_MS if reply is None else EXCHANGE_LIFETIME_MS):
            self._forget_exchange(peer, i, now_ms)
            return False
        if reply and (peer.verified or len(reply) <= answer_bytes(size)):  # it may be another, shorter one
            self.transmit(reply, peer.endpoint)
        return True

    def _remember(self, peer, endpoint, type, message_id, now_ms):
        if peer is None:
            peer = self._meet(endpoint, now_ms)
        elif peer.answered:
            peer.again = True
        peer.last_ms = now_ms
        peer.replies[message_id] = b"" if type == CON else None
        peer.ids.append(message_id)
        peer.times_ms.append(now_ms)
        if len(peer.ids) > self._exchanges_max:
            self._forget_exchange(peer, 0, now_ms)
        return peer

    def _close(self, peer, message, now_ms):
        """Take the ACK or RST of an open transmission."""
        type, code, message_id, token, options, payload = message
        transmission = peer.sending.open[message_id]
        owner = transmission.owner
        if code and (type == RST or not 0x40 <= code < 0xC0 or self.match(peer.endpoint, token, options) is not owner):
            return
        if type == ACK:
            if not transmission.confirmable:
                return  # nobody acknowledges a NON
            peer.verified = peer.again = True
        peer.last_ms = now_ms
        self.cancel(transmission, now_ms)
        owner.ended(type, now_ms)
        if code:
            owner.receive(peer.endpoint, code, options, payload, now_ms)

    def reply(self, peer, message_id, data):
        """Send the ACK or RST that answers a confirmable message, and again when that repeats."""
        peer.answered = True
        if message_id in peer.replies:
            self._replies_bytes += len(data) - len(peer.replies[message_id])
            peer.replies[message_id] = data
            if self._replies_bytes > self._replies_max_bytes:
                self._forget_replies(peer.last_ms)
        self.transmit(data, peer.endpoint)

    def reset(self, message_id, endpoint):
        """Reject a message."""
        self.transmit(encode(RST, 0, message_id, b"", (), b""), endpoint)

    # --- what goes

    def send(self, endpoint, type, code, token, options, payload, now_ms, owner=None):
        """Send a CON or NON; returns its Transmission, None for a NON that has no owner."""
        peer = self._peers.get(endpoint) or self._meet(endpoint, now_ms)
        peer.answered = True
        if not peer.sending:
            first = self.random(2)
            peer.sending = _Sending(first[0] << 8 | first[1])
        if not owner:
            peer.last_ms = now_ms
            self.transmit(encode(type, code, self._next_id(peer.sending), token, options, payload), endpoint)
            return None
        transmission = Transmission(self, peer, owner)
        if type == CON and peer.sending.outstanding >= self._nstart:
            transmission.message = type, code, token, options, payload
            peer.sending.waiting.append(transmission)
        else:
            self._start(transmission, now_ms, type, code, token, options, payload)
        return transmission

    def renew(self, transmission, code, token, options, payload, now_ms):
        """Send this in place of what was not acknowledged, as the next attempt."""
        sending = transmission.peer.sending
        message_id = self._next_id(sending)
        data = encode(CON, code, message_id, token, options, payload)  # before anything changes: it may raise
        del sending.open[transmission.message_id]
        sending.open[message_id] = transmission
        transmission.message_id = message_id
        transmission.message = data
        self.transmit(data, transmission.peer.endpoint)

    def cancel(self, transmission, now_ms):
        """Send it no more; its owner hears nothing further. Harmless when it has ended."""
        sending = transmission.peer.sending
        self.unschedule(transmission)
        if sending.open.get(transmission.message_id) is transmission:
            del sending.open[transmission.message_id]
            if transmission.confirmable:
                sending.outstanding -= 1
        elif transmission in sending.waiting:
            sending.waiting.remove(transmission)
        if sending.waiting and sending.outstanding < self._nstart:
            transmission = sending.waiting.pop(0)
            self._start(transmission, now_ms, *transmission.message)

    def unreachable(self, endpoint, error, now_ms):
        """The system says that nothing listens there: what is under way to it ends with `error`."""
        peer = self._peers.get(endpoint)
        if peer and peer.sending:
            sending = peer.sending  # those that wait go first, or they would start
            for transmission in sending.waiting + list(sending.open.values()):
                if transmission in sending.waiting or transmission in sending.open.values():
                    self.cancel(transmission, now_ms)
                    transmission.owner.ended(error, now_ms)

    def _start(self, transmission, now_ms, type, code, token, options, payload):
        peer = transmission.peer
        sending = peer.sending
        message_id = self._next_id(sending)
        peer.last_ms = now_ms
        transmission.message_id = message_id
        transmission.message = data = encode(type, code, message_id, token, options, payload)
        sending.open[message_id] = transmission
        if type == CON:
            sending.outstanding += 1
            spread = self.random(2)
            timeout_ms = ACK_TIMEOUT_MS + (spread[0] << 8 | spread[1]) * ACK_SPREAD_MS // 0xFFFF
            transmission.timeout_ms = timeout_ms
            self.schedule(transmission, now_ms + timeout_ms)
        else:
            transmission.confirmable = False
        self.transmit(data, peer.endpoint)

    def _next_id(self, sending):
        """The next message ID that is not under way. Section 4.4 wants 247 s before one comes
        again; that would be 265 messages a second, and no peer remembers 65,536 exchanges."""
        message_id = sending.message_id + 1 & 0xFFFF
        while message_id in sending.open:
            message_id = message_id + 1 & 0xFFFF
        sending.message_id = message_id
        return message_id

    # --- what is remembered

    def _meet(self, endpoint, now_ms):
        if not self._peers:
            self.schedule(self, now_ms + SWEEP_MS)
        elif len(self._peers) >= self._endpoints_max:
            self._forget_peer(now_ms)
        peer = self._peers[endpoint] = Peer(endpoint, self._is_trusted(endpoint))
        peer.last_ms = now_ms
        self._strangers.append(peer)
        return peer

    def _forget_exchange(self, peer, i, now_ms):
        reply = peer.replies.pop(peer.ids.pop(i))
        if reply:
            self._replies_bytes -= len(reply)
        if now_ms - peer.times_ms.pop(i) < (NON_LIFETIME_MS if reply is None else EXCHANGE_LIFETIME_MS):
            self._counts["forgotten"] += 1

    def _forget_replies(self, now_ms):
        """Make room for long replies: the oldest exchanges go, strangers' first."""
        for peer in self._strangers + self._known:
            while peer.ids and self._replies_bytes > self._replies_max_bytes:
                self._forget_exchange(peer, 0, now_ms)

    def _forget_peer(self, now_ms):
        """Forget one: of the strangers the oldest, else of the known one that did not come again."""
        for _ in range(2 * len(self._peers)):
            peer = (self._strangers or self._known).pop(0)
            if not peer.again and not peer.busy():
                del self._peers[peer.endpoint]
                while peer.ids:
                    self._forget_exchange(peer, 0, now_ms)
                return
            peer.again = False
            self._known.append(peer)

    def on_due(self, now_ms):
        """Forget the endpoints that were silent for a whole lifetime."""
        for peer in list(self._peers.values()):
            if now_ms - peer.last_ms >= EXCHANGE_LIFETIME_MS and not peer.busy():
                while peer.ids:
                    self._forget_exchange(peer, 0, now_ms)
                del self._peers[peer.endpoint]
        self._strangers = [peer for peer in self._strangers if peer.endpoint in self._peers]
        self._known = [peer for peer in self._known if peer.endpoint in self._peers]
        if self._peers:
            self.schedule(self, now_ms + SWEEP_MS)


def answer_bytes(size):
    """The longest answer to a request of `size` bytes whose sender may not be where it says."""
    return max(ANSWER_FACTOR * size, ANSWER_MIN_BYTES)


def no_answer():
    """The error when nothing came back."""
    return NoAnswer("no answer: is it on, on this network, and does it speak CoAP?")


def _no_match(endpoint, token, options):
    return None
