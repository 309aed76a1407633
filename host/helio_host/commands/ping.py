"""`helio ping`: how long a node takes to answer, and how often it does not."""

import statistics
import time

import click

import helio.blocking
from helio.errors import HelioError, NoAnswer
from helio_host.cli import check_address, print_json

EVERY_S = 1
ANSWER_S = 2  # CoAP sends nothing again before: what counts as lost is one datagram, or its answer


@click.command()
@click.argument("target")
@click.option("--count", type=click.IntRange(1), default=4, show_default=True, help="How many times.")
@click.option("--interface", metavar="ADDR", callback=check_address, help="Look for names from this address only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a try, then the summary.")
def command(target, count, interface, as_json):
    """Ask TARGET whether it is there, once a second, until Ctrl+C or --count."""
    results = []
    try:
        with helio.blocking.connect(target, interface=interface) as connection:
            for number in range(1, count + 1):
                started_s = time.monotonic()
                results.append(_try(connection, number))
                _show(results[-1], as_json)
                if number < count:
                    time.sleep(max(0, started_s + EVERY_S - time.monotonic()))
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    found = summary([result["round_trip_ms"] for result in results])
    _show_summary(found, as_json)
    if not found["answers"] and not interrupted:
        raise NoAnswer("%s did not answer" % target)


def _try(connection, number):
    result = {"try": number, "address": connection.address, "port": connection.port, "ok": False}
    try:
        return {**result, "ok": True, "round_trip_ms": connection.ping(ANSWER_S)}
    except HelioError as error:
        return {**result, "round_trip_ms": None, "error": str(error)}


def _show(result, as_json):
    if as_json:
        print_json(result)
        return
    place = "%s port %d" % (result["address"], result["port"])
    words = "%s  %.2f ms" % (place, result["round_trip_ms"]) if result["ok"] else result["error"]
    print("%d  %s" % (result["try"], words), flush=True)


def summary(tries_ms):
    """What these tries came to: the milliseconds of each, None where nothing came."""
    times_ms = sorted([time_ms for time_ms in tries_ms if time_ms is not None])
    lost = len(tries_ms) - len(times_ms)
    return {
        "tries": len(tries_ms),
        "answers": len(times_ms),
        "loss_percent": round(100 * lost / len(tries_ms), 1) if tries_ms else 0.0,
        "minimum_ms": times_ms[0] if times_ms else None,
        "median_ms": round(statistics.median(times_ms), 3) if times_ms else None,
        # the shortest that at least 95 % of them do not exceed
        "p95_ms": times_ms[-(len(times_ms) // 20) - 1] if times_ms else None,
    }


def _show_summary(found, as_json):
    if as_json:
        print_json({"summary": found})
        return
    words = "%(answers)d of %(tries)d answered, %(loss_percent)g %% lost" % found
    if found["answers"]:
        words += "; minimum %(minimum_ms).2f ms, median %(median_ms).2f ms, 95th percentile %(p95_ms).2f ms" % found
    print(words, flush=True)
