"""Decoding and encoding a CoAP message, against aiocoap's `Message.decode` and `encode` on CPython;
ours on MicroPython beside it.

    uv run python tests/bench/codec.py

The aims are decoding at least 6 and encoding at least 8 times as fast as aiocoap. Encoding is of a
message that there is already; making and encoding is from a path, a format and a payload, what a
program does for each message. A message is a POST to `/blink` with a payload of one byte and its
Content-Format, its answer, and a GET of the third block of a path of two segments.
"""

import sys
import time

CALLS = 1000  # a sample repeats so many until it has taken SAMPLE_MS
SAMPLE_MS = 60
MESSAGES = {
    # the datagram, its path, Content-Format and number of a block of 512 bytes
    "POST /blink, 3": (b"\x44\x02\x12\x34abcd\xb5blink\x10\xff3", "blink", 0, None),
    "2.04, done": (b"\x64\x44\x12\x34abcd\xc0\xffdone", "", 0, None),
    "GET /a/temperature, block 2": (b"\x44\x01\x12\x35abcd\xb1a\x0btemperature\xc1\x25", "a/temperature", None, 2),
}


def time_us(function):
    """Time of one call."""
    ticks, ms = (time.ticks_ms, 1) if hasattr(time, "ticks_ms") else (time.perf_counter_ns, 1000000)
    calls = 0
    started = ticks()
    while ticks() - started < SAMPLE_MS * ms:
        for _ in range(CALLS):
            function()
        calls += CALLS
    return (ticks() - started) * 1000 / ms / calls


def ours(data, path, content_format, number):
    from helio.coap.codec import BLOCK2, CONTENT_FORMAT, block_bytes, decode, encode, uint_bytes
    from helio.coap.request import uri_options

    message = decode(data)
    assert encode(*message) == data
    type, code, message_id, token, options, payload = message

    def make():
        options = uri_options(path)
        if content_format is not None:
            options.append((CONTENT_FORMAT, uint_bytes(content_format)))
        if number:
            options.append((BLOCK2, block_bytes(number, False, 512)))
        return encode(type, code, message_id, token, options, payload)

    assert make() == data
    return lambda: decode(data), lambda: encode(type, code, message_id, token, options, payload), make


def theirs(data, path, content_format, number):
    from aiocoap.message import Direction, Message

    message = Message.decode(data)
    message.direction = Direction.OUTGOING
    assert message.encode() == data
    type, code, message_id, token, payload = message.mtype, message.code, message.mid, message.token, message.payload

    def make():
        block2 = (number, False, 5) if number else None
        options = {"uri_path": path.split("/") if path else (), "content_format": content_format, "block2": block2}
        made = Message(_mtype=type, code=code, _mid=message_id, _token=token, payload=payload, **options)
        made.direction = Direction.OUTGOING
        return made.encode()

    assert make() == data
    return lambda: Message.decode(data), message.encode, make


def worker():
    """On the interpreter that is measured: the times of decoding and encoding, for each line."""
    sys.path.insert(0, sys.argv[1])
    functions = [ours(*message) for message in MESSAGES.values()]
    while sys.stdin.readline():
        print(" ".join(["%.4f" % time_us(function) for three in functions for function in three]))


def main():
    import rounds

    rounds.pin()
    process = rounds.start("MicroPython", "codec.py")

    def micropython():
        process.stdin.write("\n")
        process.stdin.flush()
        return [float(word) for word in process.stdout.readline().split()]

    def sample(of):
        functions = [function for message in MESSAGES.values() for function in of(*message)]
        return lambda: [time_us(function) for function in functions]

    try:
        found = rounds.in_turn({"helio": sample(ours), "aiocoap": sample(theirs), "MicroPython": micropython})
    finally:
        rounds.end([process])
    for i, verb in enumerate(("Decoding", "Encoding", "Making and encoding")):
        rows = []
        for j, name in enumerate(MESSAGES):
            helio, aiocoap, board = [found[key][3 * j + i] for key in ("helio", "aiocoap", "MicroPython")]
            rows.append([name, helio, aiocoap, aiocoap / helio, board])
        columns = ["", "helio, µs", "aiocoap, µs", "times as fast", "helio on MicroPython, µs"]
        rounds.table("%s one message; the aim is %d times as fast" % (verb, (6, 8, 8)[i]), columns, rows)


if len(sys.argv) > 1:
    worker()
else:
    main()
