"""`helio observe`: what is at a `coap://` address, and each change of it."""

import sys
import time

import click

import helio.blocking
from helio.coap.codec import OBSERVE
from helio.coap.reply import code_text, read_reply
from helio.errors import HelioError
from helio_host.cli import stdout_may_close
from helio_host.coap_uri import parse_uri, resource_options, show


@click.command()
@click.argument("uri")
@resource_options
def command(uri, output, interface, as_json):
    """Print what is at URI, like coap://kitchen/temperature, and each change, until Ctrl+C.

    FILE always holds the latest.
    """
    target, options = parse_uri(uri)
    response = None
    try:
        with helio.blocking.connect(target, interface=interface) as connection:
            # nothing to read ever comes from stdout but its end
            states = connection.observe(options, until=sys.stdout if stdout_may_close() else None)
            try:
                for response in states:
                    read_reply(response)  # raises where it is a no
                    result = {"time": time.time(), "uri": uri, "code": code_text(response.code)}
                    show(response, result, output, as_json)
            finally:
                states.close()
    except KeyboardInterrupt:  # how one ends what goes on for ever
        return
    if response and response.option(OBSERVE) is None:
        raise HelioError("%s cannot be observed: that is what it is now" % uri)
