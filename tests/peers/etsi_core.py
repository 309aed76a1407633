"""The ETSI Plugtest cases TD_COAP_CORE_01 to 23 and 31, as a foreign client drives them."""

import asyncio

from aiocoap import (
    ACK,
    CHANGED,
    CON,
    CONTENT,
    CREATED,
    DELETED,
    EMPTY,
    NON,
    NOT_ACCEPTABLE,
    PRECONDITION_FAILED,
    RST,
    VALID,
)  # fmt: skip

ETAG, IF_MATCH, IF_NONE_MATCH = 4, 1, 5
TEXT, XML = 0, 41
SLOW_MS = 3000  # a period after which /separate is late enough for a ping to come before


async def one_exchange(world, method, path, payload, confirmable, *codes, **rest):
    """One request that is answered at once, with one of `codes`."""
    async with world.client() as client:
        answer = await client.request(
            method, path, payload, confirmable=confirmable, content_format=TEXT if payload else None, **rest
        )
        (request,) = client.wire.requests()
        assert request.mtype is (CON if confirmable else NON)
        assert answer.mtype is (ACK if confirmable else NON), client.wire.text()
        assert answer.code in codes, client.wire.text()
        (response,) = client.wire.responses()
        assert response.token == request.token
        assert not confirmable or response.mid == request.mid
        assert not response.payload or answer.opt.content_format is not None
        assert answer.payload == response.payload  # it shows what came
        return answer


def plain(method, confirmable, *codes):
    """The cases 01 to 08: one method at /test, confirmable or not."""

    async def case(world):
        payload = b"something arbitrary" if method in ("put", "post") else None
        answer = await one_exchange(world, method, "test", payload, confirmable, *codes)
        assert method != "get" or answer.payload

    return case


async def separate(world, confirmable=True):
    """The cases 09, 11 and 17: an empty ACK, then the answer as a message of its own."""
    async with world.client() as client:
        wire = client.wire
        answer = await client.request("get", "separate", confirmable=confirmable)
        assert answer.code is CONTENT and answer.payload and answer.opt.content_format is not None
        request = wire.requests()[0]
        acks = wire.find(False, mtype=ACK)
        (response,) = wire.responses()
        assert response.token == request.token
        if not confirmable:
            assert (acks, response.mtype) == ([], NON)
            return
        assert [(ack.code, ack.mid) for ack in acks] == [(EMPTY, request.mid)]
        assert response.mtype is CON
        await wire.until(lambda: wire.find(True, mtype=ACK, code=EMPTY, mid=response.mid))
        assert 1 <= len(request.token) <= 8


async def separate_non(world):
    await separate(world, confirmable=False)


async def token(world):
    async with world.client() as client:
        answer = await client.request("get", "test")
        (request,) = client.wire.requests()
        assert 1 <= len(request.token) <= 8
        assert answer.code is CONTENT and client.wire.responses()[0].token == request.token


async def empty_token(world):
    async with world.client() as client:
        client.begin_with_empty_token()
        answer = await client.request("get", "test")
        (request,) = client.wire.requests()
        assert request.token == client.wire.responses()[0].token == b""
        assert answer.code is CONTENT and answer.payload


async def uri_path(world):
    async with world.client() as client:
        answer = await client.request("get", "seg1/seg2/seg3")
        assert client.wire.requests()[0].opt.uri_path == ("seg1", "seg2", "seg3")
        assert answer.code is CONTENT and answer.payload and answer.opt.content_format is not None


async def uri_query(world):
    async with world.client() as client:
        answer = await client.request("get", "query?first=1&second=2&third=3")
        assert client.wire.requests()[0].opt.uri_query == ("first=1", "second=2", "third=3")
        assert answer.code is CONTENT and b"second=2" in answer.payload


def first(matches):
    """Loses the first datagram for which `matches(passed)` is true."""
    lost = []

    def lose(passed):
        if lost or not matches(passed):
            return False
        lost.append(passed)
        return True

    return lose


async def get_despite(world, path, matches, look):
    """GET while the first datagram that `matches` is lost; then `await look(wire)`."""
    async with world.client() as client:
        client.wire.lose = first(matches)
        answer = await client.request("get", path)
        assert answer.code is CONTENT and answer.payload
        await look(client.wire)


def is_request(passed):
    return passed.from_client and passed.message.code.is_request()


def is_response(passed):
    return not passed.from_client and passed.message.code.is_response()


async def asked_twice(wire):
    """The request came again, under the same message ID."""
    asked = wire.requests()
    assert len(asked) == 2 and asked[0].mid == asked[1].mid and asked[0].token == asked[1].token, wire.text()


