"""The ETSI Plugtest cases TD_COAP_BLOCK_01 to 06 and LINK_01 to 09, as a foreign client drives them."""

import re

from aiocoap import CHANGED, CONTENT, CONTINUE, CREATED
from etsi_server import LARGE_BYTES, large

LINK_FORMAT = 40
BODY = b"".join([b"%04d and so on ...\n" % number for number in range(100)])  # two blocks and a bit, at the largest


# --- BLOCK


def size(option):
    """The bytes of a block."""
    return 16 << option.size_exponent


def check_blocks2(wire, code, start=0):
    """The responses from `start` on are the blocks of one payload, none missing; returns it."""
    payload = b""
    responses = wire.responses()[start:]
    for response in responses:
        block2 = response.opt.block2
        assert response.code is code and block2.block_number * size(block2) == len(payload), wire.text()
        assert block2.more == (response is not responses[-1])
        assert len(response.payload) == size(block2) if block2.more else len(response.payload) <= size(block2)
        payload += response.payload
    return payload


def check_blocks1(wire, more_code, last_code):
    """The requests are the blocks of one payload, each answered for itself; returns how many there are."""
    requests = [request for request in wire.requests() if request.opt.block1]
    assert len(requests) > 1 and requests[0].opt.block1.block_number == 0
    for request, response in zip(requests, wire.responses(), strict=False):
        asked, told = request.opt.block1, response.opt.block1
        assert told.block_number == asked.block_number and told.size_exponent <= asked.size_exponent, wire.text()
        assert response.code is (more_code if asked.more else last_code)
        assert told.more == asked.more == (request is not requests[-1])
    return len(requests)


async def get_large(world, block_size):
    """GET /large, `block_size` asked for with the first request, or not at all."""
    async with world.client() as client:
        answer = await client.request("get", "large", block_size=block_size)
        asked = client.wire.requests()[0].opt.block2
        if block_size:
            assert asked.block_number == 0 and size(asked) == block_size
        else:
            assert asked is None
        assert answer.payload == large("this is /large") == check_blocks2(client.wire, CONTENT)
        sizes = [size(response.opt.block2) for response in client.wire.responses()]
        assert not block_size or set(sizes) == {block_size}
        assert len(sizes) == -(-LARGE_BYTES // sizes[-1]) or not block_size


async def early(world):
    await get_large(world, 64)


async def late(world):
    await get_large(world, None)


async def early_16(world):
    await get_large(world, 16)


async def update(world):
    async with world.client() as client:
        answer = await client.request("put", "large-update", BODY, content_format=0, block_size=128)
        assert answer.code is CHANGED
        assert check_blocks1(client.wire, CONTINUE, CHANGED) == -(-len(BODY) // 128)
    async with world.client() as client:
        assert (await client.request("get", "large-update")).payload == BODY


async def create(world):
    async with world.client() as client:
        answer = await client.request("post", "large-create", BODY, content_format=0, block_size=256)
        assert answer.code is CREATED
        check_blocks1(client.wire, CONTINUE, CREATED)
        above, name = answer.opt.location_path
        assert above == "large-create" and name and "/" not in name
    async with world.client() as client:
        assert (await client.request("get", "large-create/" + name)).payload == BODY


async def two_ways(world):
    async with world.client() as client:
        answer = await client.request("post", "large-post", BODY, content_format=0, block_size=512)
        assert answer.code is CHANGED and answer.payload.startswith(BODY.upper())
        blocks = check_blocks1(client.wire, CONTINUE, CHANGED)
        last = client.wire.responses()[blocks - 1]  # the last block's, and the first of the answer
        assert last.opt.block2.block_number == 0 and last.opt.block2.more
        assert check_blocks2(client.wire, CHANGED, blocks - 1) == answer.payload


# --- LINK


async def links(world, path):
    """What a GET of links gives: {path: {attribute: value}}."""
    async with world.client() as client:
        answer = await client.request("get", path)
        assert answer.code is CONTENT and answer.opt.content_format == LINK_FORMAT
    found = {}
    for link, attributes in re.findall(r'<([^>]*)>((?:;[^,;="]+(?:=(?:"[^"]*"|[^,;"]*))?)*)', answer.payload.decode()):
        found[link] = {name: value.strip('"') for name, value in re.findall(r';([^;="]+)=?("[^"]*"|[^;]*)', attributes)}
    return found


async def those_with(world, name, matches):
    """The links of all whose attribute `name` is such."""
    every = await links(world, ".well-known/core")
    return {path: every[path] for path in every if name in every[path] and matches(every[path][name])}


async def all_links(world):
    found = await links(world, ".well-known/core")
    wanted = "test seg1/seg2/seg3 query separate large large-update large-create large-post obs obs-non obs-large"
    wanted += " obs-pumping multi-format location-query validate link1 link2 link3 path path/sub1"
    assert {"/" + path for path in wanted.split()} <= set(found)
    assert "obs" in found["/obs"] and "obs" not in found["/test"]


async def type_1(world):
    found = await links(world, ".well-known/core?rt=Type1")
    assert found and found == await those_with(world, "rt", lambda value: "Type1" in value.split())


async def any_type(world):
    found = await links(world, ".well-known/core?rt=*")
    assert {"/link1", "/link2", "/link3"} <= set(found) and "/test" not in found
    assert found == await those_with(world, "rt", lambda value: True)


async def type_2(world):
    assert set(await links(world, ".well-known/core?rt=Type2")) == {"/link1", "/link2"}


async def interface(world):
    assert set(await links(world, ".well-known/core?if=If*")) == {"/link1", "/link2"}


async def any_size(world):
    found = await links(world, ".well-known/core?sz=*")
    assert "/large" in found and found == await those_with(world, "sz", lambda value: True)


async def whole_href(world):
    assert set(await links(world, ".well-known/core?href=/link1")) == {"/link1"}


async def href_prefix(world):
    assert set(await links(world, ".well-known/core?href=/link*")) == {"/link1", "/link2", "/link3"}


async def hierarchy(world):
    every = await links(world, ".well-known/core")
    assert every["/path"]["ct"] == "40"
    below = await links(world, "path")
    assert below and all(path.startswith("/path/") for path in below)
    async with world.client() as client:
        answer = await client.request("get", "path/sub1")
        assert answer.code is CONTENT and b"/path/sub1" in answer.payload
