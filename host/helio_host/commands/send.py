"""`helio send`: one message to a node, or to all there are, and what comes back."""

import asyncio
import time

import click

import helio.blocking
import helio.connection  # noqa: F401  here, for loading it is no part of a round trip
from helio.coap.reply import message_request
from helio.errors import HelioError, NoAnswer, Refused, UsageError
from helio.limits import ANSWER_TIMEOUT_S, DISCOVER_TIMEOUT_S
from helio_host.cli import check_address, check_seconds, fail, print_aside, print_json, print_table, shown


# every word after TARGET is message text, `-5` too
@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("target")
@click.argument("message", nargs=-1, required=True)
@click.option("--plain", is_flag=True, help="As one plain datagram, which promises nothing.")
@click.option("--no-wait", is_flag=True, help="With --plain: do not wait for the answer.")
@click.option("--timeout", "timeout_s", type=float, callback=check_seconds, default=ANSWER_TIMEOUT_S)
@click.option(
    "--interface", metavar="ADDR", callback=check_address, help="Look for names, and send to all, from here only."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of text; to all, one a node.")
def command(target, message, plain, no_wait, timeout_s, interface, as_json):
    """Send MESSAGE to TARGET (a name, an address, or 'all') and print the answer.

    Options stand before TARGET: every word after it is part of the message.

    \b
    helio send kitchen blink 3
    helio send 192.168.1.55 led FF8000
    """
    if no_wait and not plain:
        raise UsageError("--no-wait goes with --plain: a confirmed message is one whose answer is waited for")
    text = " ".join(message)
    if target == "all" and not plain:
        _to_all(text, timeout_s, interface, as_json)
        return
    result = _result(target, None, text)
    try:
        if plain:
            _send_plain(result, no_wait, timeout_s, interface)
        else:
            _send(result, timeout_s, interface)
    except HelioError as error:
        if as_json:
            print_json({**result, "error": str(error)})
        fail(error, as_json)
    if as_json:
        print_json(result)
        return
    if result["reply"] or "hex" in result:
        print(_answer(result), flush=True)
    if result["round_trip_ms"] is not None and not plain:
        print_aside("round trip %.1f ms" % result["round_trip_ms"])


def _result(target, address, text):
    return {"target": target, "address": address, "message": text, "ok": False, "round_trip_ms": None}


def _send_plain(result, no_wait, timeout_s, interface):
    text = result["message"]
    if result["target"] == "all":
        networks = helio.blocking.tell("all", text, interface=interface)
        reply = "sent on %d network%s; nobody answers a broadcast" % (networks, "" if networks == 1 else "s")
        result.update(ok=True, reply=reply)
        return
    address, port = helio.blocking.resolve(result["target"], interface=interface)
    result["address"] = address
    if no_wait:
        helio.blocking.tell((address, port), text)
        result.update(ok=True, reply=None)
    else:
        _time(result, lambda: helio.blocking.ask((address, port), text, timeout_s))


def _send(result, timeout_s, interface):
    address, port = helio.blocking.resolve(result["target"], interface=interface, confirmed=True)
    result["address"] = address
    _time(result, lambda: helio.blocking.send((address, port), result["message"], timeout_s))


def _time(result, ask):
    started_s = time.monotonic()
    try:
        reply = ask()
    except Refused:  # that is an answer too
        _came(result, started_s)
        raise
    _came(result, started_s)
    _take(result, reply)


def _came(result, started_s):
    result["round_trip_ms"] = round((time.monotonic() - started_s) * 1000, 3)


def _take(result, reply):
    result.update(ok=True, reply=reply)
    if isinstance(reply, bytes):
        result.update(reply=None, hex=reply.hex())


def _answer(result):
    return shown(bytes.fromhex(result["hex"]) if "hex" in result else result["reply"])


def _to_all(text, timeout_s, interface, as_json):
    message_request(text)  # raises what would be wrong with it everywhere
    results = asyncio.run(_ask_all(text, timeout_s, interface))
    if not results:
        raise NoAnswer("no node of helio answered, though something else here speaks CoAP: see 'helio discover'")
    if as_json:
        for result in results:
            print_json(result)
    else:
        rows = [("name", "address", "round trip", "answer")]
        for result in results:
            took_ms = result["round_trip_ms"]
            answer = _answer(result) if result["ok"] else result["error"]
            rows.append((result["target"], result["address"], "-" if took_ms is None else "%.1f ms" % took_ms, answer))
        print_table(rows)
    silent = [result["target"] for result in results if result["round_trip_ms"] is None]
    refused = [result["target"] for result in results if not result["ok"] and result["target"] not in silent]
    if silent:
        raise NoAnswer("%d of %d did not answer: %s" % (len(silent), len(results), ", ".join(silent)))
    if refused:
        raise Refused("%d of %d refused: %s" % (len(refused), len(results), ", ".join(refused)))


async def _ask_all(text, timeout_s, interface):
    from helio_host.everyone import asking_node, find_all  # here: one message to one node needs no asyncio

    async with asking_node(interface) as node:
        nodes = await find_all(node, DISCOVER_TIMEOUT_S, interface)
        # one without a name is no helio: who knows what it would make of that
        return await asyncio.gather(*[_ask_one(node, found, text, timeout_s) for found in nodes if found["name"]])


async def _ask_one(node, found, text, timeout_s):
    result = _result(found["name"], found["address"], text)
    if not found["coap_port"]:
        result["error"] = "takes plain messages only"
        return result
    started_s = time.monotonic()
    try:
        reply = await node.send((found["address"], found["coap_port"]), text, timeout_s)
        _came(result, started_s)
        _take(result, reply)
    except Refused as error:
        _came(result, started_s)
        result["error"] = str(error)
    except HelioError as error:
        result["error"] = str(error)
    return result
