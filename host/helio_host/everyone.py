"""Every node that this machine reaches, for the commands that deal with all of them."""

import ipaddress
import os
import sys

from helio.blocking import interfaces
from helio.errors import NoAnswer
from helio.node import Node
from helio_host.cli import print_aside

# where systemd shows that a unit is active, to everybody
_ACTIVE = "run/systemd/units/invocation:%s.service"
_FIREWALLS = ("ufw", "firewalld", "nftables", "iptables")


def asking_node(interface):
    """A Node to ask from, on a port of its own; `interface` (an address or None) confines it."""
    return Node("desktop", address=interface, port=None, coap_port=0)


async def find_all(node, timeout_s, interface):
    """As `Node.discover`. Raises NoAnswer, saying why that might be, where nothing answers."""
    if sys.stderr.isatty():
        print_aside("asking for %g s …" % timeout_s)
    nodes = await node.discover(timeout_s)
    if not nodes:
        raise NoAnswer(why_nobody(interfaces(interface), timeout_s))
    return nodes


def why_nobody(asked, timeout_s, root="/"):
    """What to say when none of the networks `asked`, a list of interfaces, answered: a line of
    what is known, and a line for each reason there may be."""
    networks = ["%s" % ipaddress.ip_network("%s/%s" % (own[0], own[2]), strict=False) for own in asked]
    outside = [network for network in networks if not network.startswith("127.")]
    first = "no node answered in %g s; asked on %s" % (timeout_s, ", ".join(networks))
    reasons = [
        "the board is not on Wi-Fi, or off: 'mpremote connect PORT repl' shows what it says of itself",
        "it is on another network than this machine: 'helio ping ADDRESS' reaches it there",
        "the access point keeps its clients apart (client isolation, a guest network): allow them to talk",
    ]
    if not outside:
        reasons = ["virtual boards are there only while 'helio simulate' runs"]
        if len(interfaces()) == 1:
            reasons.append("this machine is on no network but its own: join the one that the boards are on")
    for name in firewalls(root) if outside else ():
        reasons.append("%s runs here and may drop what answers: let UDP in from %s" % (name, ", ".join(outside)))
    return "\n".join([first] + ["- " + reason for reason in reasons])


def firewalls(root="/"):
    """The names of the firewalls that are at work on this machine, where it tells."""
    return [name for name in _FIREWALLS if os.path.lexists(os.path.join(root, _ACTIVE % name))]
