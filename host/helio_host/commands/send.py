"""`helio send`: one message to a node, and its answer."""

import time

import click

import helio.blocking
from helio.errors import HelioError, Refused
from helio.limits import ANSWER_TIMEOUT_S
from helio_host.cli import check_address, check_seconds, fail, print_json, printable


# every word after TARGET is message text, `-5` too
@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("target")
@click.argument("message", nargs=-1, required=True)
@click.option("--plain", is_flag=True, help="As one plain datagram (for now the only way).")
@click.option("--no-wait", is_flag=True, help="Do not wait for the answer.")
@click.option("--timeout", "timeout_s", type=float, callback=check_seconds, default=ANSWER_TIMEOUT_S)
@click.option(
    "--interface", metavar="ADDR", callback=check_address, help="Look for names, and send to all, from here only."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of text.")
def command(target, message, plain, no_wait, timeout_s, interface, as_json):
    """Send MESSAGE to TARGET (a name, an address, or 'all') and print the answer.

    \b
    helio send kitchen blink 3
    helio send 192.168.1.55 led FF8000
    """
    result = {"target": target, "address": None, "message": " ".join(message), "ok": False, "round_trip_ms": None}
    try:
        reply = _send(result, target, no_wait, timeout_s, interface)
    except HelioError as error:
        if as_json:
            print_json({**result, "error": str(error)})
        fail(error, as_json)
    if as_json:
        print_json({**result, "ok": True, "reply": reply})
    elif reply:
        print(printable(reply))


def _send(result, target, no_wait, timeout_s, interface):
    text = result["message"]
    if target == "all":
        networks = helio.blocking.tell("all", text, interface=interface)
        return "sent on %d network%s; nobody answers a broadcast" % (networks, "" if networks == 1 else "s")
    address, port = helio.blocking.resolve(target, interface=interface)
    result["address"] = address
    if no_wait:
        helio.blocking.tell((address, port), text)
        return None
    started_s = time.monotonic()
    try:
        reply = helio.blocking.ask((address, port), text, timeout_s)
    except Refused:  # that is an answer too
        result["round_trip_ms"] = _since_ms(started_s)
        raise
    result["round_trip_ms"] = _since_ms(started_s)
    return reply


def _since_ms(started_s):
    return round((time.monotonic() - started_s) * 1000, 3)
