"""The message layer in virtual time: retransmission, duplicates, RST, ping, NSTART, forgetting."""

from helio.coap.codec import ACK, CON, NON, RST, decode, encode
from helio.coap.exchange import Messages
from helio.coap.limits import COAP_DATAGRAM_MAX_BYTES, EXCHANGE_LIFETIME_MS, NON_LIFETIME_MS, SWEEP_MS
from helio.errors import NoAnswer


class Owner:
    """What waits for the end of a transmission, and for a response."""

    def __init__(self):
        self.ends = []
        self.responses = []

    def ended(self, how, now_ms):
        self.ends.append((now_ms, how))

    def receive(self, endpoint, code, options, payload, now_ms):
        self.responses.append((endpoint, code, payload))


class World:
    """A message layer whose requests are answered at once, and what it sends."""

    def __init__(self, endpoints_max=32, exchanges_max=8, nstart=1, byte=0, replies_max_bytes=16384):
        self.sent = []  # (datagram, endpoint)
        self.handled = 0
        self.counts = {"rejected": 0, "forgotten": 0}
        self.messages = Messages(
            lambda data, endpoint: self.sent.append((data, endpoint)),
            self.counts,
            lambda endpoint: True,
            {
                "endpoints_max": endpoints_max,
                "exchanges_max": exchanges_max,
                "nstart": nstart,
                "replies_max_bytes": replies_max_bytes,
            },
            random=lambda n: bytes([byte]) * n,
        )
        self.messages.on_request = self.answer

    def answer(self, peer, message, multicast, size, now_ms):
        type, _, message_id, token = message[:4]
        self.handled += 1
        if type == CON:
            self.messages.reply(peer, message_id, encode(ACK, 0x45, message_id, token, (), b"%d" % self.handled))
        else:
            self.messages.send(peer.endpoint, NON, 0x45, token, (), b"", now_ms)

    def receive(self, message, endpoint="a", now_ms=0, multicast=False):
        """What was sent for one message, decoded."""
        earlier, self.sent = self.sent[-100:], []
        self.messages.receive(encode(*message), endpoint, multicast, now_ms)
        sent, self.sent = self.sent, earlier + self.sent
        return [decode(data) for data, to in sent]

    def run(self, end_ms):
        """Tick at exactly the times asked for."""
        while self.messages.next_ms is not None and self.messages.next_ms <= end_ms:
            self.messages.tick(self.messages.next_ms)
            self.sent = self.sent[-100:]


def test_retransmission_intervals():
    for byte, first_ms in ((0, 2000), (0xFF, 3000)):
        world = World(byte=byte)
        owner = Owner()
        world.messages.send("a", CON, 1, b"t", [(11, b"x")], b"", 0, owner)
        sent_ms = [0]
        while not owner.ends:
            before = len(world.sent)
            now_ms = world.messages.next_ms
            world.messages.tick(now_ms)
            sent_ms += [now_ms] * (len(world.sent) - before)
        assert sent_ms == [0] + [first_ms * n for n in (1, 3, 7, 15)]
        assert len(owner.ends) == 1 and owner.ends[0][0] == 31 * first_ms  # 93 s at most
        assert isinstance(owner.ends[0][1], NoAnswer)
        assert len({data for data, to in world.sent}) == 1


def test_ack_ends_retransmission():
    world = World()
    owner = Owner()
    world.messages.send("a", CON, 1, b"t", (), b"", 0, owner)
    message_id = decode(world.sent[0][0])[2]
    assert not world.receive((ACK, 0, message_id, b"", (), b""), "b", 5)  # of another endpoint
    assert not world.receive((ACK, 0, message_id ^ 1, b"", (), b""), "a", 6)  # of another message
    assert not owner.ends
    world.receive((ACK, 0, message_id, b"", (), b""), "a", 7)
    world.receive((ACK, 0, message_id, b"", (), b""), "a", 8)
    world.run(100000)
    assert owner.ends == [(7, ACK)]
    assert len(world.sent) == 1


