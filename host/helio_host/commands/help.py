"""`helio help TARGET`: what a node understands."""

import click

import helio.blocking
from helio.limits import ANSWER_TIMEOUT_S
from helio_host.cli import check_address, check_seconds, print_json, printable


@click.command()
@click.argument("target", required=False)
@click.option("--plain", is_flag=True, help="Ask with plain datagrams.")
@click.option("--timeout", "timeout_s", type=float, callback=check_seconds, default=ANSWER_TIMEOUT_S)
@click.option("--interface", metavar="ADDR", callback=check_address, help="Look for names from this address only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message.")
@click.pass_context
def command(context, target, plain, timeout_s, interface, as_json):
    """Print the messages that TARGET understands, and how each is used."""
    if target is None:
        print(context.parent.get_help())
        return
    endpoint = helio.blocking.resolve(target, interface=interface, confirmed=not plain)
    ask = helio.blocking.ask if plain else helio.blocking.send
    for name in ask(endpoint, "help", timeout_s).split():
        usage = ask(endpoint, "help " + name, timeout_s)
        if as_json:
            print_json({"name": name, "usage": usage[len(name) + 1 :]})
        else:
            print(printable(usage))
