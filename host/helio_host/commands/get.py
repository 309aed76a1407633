"""`helio get`: what is at a `coap://` address."""

import click

import helio.blocking
from helio.coap.codec import GET
from helio_host.coap_uri import exchange, parse_uri, resource_options, timeout_option


@click.command()
@click.argument("uri")
@resource_options
@timeout_option
def command(uri, output, interface, as_json, timeout_s):
    """Print what is at URI, like coap://kitchen/temperature or coap://192.168.1.55:5683/a?b=c."""
    target, options = parse_uri(uri)
    exchange(
        lambda: helio.blocking.connect(target, interface=interface),
        *(uri, GET, options, b"", timeout_s, output, as_json),
    )
