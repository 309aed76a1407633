"""`helio put`: change what is at a `coap://` address."""

import os
import sys

import click

import helio.blocking
from helio.coap.codec import CONTENT_FORMAT, PUT, uint_bytes, with_option
from helio.coap.limits import PAYLOAD_MAX_BYTES
from helio.errors import UsageError
from helio_host.coap_uri import exchange, parse_uri, resource_options, timeout_option

TEXT, BYTES = 0, 42  # Content-Formats, RFC 7252 section 12.3


@click.command(context_settings={"ignore_unknown_options": True})  # a PAYLOAD may be -5
@click.argument("uri")
@click.argument("payload")
@resource_options
@timeout_option
def command(uri, payload, output, interface, as_json, timeout_s):
    """Change what is at URI to PAYLOAD, a text; '-' is what comes on stdin, '@FILE' a file."""
    target, options = parse_uri(uri)
    data = _read(payload)
    if len(data) > PAYLOAD_MAX_BYTES:
        raise UsageError("a payload has at most %d bytes: got more" % PAYLOAD_MAX_BYTES)
    options = with_option(options, CONTENT_FORMAT, uint_bytes(_format(data)))
    exchange(
        lambda: helio.blocking.connect(target, interface=interface),
        *(uri, PUT, options, data, timeout_s, output, as_json),
    )


def _read(payload):
    if payload == "-":
        return sys.stdin.buffer.read(PAYLOAD_MAX_BYTES + 1)
    if not payload.startswith("@"):
        return os.fsencode(payload)  # the bytes that the shell gave
    try:
        with open(payload[1:], "rb") as file:
            return file.read(PAYLOAD_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError("cannot read the payload: %s" % error)


def _format(data):
    try:
        data.decode()
        return TEXT
    except ValueError:
        return BYTES
