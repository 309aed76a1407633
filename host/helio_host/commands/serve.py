"""`helio serve`: feeds and weather in small documents, for boards, until Ctrl+C."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import time

import click
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from helio.blocking import interfaces
from helio.errors import NetworkError, PortInUse, UsageError
from helio_host.cli import check_address, printable, stdout_may_close
from helio_host.serving import sources
from helio_host.serving.app import make_app
from helio_host.serving.limits import SHUTDOWN_S
from helio_host.serving.served import Served
from helio_host.serving.welcome import Welcome

PORT = 8080
EVERYWHERE = "0.0.0.0"


@click.command()
@click.argument("words", metavar="[NAME=SOURCE]…", nargs=-1)
@click.option("--port", type=click.IntRange(0, 65535), help="For HTTP; 8080 unless given, 0: any free one.")
@click.option("--bind", "address", metavar="ADDR", callback=check_address, help="Serve on this address only.")
@click.option("--config", metavar="FILE.toml", help="Sources, and the rest, in a file.")
@click.option("--quiet", is_flag=True, help="Do not log requests.")
def command(words, port, address, config, quiet):
    """Serve feeds and weather to boards, each as a document of less than 2 KB.

    A SOURCE is the URL of a feed or of weather, a file, or a folder of files. A board asks for
    http://ADDRESS:PORT/feeds/NAME or /weather/NAME; for people there is a page at /.
    """
    found = [sources.from_word(word) for word in words]
    if config:
        file = sources.load(config)
        for problem in file.problems:
            say(problem)
        found += file.sources
        port = file.port if port is None else port
        address = address or file.bind
    if address == EVERYWHERE:  # a board cannot be sent there
        address = None
    if not found:
        raise UsageError("say what to serve, as: helio serve news=https://example.org/feed.xml")

    async def serve():
        await _serve(sources.unique(found), PORT if port is None else port, address, quiet)
        os._exit(0)  # a name that is still being looked up, which may take a minute, is not waited for

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:  # before it was ready for one
        pass


def say(text):
    """One line on stderr."""
    print("helio: %s" % printable(text), file=sys.stderr, flush=True)


def _loop_trouble():
    """What asyncio is to call with its troubles: a line for each that is not that of before. With no descriptor left
    it calls a hundred times a second."""
    last = None

    def handle(loop, context):
        nonlocal last
        error = context.get("exception")
        text = "%s (%s)" % (context["message"], getattr(error, "strerror", None) or repr(error))
        if text != last:
            last = text
            say(text)

    return handle


async def _serve(found, port, address, quiet):
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)

    def end_with_stdout():
        loop.remove_reader(sys.stdout)
        stop.set()

    loop.set_exception_handler(_loop_trouble())
    logging.getLogger("aiohttp").addHandler(logging.NullHandler())  # what it has to say is about bad requests
    with _listen(address or EVERYWHERE, port) as sock:
        port = sock.getsockname()[1]
        async with Served(found, lambda name, problem: say("%s: %s" % (name, problem))) as served:
            runner = web.AppRunner(
                make_app(served),
                access_log_class=AccessLog,
                access_log=None if quiet else logging.getLogger("helio.serve"),
                shutdown_timeout=SHUTDOWN_S,
            )
            await runner.setup()
            await web.SockSite(runner, sock).start()
            try:
                await _until(stop, end_with_stdout, port, address)
            finally:
                await runner.cleanup()


async def _until(stop, end_with_stdout, port, address):
    async with Welcome(address, port, say):
        if stdout_may_close():
            asyncio.get_running_loop().add_reader(sys.stdout, end_with_stdout)  # nothing to read ever comes but its end
        print("serving at http://%s:%d/" % (address or interfaces()[0][0], port), flush=True)
        await stop.wait()


def _listen(address, port):
    """A TCP socket that listens. Raises PortInUse, UsageError, NetworkError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(128)
        return sock
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                "port %d is in use by another program: end it, or take another with --port, 0 for any" % port
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise UsageError("this machine does not have the address %s" % address) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise NetworkError("port %d is only for administrators: take one from 1024 up with --port" % port) from None
        raise NetworkError("port %d on %s cannot be opened: %s" % (port, address, error.strerror)) from None


class AccessLog(AbstractAccessLogger):
    """One line a request on stderr."""

    def log(self, request, response, seconds):
        """When, who, what, and what came of it."""
        clock = time.strftime("%H:%M:%S")
        asked = printable("%s %s" % (request.method, request.path_qs))[:200]
        size = response.body_length
        print(
            "%s  %s  %s  %d  %d bytes  %d ms" % (clock, request.remote, asked, response.status, size, seconds * 1000),
            file=sys.stderr,
            flush=True,
        )
