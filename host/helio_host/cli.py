"""The command `helio`: its subcommands, and what every one of them does the same way.

Results go to stdout, everything else to stderr. Exit status: 0 done, 1 it failed and stderr
says why, 2 the command line was wrong.
"""

import importlib
import json
import os
import signal
import sys

import click

from helio import __version__
from helio.errors import HelioError, UsageError

COMMANDS = {
    "demo": "Watch the whole thing work, with no board on the desk.",
    "help": "Print what a node understands.",
    "listen": "Print every message that arrives.",
    "send": "Send one message, and print the answer.",
    "simulate": "Run virtual boards.",
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
    try:
        helio.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read our stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, click.Abort):
        pass
    except HelioError as error:
        fail(error, "--json" in sys.argv)


def _end(*_):
    raise KeyboardInterrupt


def fail(error, as_json):
    """Say on stderr what went wrong, and exit with 2 where the command line was, else 1."""
    print(json.dumps({"error": str(error)}) if as_json else "helio: %s" % error, file=sys.stderr)
    sys.exit(2 if isinstance(error, UsageError) else 1)


def print_json(value):
    """One JSON object on a line of its own, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
