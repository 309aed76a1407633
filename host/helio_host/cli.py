"""The command `helio`: its subcommands, and what every one of them does the same way.

Results go to stdout, everything else to stderr. Exit status: 0 done, 1 it failed and stderr
says why, 2 the command line was wrong.
"""

import importlib
import json
import os
import signal
import stat
import sys
from contextlib import contextmanager, nullcontext

import click

from helio import __version__, utf8
from helio.errors import HelioError, NotAFeed, NotWeather, ParseError, PeerError, Refused, UsageError
from helio.lookup import parse_target

TIMEOUT_MAX_S = 10**6  # eleven days; what the system's clocks can wait for is not much more

COMMANDS = {
    "demo": "Watch the whole thing work, with no board on the desk.",
    "simulate": "Run virtual boards.",
    "send": "Send one message, and print the answer.",
    "ping": "Measure the round trip to a node.",
    "discover": "List the nodes there are.",
    "observe": "Follow a value, and print each change.",
    "get": "Print what is at a coap:// address.",
    "put": "Change what is at a coap:// address.",
    "listen": "Print every message that arrives.",
    "read": "Print a page of the web, line by line.",
    "feed": "Show the items of an RSS or Atom feed.",
    "weather": "Show the weather, from the US National Weather Service or Open-Meteo.",
    "trust": "Put on a board who vouches for a https:// server.",
    "serve": "Serve feeds and weather to boards, a kilobyte each.",
    "up": "Take a board on a cable all the way to blinking.",
    "ports": "List the serial ports, and what is at each.",
    "flash": "Put MicroPython onto a board.",
    "setup": "Say what a board is called, and which Wi-Fi it joins.",
    "led": "Find the LED of a board.",
    "deploy": "Lay helio and a program onto a board.",
    "console": "Type at the prompt of a board.",
    "run": "Run a program on a board, without laying it there.",
    "reset": "Start a board anew.",
    "doctor": "Look for what stands between this machine and a board.",
    "boards": "List the boards that helio knows.",
    "help": "Print what a node understands.",
}


class Commands(click.Group):
    """Loads a command's module, `helio_host.commands.NAME`, when it is used."""

    def list_commands(self, context):
        return list(COMMANDS)

    def get_command(self, context, name):
        if name not in COMMANDS:
            return None
        return importlib.import_module("helio_host.commands." + name).command

    def format_commands(self, context, formatter):
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="helio", message="%(prog)s %(version)s")
def helio():
    """Messages for microcontrollers: say 'blink 3', and a board blinks and answers."""


def main():
    """The entry point: every error that is not ours to fix becomes one line."""
    signal.signal(signal.SIGTERM, _end)
    as_json = "--json" in sys.argv
    _prepare_output()
    try:
        # not `helio.main`: that makes a failure of a closed stdout
        with helio.make_context("helio", sys.argv[1:]) as context:
            helio.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "helio"
        what = " ".join(error.format_message().split()).rstrip(".")
        fail(UsageError("%s: see %s --help" % (what, where)), as_json)
    except BrokenPipeError:  # whoever read our stdout has seen enough
        _abandon_stdout()
    except OSError as error:  # a full disk, a file that may not be read
        _abandon_stdout()
        words = [os.fsdecode(error.filename)] if error.filename is not None else []
        fail(HelioError(": ".join([*words, error.strerror or str(error)])), as_json)
    except (KeyboardInterrupt, click.Abort):  # the latter at a question
        if sys.stderr.isatty() and not as_json:
            print(file=sys.stderr)  # behind the ^C
        fail(HelioError("interrupted before it was done"), as_json)
    except HelioError as error:
        fail(error, as_json)


def _prepare_output():
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before we started
            setattr(sys, name, open(os.devnull, "w"))
    sys.stdout.reconfigure(errors="backslashreplace")  # an odd character shall not end a command


def _end(*_):
    raise KeyboardInterrupt


def _abandon_stdout():
    # what is still buffered would fail again at exit
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(error, as_json):
    """Say on stderr what went wrong, and exit with 2 where the command line was, else 1."""
    print(json.dumps({"error": str(error)}) if as_json else "helio: %s" % shown(str(error)), file=sys.stderr)
    sys.exit(2 if isinstance(error, UsageError) else 1)


def stdout_may_close():
    """Whether someone reads our stdout who may go away. Who waits for something to print would
    not notice, and is to watch it."""
    return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)


def print_json(value):
    """One JSON object on a line of its own, at once. It is ASCII, whatever the terminal speaks
    and whatever a reader takes for the end of a line."""
    print(json.dumps(value), flush=True)


def printable(text):
    """Text from a stranger, so that it cannot move the cursor, recolour the terminal or end a line."""
    return "".join([char if char.isprintable() else char.encode("unicode_escape").decode() for char in text])


def shown(answer):
    """An answer for people, str or bytes; its lines stay lines."""
    text = utf8.escape(answer) if isinstance(answer, bytes) else answer
    return "\n".join([printable(line) for line in text.split("\n")])


def print_aside(text):
    """Say on stderr what is no result, dimmed on a terminal."""
    click.secho(text, dim=True, err=True)


def print_table(rows):
    """Rows of str for people, the first of them the heading, in columns."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=True)]).rstrip(), flush=True)


def check_address(context, option, value):
    """A click callback: the option's value is an address, or it was not given."""
    if value is None:
        return None
    host, port, is_name = parse_target(value) if ":" not in value else (None, None, True)
    if port or is_name:
        raise UsageError("%r is not an address: write it like 192.168.1.55" % value)
    return host


def check_seconds(context, option, value):
    """A click callback: the option's value is a time to wait, or it was not given."""
    if value is not None and not 0 < value <= TIMEOUT_MAX_S:  # not a number is neither
        raise UsageError("%s takes seconds, more than 0 and up to %d: got %g" % (option.opts[0], TIMEOUT_MAX_S, value))
    return value


@contextmanager
def open_source(source):
    """The bytes of SOURCE, a URL, a file or `-` for stdin, as a context: what it has that cannot be read is told
    with its name. Raises UsageError when it is none."""
    if "://" in source:
        stream = open_page(source)
    elif source != "-":
        stream = _open_file(source)
    elif sys.stdin is None:
        raise UsageError("nothing can be read: standard input is closed")
    else:
        stream = nullcontext(sys.stdin.buffer)
    with stream as file:
        try:
            yield file
        except (ParseError, NotAFeed, NotWeather) as error:
            raise PeerError("%s: %s" % ("standard input" if source == "-" else source, error)) from None


def _open_file(path):
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise HelioError("there is no file %r; an address of the web begins with http:// or https://" % path) from None


def open_page(url):
    """The page at `url`, a `helio.http.page.Page`. Raises Refused when the server has none to give."""
    from helio import blocking

    page = blocking.get(url)
    if page.status != 200:
        page.close()
        raise Refused(
            "%s answers %d %s: look at the address in a browser" % (page.url, page.status, printable(page.reason))
        )
    return page
