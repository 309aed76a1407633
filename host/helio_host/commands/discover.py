"""`helio discover`: every node there is."""

import asyncio

import click

from helio.limits import DISCOVER_TIMEOUT_S
from helio_host.cli import check_address, check_seconds, print_json, print_table
from helio_host.everyone import asking_node, find_all

COLUMNS = ("name", "address", "board", "firmware", "messages")


@click.command()
@click.option("--timeout", "timeout_s", type=float, callback=check_seconds, default=DISCOVER_TIMEOUT_S)
@click.option("--interface", metavar="ADDR", callback=check_address, help="Ask from this address only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a node.")
def command(timeout_s, interface, as_json):
    """List the nodes that answer on this machine's networks, and what each understands."""
    nodes = asyncio.run(_discover(timeout_s, interface))
    if as_json:
        for node in nodes:
            print_json(node)
    else:
        print_table([COLUMNS] + [[_cell(node[column]) for column in COLUMNS] for node in nodes])


async def _discover(timeout_s, interface):
    async with asking_node(interface) as node:
        return await find_all(node, timeout_s, interface)


def _cell(value):
    if isinstance(value, list):
        return " ".join(value)
    return str(value or "-")
