"""`helio doctor`: what is in order between this machine and a board, and what to do where it is not."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import click

from helio import blocking, runtime, runtime_asking
from helio.errors import HelioError, NoAnswer, PortInUse, UsageError
from helio.limits import COAP_PORT, PORT
from helio.lookup import parse_target
from helio_host.cli import print_json, printable
from helio_host.ports import open_plain_port
from helio_host.serial_ports import serial_ports, unserved_bridges, why_closed

_ANSWER_S = 2
_HEAR_MS = 500
_MDNS_GROUP = "224.0.0.251"  # RFC 6762
_NO_NODE = "is helio on the board, and does its program run? `helio console` shows what it says, `helio deploy` lays it"


@click.command()
@click.argument("target", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a check.")
def command(target, as_json):
    """Look at what stands between this machine and a board: USB, ports, addresses, a firewall; and, where TARGET is
    given, whether that node is reached and what it answers. Status 1 when something is to be done."""
    if target and "://" in target:
        raise UsageError("%s is a cable: helio doctor takes the name or the address of a node" % target)
    if target:
        parse_target(target)  # what cannot be one is told before all else
    is_fine = True
    for check, found, advice in _checks(target):
        is_fine = is_fine and not advice
        if as_json:
            print_json({"check": check, "ok": not advice, "found": found, "advice": advice})
        else:
            mark = click.style("to do", fg="yellow") if advice else click.style("fine ", fg="green")
            click.echo("%s  %s: %s" % (mark, printable(check), printable(found)))
            if advice:
                click.echo("       %s" % printable(advice))
    sys.exit(0 if is_fine else 1)


def _checks(target):
    """Each gives `(what was looked at, what was found, what to do)`, the last None where all is fine."""
    yield from _usb()
    yield _udp_port()
    yield from _addresses()
    yield _firewall()
    if target:
        yield from _node(target)


def _usb():
    ports = serial_ports()
    bridges = unserved_bridges()
    for bridge in bridges:
        advice = "its driver is missing, or another program took it: on Debian and Ubuntu `sudo apt remove brltty`, "
        yield "USB", "a %s is plugged in, and has no serial port" % bridge, advice + "then plug it in anew"
    for port in ports:
        yield "USB", "%s at %s" % (port.bridge, port.device), why_closed(port.device)
    if not ports and not bridges:
        advice = "no board is plugged in; if one is, its cable is one for charging only"
        yield "USB", advice, None  # most boards are on the Wi-Fi


def _udp_port():
    check = "UDP port %d" % PORT
    try:
        links, _ = open_plain_port(PORT)
    except PortInUse as error:
        return check, str(error), "`helio listen` and `helio serve` hear nothing beside it: end it when you want those"
    except HelioError as error:
        return check, str(error), "look at the network settings of this machine"
    runtime_asking.close(links)
    return check, "free", None


def _addresses():
    others = [own for own in runtime.interfaces() if own != runtime.LOOPBACK]
    if others:
        yield "addresses", "this machine is at %s" % ", ".join([own[0] for own in others]), None
    else:
        yield "addresses", "this machine is in no network", "join the Wi-Fi that the boards are in"
    for own in [*others, runtime.LOOPBACK]:
        yield _broadcast(own)
    for own in others:
        yield _multicast(own[0])


def _broadcast(own):
    """Whether what is sent to all on a network is heard here."""
    check = "broadcast at %s" % own[0]
    advice = "`helio discover`, names and `hello` need it: is a firewall or a VPN in the way?"
    links = asking = ()
    try:
        links, port = blocking.open_listening(0, own[0])
        asking = runtime_asking.open_broadcast([own])
        runtime.broadcast(asking, b"doctor", (port,))
        if any(data == b"doctor" for data, _ in blocking.datagrams(links, _HEAR_MS)):
            return check, "is heard", None
        return check, "is not heard", advice
    except (HelioError, OSError) as error:
        return check, str(error), advice
    finally:
        runtime_asking.close(links)
        runtime_asking.close(asking)


def _multicast(address):
    check = "multicast at %s" % address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.settimeout(_HEAR_MS / 1000)
            sock.bind(("", 0))
            own = socket.inet_aton(address)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(_MDNS_GROUP) + own)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            sock.sendto(b"doctor", (_MDNS_GROUP, sock.getsockname()[1]))
            while sock.recvfrom(64)[0] != b"doctor":
                pass
            return check, "is heard", None
        except OSError as error:
            advice = "only names that end in .local need it: is a firewall or a VPN in the way?"
            return check, "is not heard (%s)" % (error.strerror or error), advice


def _firewall():
    """Those of Linux that drop what comes unasked; of others this tells nothing."""
    name = _active_firewall()
    if name is None:
        return "firewall", "none that helio knows is on", None
    command = {"ufw": "sudo ufw allow %d/udp", "firewalld": "sudo firewall-cmd --permanent --add-port=%d/udp"}[name]
    advice = "where boards are not heard, let them in: `%s` and `%s`" % (command % PORT, command % COAP_PORT)
    return "firewall", "%s is on; %s" % (name, advice), None  # it may let them in already, which only root can see


def _active_firewall():
    try:
        if "ENABLED=yes" in Path("/etc/ufw/ufw.conf").read_text():
            return "ufw"
    except OSError:
        pass
    if shutil.which("firewall-cmd"):
        run = subprocess.run(["firewall-cmd", "--state"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.stdout.strip() == "running":
            return "firewalld"
    return None


# --- a node


def _node(target):
    host, _, is_name = parse_target(target)
    try:
        address, port = blocking.resolve(target)
    except HelioError as error:
        advice = "is it on, and in the Wi-Fi of this machine? Guest networks and some access points keep theirs apart"
        yield target, str(error), advice
        return
    if is_name:
        yield target, "is at %s" % address, None
    near = any(runtime.is_on_network(address, own) for own in [*runtime.interfaces(), runtime.LOOPBACK])
    advice = None if near else "names and broadcasts end at the router: give its address, or join its network"
    yield target, "is in %s network" % ("this machine's" if near else "another"), advice
    yield _asked("plain ping", lambda: blocking.ask("%s:%d" % (address, port), "ping", _ANSWER_S))
    yield _asked("CoAP ping", lambda: "%.1f ms" % blocking.ping(host, _ANSWER_S))
    yield _status(host)


def _asked(check, ask):
    try:
        return check, ask(), None
    except NoAnswer as error:
        return check, str(error), _NO_NODE
    except HelioError as error:
        return check, str(error), "`helio deploy` lays the newest helio onto it"


def _status(host):
    check, found, advice = _asked("status", lambda: blocking.send(host, "status", _ANSWER_S))
    if advice:
        return check, found, advice
    try:
        status = json.loads(found)
        found = "%s, helio %s, up for %d s" % (status["name"], status["version"], status["uptime_s"])
        return check, status.get("trouble") or found, "mend its program and deploy it" if "trouble" in status else None
    except (ValueError, KeyError, TypeError):
        return check, found, "it is no node of helio's, or one of another version"