def test_rst_ends_a_con_and_a_non():
    for type in (CON, NON):
        world = World()
        owner = Owner()
        world.messages.send("a", type, 1, b"t", (), b"", 0, owner)
        message_id = decode(world.sent[0][0])[2]
        if type == NON:
            world.receive((ACK, 0, message_id, b"", (), b""), "a", 6)
            assert not owner.ends
        world.receive((RST, 0, message_id, b"", (), b""), "a", 7)
        assert owner.ends == [(7, RST)]
        world.run(10 * EXCHANGE_LIFETIME_MS)
        assert len(world.sent) == 1
        assert not world.messages._peers and world.messages.next_ms is None


def test_duplicates_are_answered_from_what_was_sent():
    world = World()
    request = (CON, 1, 77, b"t", [(11, b"x")], b"")
    first = world.receive(request)
    assert first == [(ACK, 0x45, 77, b"t", [], b"1")]
    for now_ms in (1, 60000, EXCHANGE_LIFETIME_MS - 1):
        assert world.receive(request, now_ms=now_ms) == first
    assert world.receive(request, "b", 2) == [(ACK, 0x45, 77, b"t", [], b"2")]  # another endpoint's
    assert world.handled == 2
    assert world.receive(request, now_ms=EXCHANGE_LIFETIME_MS) == [(ACK, 0x45, 77, b"t", [], b"3")]
    assert world.counts["forgotten"] == 0


def test_a_repeated_non_is_ignored_for_its_lifetime():
    world = World()
    request = (NON, 1, 77, b"t", [(11, b"x")], b"")
    assert len(world.receive(request)) == 1
    assert world.receive(request, now_ms=NON_LIFETIME_MS - 1) == []
    assert len(world.receive(request, now_ms=NON_LIFETIME_MS)) == 1
    assert world.handled == 2


def test_ping_and_what_is_rejected():
    world = World()
    assert world.receive((CON, 0, 9, b"", (), b"")) == [(RST, 0, 9, b"", [], b"")]  # a ping
    assert world.receive((NON, 0, 9, b"", (), b"")) == []
    assert world.receive((CON, 0x45, 9, b"t", (), b"x")) == [(RST, 0, 9, b"", [], b"")]  # nobody asked
    assert world.receive((NON, 0x45, 9, b"t", (), b"x")) == [(RST, 0, 9, b"", [], b"")]
    for reserved in (0x20, 0x3F, 0xC0, 0xE1, 0xFF):
        assert world.receive((CON, reserved, 9, b"", (), b"")) == [(RST, 0, 9, b"", [], b"")]
    for code in (0, 0x45):  # never answered when it came to all
        assert world.receive((CON, code, 9, b"", (), b""), multicast=True) == []
    assert world.receive((CON, 1, 9, b"", (), b""), multicast=True) == []
    assert not world.handled and world.counts["rejected"] == 0

    for data, answered in (
        (b"\x40\x01\x12\x34\xff", True),
        (b"\x50\x01\x12\x34\xff", False),  # a NON, an ACK, a RST, version 2, 3 bytes
        (b"\x60\x01\x12\x34\xff", False),
        (b"\x70\x01\x12\x34\xff", False),
        (b"\x80\x01\x12\x34\xff", False),
        (b"\x40\x01\x12", False),
        (b"", False),
    ):
        before = len(world.sent)
        world.messages.receive(data, "a", False, 0)
        world.messages.receive(data, "a", True, 0)
        assert world.sent[before:] == [(b"\x70\x00\x12\x34", "a")] * answered, data
    assert world.counts["rejected"] == 14
    assert not world.messages._peers  # none of it is worth remembering


def test_nstart_holds_back_what_goes_to_one_endpoint():
    for nstart in (1, 3):
        world = World(nstart=nstart)
        owners = [Owner() for _ in range(5)]
        sends = [world.messages.send("a", CON, 1, bytes([i]), (), b"", 0, owners[i]) for i in range(5)]
        other = world.messages.send("b", CON, 1, b"b", (), b"", 0, Owner())
        world.messages.send("a", NON, 1, b"n", (), b"", 0)
        assert [decode(data)[3] for data, to in world.sent] == [bytes([i]) for i in range(nstart)] + [b"b", b"n"]
        world.messages.cancel(sends[4], 1)  # one that waits
        world.receive((ACK, 0, sends[0].message_id, b"", (), b""), "a", 2)
        assert decode(world.sent[-1][0])[3] == bytes([nstart])
        world.messages.cancel(sends[1], 3)
        world.messages.cancel(sends[1], 3)  # twice is harmless
        world.messages.cancel(other, 3)
        world.run(10 * EXCHANGE_LIFETIME_MS)
        assert [len(owner.ends) for owner in owners] == [1, 0, 1, 1, 0]
        assert not world.messages._peers


