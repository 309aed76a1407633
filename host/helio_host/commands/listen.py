"""`helio listen`: every datagram that arrives, as it is; nothing is answered."""

import os
import select
import sys
import threading
import time

import click

from helio import runtime_asking, utf8
from helio.blocking import datagrams
from helio.errors import NoAnswer
from helio.limits import PORT
from helio.message import without_newline
from helio_host.cli import check_address, check_seconds, print_json, printable, stdout_may_close
from helio_host.ports import open_plain_port


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any free one.")
@click.option("--bind", "address", metavar="ADDR", callback=check_address, help="Listen on this address only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message.")
@click.option("--count", type=click.IntRange(1), help="End after this many messages.")
@click.option("--timeout", "timeout_s", type=float, callback=check_seconds, help="End after this many seconds.")
def command(port, address, as_json, count, timeout_s):
    """Print every message that arrives: when, from whom, and its text."""
    links, port = open_plain_port(port, address)
    if stdout_may_close():
        threading.Thread(target=_end_with_stdout, daemon=True).start()
    try:
        shown = [own[0] for _, own in links if own and (address or not own[0].startswith("127."))] or ["127.0.0.1"]
        # for a script the first line of stdout is a message
        print(
            "listening on %s port %d" % (", ".join(shown), port), file=sys.stderr if as_json else sys.stdout, flush=True
        )
        heard = 0
        for data, sender in datagrams(links, None if timeout_s is None else timeout_s * 1000):
            _show(data, sender, as_json)
            heard += 1
            if heard == count:
                return
        if count:
            raise NoAnswer("%d of %d messages came in %g s" % (heard, count, timeout_s))
    except KeyboardInterrupt:  # how one ends what listens for ever
        pass
    finally:
        runtime_asking.close(links)


def _end_with_stdout():
    poller = select.poll()
    poller.register(sys.stdout, 0)  # for nothing but an error or a hang-up
    poller.poll()
    os._exit(0)  # nothing is left to do, whatever the other thread is at


def _show(data, sender, as_json):
    now_s = time.time()
    host, port = sender
    try:
        text = utf8.decode(without_newline(data))
    except ValueError:
        text = None
    if as_json:
        content = {"hex": data.hex()} if text is None else {"text": text}
        print_json({"time": now_s, "host": host, "port": port, **content})
    else:
        clock = time.strftime("%H:%M:%S", time.localtime(now_s))
        print("%s  %s:%d  %s" % (clock, host, port, printable(utf8.escape(data) if text is None else text)), flush=True)