async def lossy(world):
    async def answered_twice(wire):
        await asked_twice(wire)
        before, after = wire.sent_by_server(wire.requests()[0].mid)
        assert before == after

    await asyncio.gather(
        get_despite(world, "test", is_request, asked_twice),
        get_despite(world, "test", is_response, answered_twice),
    )


async def lossy_separate(world):
    def is_ack(passed):
        return not passed.from_client and passed.message.code is EMPTY

    def is_ack_of_response(passed):
        return passed.from_client and passed.message.code is EMPTY

    async def asked_once(wire):  # the response stopped the retransmission of its request
        assert len(wire.requests()) == 1, wire.text()

    async def sent_twice(wire):
        await wire.until(lambda: len(wire.responses()) > 1)
        response = wire.responses()[0]
        before, after = wire.sent_by_server(response.mid)[:2]
        assert response.mtype is CON and before == after

    await asyncio.gather(
        get_despite(world, "separate", is_request, asked_twice),
        get_despite(world, "separate", is_ack, asked_once),
        get_despite(world, "separate", is_response, sent_twice),
        get_despite(world, "separate", is_ack_of_response, sent_twice),
    )


async def location_path(world):
    answer = await one_exchange(world, "post", "test", b"a new resource", True, CREATED)
    assert answer.opt.location_path == ("location1", "location2", "location3")
    created = await one_exchange(world, "get", "/".join(answer.opt.location_path), None, True, CONTENT)
    assert created.payload == b"a new resource"


async def location_query(world):
    answer = await one_exchange(world, "post", "location-query", b"a new resource", True, CREATED)
    assert answer.opt.location_query == ("first=1", "second=2")


async def accept(world):
    for content_format, begins in ((TEXT, b"format"), (XML, b"<?xml")):
        answer = await one_exchange(world, "get", "multi-format", None, True, CONTENT, accept=content_format)
        assert answer.opt.content_format == content_format and answer.payload.startswith(begins)
    async with world.client() as client:  # and a third format, which there is none of
        assert (await client.request("get", "multi-format", accept=50)).code is NOT_ACCEPTABLE


async def etag(world):
    before = await one_exchange(world, "get", "validate", None, True, CONTENT)
    assert before.opt.etag and before.payload
    again = await one_exchange(world, "get", "validate", None, True, VALID, options=[(ETAG, before.opt.etag)])
    assert again.opt.etag == before.opt.etag and not again.payload
    await one_exchange(world, "put", "validate", before.payload + b" anew", True, CHANGED)
    after = await one_exchange(world, "get", "validate", None, True, CONTENT, options=[(ETAG, before.opt.etag)])
    assert after.opt.etag not in (None, before.opt.etag) and after.payload == before.payload + b" anew"


async def if_match(world):
    async def get():
        return await one_exchange(world, "get", "validate", None, True, CONTENT)

    async def put(payload, code, *options):
        await one_exchange(world, "put", "validate", payload, True, code, options=options)

    first_etag = (await get()).opt.etag
    await put(b"an update", CHANGED, (IF_MATCH, first_etag))
    between = await get()
    assert between.payload == b"an update" and between.opt.etag not in (None, first_etag)
    await put(b"somebody else's update", CHANGED)
    await put(b"an update too late", PRECONDITION_FAILED, (IF_MATCH, between.opt.etag))
    assert (await get()).payload == b"somebody else's update"


async def if_none_match(world):
    async with world.client() as client:  # it may be there from a run before
        await client.request("delete", "create1")
    await one_exchange(world, "put", "create1", b"first", True, CREATED, options=[(IF_NONE_MATCH, b"")])
    await one_exchange(world, "put", "create1", b"second", True, PRECONDITION_FAILED, options=[(IF_NONE_MATCH, b"")])
    assert (await one_exchange(world, "get", "create1", None, True, CONTENT)).payload == b"first"


async def ping(world):
    async with world.client(period_ms=SLOW_MS) as client:
        # it pings when there is silence, as there is before a separate response
        await client.request("get", "separate", words=["-K", 1])
        pings = client.wire.find(True, mtype=CON, code=EMPTY)
        assert pings and pings[0].token == b""
        resets = client.wire.find(False, mtype=RST, mid=pings[0].mid)
        assert len(resets) == 1 and resets[0].code is EMPTY and resets[0].token == b"" and not resets[0].payload


get_con = plain("get", True, CONTENT)
delete_con = plain("delete", True, DELETED)
put_con = plain("put", True, CHANGED, CREATED)
post_con = plain("post", True, CHANGED, CREATED)
get_non = plain("get", False, CONTENT)
delete_non = plain("delete", False, DELETED)
put_non = plain("put", False, CHANGED, CREATED)
post_non = plain("post", False, CHANGED, CREATED)