def test_what_goes_to_an_unreachable_endpoint_ends():
    world = World(nstart=2)
    error = NoAnswer("something is there, but no helio")
    owners = [Owner() for _ in range(5)]
    for i in range(4):
        world.messages.send("a", CON, 1, bytes([i]), (), b"", 0, owners[i])
    world.messages.send("a", NON, 1, b"n", (), b"", 0, owners[4])
    other = Owner()
    world.messages.send("b", CON, 1, b"b", (), b"", 0, other)
    # one that gives up on another, and one that tries again
    given_up = world.messages._peers["a"].sending.waiting[1]
    owners[2].ended = lambda how, now_ms: world.messages.cancel(given_up, now_ms)
    again = Owner()
    owners[0].ended = lambda how, now_ms: world.messages.send("a", CON, 1, b"x", (), b"", now_ms, again)
    sent = len(world.sent)
    world.messages.unreachable("a", error, 5)
    assert [owners[1].ends, owners[3].ends, owners[4].ends] == [[(5, error)], [], [(5, error)]]
    assert [decode(data)[3] for data, to in world.sent[sent:]] == [b"x"]  # nothing that waited was sent
    world.messages.unreachable("nobody", error, 5)
    assert not other.ends and not again.ends
    world.run(10 * EXCHANGE_LIFETIME_MS)
    assert len(other.ends) == len(again.ends) == 1
    assert not world.messages._peers


def test_an_oversized_datagram_is_no_message():
    world = World()
    for type, code, answer in (
        (CON, 0x45, [(RST, 0, 7, b"", [], b"")]),
        (NON, 1, []),
        (ACK, 0x45, []),
        (NON, 0x45, []),
    ):
        payload = bytes(COAP_DATAGRAM_MAX_BYTES - 4)
        assert world.receive((type, code, 7, b"", (), payload)) == answer
    assert world.counts["rejected"] == 4 and not world.handled
    assert world.receive((CON, 1, 7, b"", (), payload))[0][1] == 0x45  # the server is told how long it is
    assert world.receive((NON, 1, 8, b"", (), payload[1:]))[0][1] == 0x45
    assert world.handled == 2


def test_message_ids_go_round_and_pass_over_what_is_under_way():
    world = World(byte=0x12)
    world.messages.send("a", CON, 1, b"", (), b"", 0, Owner())
    under_way = decode(world.sent[0][0])[2]
    before = first = under_way
    for i in range(0x10000):
        world.sent.clear()
        world.messages.send("a", NON, 1, b"", (), b"", 0)
        used = decode(world.sent[0][0])[2]
        assert used != under_way and (used - before) & 0xFFFF in (1, 2)
        first = used if i == 0 else first
        before = used
    assert used == first


def test_only_the_last_exchanges_are_remembered():
    world = World(exchanges_max=8)
    for i in range(20):
        world.receive((CON, 1, i, b"", (), b""), now_ms=i)
    assert world.counts["forgotten"] == 12
    assert len(world.messages._peers["a"].replies) == 8
    world.receive((CON, 1, 12, b"", (), b""), now_ms=30)
    assert world.handled == 20
    world.receive((CON, 1, 11, b"", (), b""), now_ms=30)
    assert world.handled == 21  # it was counted as forgotten, and so it is done again
    for i in range(100, 108):  # what is past its lifetime may go
        world.receive((CON, 1, i, b"", (), b""), now_ms=100 + EXCHANGE_LIFETIME_MS)
    assert world.counts["forgotten"] == 13


