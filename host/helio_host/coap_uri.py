"""`coap://` addresses, and what the commands that take one have in common."""

import os
import re
import time
from urllib.parse import unquote_to_bytes

import click

from helio.coap.codec import CONTENT_FORMAT, URI_PATH, URI_QUERY, uint
from helio.coap.reply import code_text, read_reply
from helio.errors import HelioError, UsageError
from helio.limits import ANSWER_TIMEOUT_S
from helio.lookup import parse_target
from helio_host.cli import check_address, check_seconds, fail, print_aside, print_json, shown

URI_HOST = 3
PART_MAX_BYTES = 255  # of a path or a query, RFC 7252 section 5.10


def parse_uri(uri):
    """`(target, options)` of `coap://host[:port]/path?query`, RFC 7252 section 6.4.

    The host may be the name of a node. Raises UsageError.
    """
    scheme, separator, rest = uri.partition("://")
    if separator and scheme.lower() == "coaps":
        raise UsageError("coaps:// is CoAP over DTLS, which helio does not speak: try coap://")
    if not separator or scheme.lower() != "coap" or "#" in rest:
        raise UsageError("%r is no CoAP address: write it like coap://kitchen/temperature" % uri)
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    host, colon, port = authority.partition(":")
    if host.startswith("["):
        raise UsageError("helio speaks IPv4 only: got %r" % authority)
    host = _decoded(host).decode()
    target = host + colon + port if port else host
    options = [(URI_HOST, host.lower().encode())] if parse_target(target)[2] else []
    if path:
        options += [(URI_PATH, _decoded(part)) for part in path.split("/")]
    if query:
        options += [(URI_QUERY, _decoded(part)) for part in query.split("&")]
    return target, options


def _decoded(part):
    if re.search("%(?![0-9A-Fa-f]{2})", part):
        raise UsageError("%r has a %% that no two hexadecimal digits follow: write %%25 for the character" % part)
    if part in (".", ".."):
        raise UsageError("%r is no part of a path: write out where it leads" % part)
    data = unquote_to_bytes(os.fsencode(part))
    try:
        data.decode()
    except ValueError:
        raise UsageError("%r is not UTF-8" % part)
    if len(data) > PART_MAX_BYTES:
        raise UsageError("%r… has over %d bytes between its slashes" % (part[:20], PART_MAX_BYTES))
    return data


_OPTIONS = [
    click.option("--output", metavar="FILE", help="Write the bytes there, unchanged, and not to the terminal."),
    click.option("--interface", metavar="ADDR", callback=check_address, help="Look for names from this address only."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object in place of text."),
]
timeout_option = click.option(
    "--timeout", "timeout_s", type=float, callback=check_seconds, default=ANSWER_TIMEOUT_S, help="Seconds to wait."
)


def resource_options(command):
    """The options of every command that takes a `coap://` address."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def exchange(connect, uri, code, options, payload, timeout_s, output, as_json):
    """One request over the connection that `connect()` opens, and its answer shown."""
    result = {"uri": uri, "address": None, "port": None, "code": None, "ok": False, "round_trip_ms": None}
    try:
        with connect() as connection:
            result.update(address=connection.address, port=connection.port)
            started_s = time.monotonic()
            response = connection.request(code, options, payload, timeout_s)
        result["round_trip_ms"] = round((time.monotonic() - started_s) * 1000, 3)
        result["code"] = code_text(response.code)
        read_reply(response)  # raises where it is a no
    except HelioError as error:
        if as_json:
            print_json({**result, "error": str(error)})
        fail(error, as_json)
    show(response, {**result, "ok": True}, output, as_json)
    if not as_json:
        print_aside("%(code)s, round trip %(round_trip_ms).1f ms" % result)


def show(response, result, output, as_json):
    """Write out what a response carries: to a file, or for people, or with `result` as JSON."""
    if output:
        with open(output, "wb") as file:
            file.write(response.payload)
    content = read_reply(response)
    if as_json:
        found = response.option(CONTENT_FORMAT)
        result["format"] = None if found is None else uint(found)
        told = {"hex": content.hex()} if isinstance(content, bytes) else {"text": content}
        print_json({**result, **told})
    elif content and not output:
        text = shown(content)
        print(text[:-1] if text.endswith("\n") else text, flush=True)