def test_a_flood_stays_in_its_cap_and_known_endpoints_are_kept():
    world = World(endpoints_max=32, exchanges_max=8)
    known = ["known %d" % i for i in range(8)]
    for endpoint in known:
        for i in range(2):
            world.receive((CON, 1, i, b"", (), b""), endpoint)
    asked = world.messages.send("asked", CON, 1, b"", (), b"", 0, Owner())
    for i in range(5000):
        assert len(world.receive((CON, 1, 1, b"", (), b""), ("flood", i), i)) == 1
        assert len(world.messages._peers) <= 32
        assert len(world.messages._strangers) + len(world.messages._known) == len(world.messages._peers)
        if i % 1000 == 500:
            for endpoint in known:
                assert len(world.receive((CON, 1, i, b"", (), b""), endpoint, i)) == 1
    handled = world.handled
    for endpoint in known:  # their last ones are remembered through all of it
        for i in (0, 1, 500, 4500):
            assert len(world.receive((CON, 1, i, b"", (), b""), endpoint, 5000)) == 1
    assert world.handled == handled
    assert world.counts["forgotten"] == 5000 - (32 - 8 - 1)
    assert world.messages._peers["asked"].sending.open == {asked.message_id: asked}
    world.run(5000 + 2 * EXCHANGE_LIFETIME_MS)
    assert not world.messages._peers and not world.messages._strangers and not world.messages._known
    assert world.messages.next_ms is None


def test_when_all_are_known_the_least_recent_goes():
    world = World(endpoints_max=4)
    for i in range(2):
        for endpoint in "abcd":
            world.receive((CON, 1, i, b"", (), b""), endpoint, i)
    world.receive((CON, 1, 1, b"", (), b""), "x", 2)
    assert sorted(world.messages._peers) == ["b", "c", "d", "x"]
    world.receive((CON, 1, 1, b"", (), b""), "y", 3)  # now there is a stranger to go first
    assert sorted(world.messages._peers) == ["b", "c", "d", "y"]


def test_silent_endpoints_are_forgotten():
    world = World()
    world.receive((CON, 1, 1, b"", (), b""), "a", 0)
    world.receive((CON, 1, 1, b"", (), b""), "b", 100000)
    world.run(EXCHANGE_LIFETIME_MS + SWEEP_MS)
    assert list(world.messages._peers) == ["b"]
    assert world.counts["forgotten"] == 0
    world.run(100000 + EXCHANGE_LIFETIME_MS + SWEEP_MS)
    assert not world.messages._peers and world.messages.next_ms is None


def test_a_response_is_taken_with_its_token_only():
    world = World()
    owner = Owner()
    world.messages.match = lambda endpoint, token, options: owner if (endpoint, token) == ("a", b"mine") else None
    sent = world.messages.send("a", CON, 1, b"mine", (), b"", 0, owner)
    message_id = sent.message_id
    world.receive((ACK, 0x45, message_id, b"other", (), b"wrong"))
    world.receive((ACK, 0x01, message_id, b"mine", (), b"wrong"))
    world.receive((RST, 0x45, message_id, b"mine", (), b"wrong"))
    assert owner.responses == [] and owner.ends == []
    world.receive((ACK, 0x45, message_id, b"mine", (), b"right"))
    assert owner.responses == [("a", 0x45, b"right")] and owner.ends == [(0, ACK)]
    # a separate one is acknowledged, and again when it repeats
    for _ in range(2):
        assert world.receive((CON, 0x45, 5, b"mine", (), b"separate")) == [(ACK, 0, 5, b"", [], b"")]
    assert world.receive((CON, 0x45, 6, b"mine", (), b""), "b") == [(RST, 0, 6, b"", [], b"")]
    assert owner.responses[1:] == [("a", 0x45, b"separate")]


def test_long_replies_are_bounded_in_bytes():
    world = World(replies_max_bytes=4096)
    for number in range(40):
        endpoint = "peer%d" % (number % 10)
        world.receive((CON, 1, number, b"", (), b""), endpoint)
        peer = world.messages._peers[endpoint]
        world.messages.reply(peer, number, b"x" * 500)
        kept = [reply for peer in world.messages._peers.values() for reply in peer.replies.values() if reply]
        assert sum([len(reply) for reply in kept]) == world.messages._replies_bytes <= 4096
    assert peer.replies[39] == b"x" * 500  # the latest is never the one that goes
    assert world.counts["forgotten"] == 32
