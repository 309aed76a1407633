"""`helio doctor` where all is fine, and with each thing in the way that can be put there."""

import json

import pytest
from helio_command import Running, free_port, helio

from helio_host import serial_ports
from helio_host.commands import doctor

LOOPBACK = ("127.0.0.1", "127.255.255.255", "255.0.0.0")


def checks(*words, **options):
    run = helio("doctor", *words, "--json", **options)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == (0 if all(check["ok"] for check in found) else 1), run.stderr
    assert all(check["ok"] == (check["advice"] is None) for check in found)
    return {check["check"]: check for check in found}


def test_of_this_machine_each_thing_is_said():
    found = checks(port=free_port())
    assert {"USB", "addresses", "firewall", "broadcast at 127.0.0.1"} < set(found)
    assert found["broadcast at 127.0.0.1"]["found"] == "is heard"


def test_a_node_that_is_well(tmp_path):
    port = free_port()
    words = ("simulate", "--json", "--network", "127.0.71.0", "--port", port, "--coap-port", 0)
    with Running(*words, TMPDIR=str(tmp_path)) as simulator:
        simulator.out.until(lambda line: '"ready"' in line)
        found = checks("board-1", port=port)
        assert found["board-1"]["ok"] and found["plain ping"]["found"] == "pong"
        assert found["CoAP ping"]["ok"] and found["status"]["found"].startswith("board-1, helio ")
        text = helio("doctor", "board-1", port=port).stdout
        assert "fine   plain ping: pong" in text


def test_a_node_whose_program_is_left_alone(tmp_path):
    port = free_port()
    program = tmp_path / "broken.py"
    program.write_text("1 / 0")
    words = ("simulate", "--json", "--app", program, "--network", "127.0.72.0", "--port", port, "--coap-port", 0)
    with Running(*words, TMPDIR=str(tmp_path)) as simulator:
        simulator.out.until(lambda line: '"ready"' in line)
        status = checks("board-1", port=port)["status"]
        assert "left alone" in status["found"] and "deploy" in status["advice"]


def test_nobody_there():
    found = checks("127.0.73.9", port=free_port())
    assert not found["plain ping"]["ok"] and not found["CoAP ping"]["ok"] and not found["status"]["ok"]
    found = checks("nobody-1", port=free_port())
    assert "is it on" in found["nobody-1"]["advice"] and "plain ping" not in found


def test_what_is_no_target():
    run = helio("doctor", "two words")
    assert (run.returncode, run.stdout) == (2, "") and "neither a name nor an address" in run.stderr
    run = helio("doctor", "rfc2217://127.0.0.1:1")
    assert (run.returncode, run.stdout) == (2, "") and "is a cable" in run.stderr


def test_a_port_that_is_taken():
    port = free_port()
    with Running("listen", "--json", port=port) as listening:
        listening.err.until(lambda line: "listening" in line)
        taken = checks(port=port)["UDP port %d" % port]
    assert "in use" in taken["found"] and "helio listen" in taken["advice"]


def test_a_bridge_without_a_driver(tmp_path):
    for name, product in ("1-1", "7523"), ("1-2", "0001"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "idVendor").write_text("1a86\n")
        (tmp_path / name / "idProduct").write_text(product + "\n")
    assert serial_ports.unserved_bridges(tmp_path) == ["CH340"]


@pytest.mark.parametrize("name, command", [("ufw", "sudo ufw allow 10001/udp"), ("firewalld", "--add-port=10001/udp")])
def test_a_firewall_that_is_on(name, command, monkeypatch):
    monkeypatch.setattr(doctor, "_active_firewall", lambda: name)
    _, found, advice = doctor._firewall()
    assert name in found and command in found and advice is None


def test_a_machine_in_no_network(monkeypatch):
    monkeypatch.setattr(doctor.runtime, "interfaces", lambda: [LOOPBACK])
    found = list(doctor._addresses())
    assert found[0] == ("addresses", "this machine is in no network", "join the Wi-Fi that the boards are in")
    assert found[1] == ("broadcast at 127.0.0.1", "is heard", None)


def test_a_node_in_another_network(monkeypatch):
    monkeypatch.setattr(doctor.runtime, "interfaces", lambda: [("10.1.2.3", "10.1.2.255", "255.255.255.0")])
    monkeypatch.setattr(doctor, "_asked", lambda check, ask: (check, "", "not asked"))
    found = list(doctor._node("10.1.3.4"))
    assert found[0][1] == "is in another network" and "router" in found[0][2]
    assert list(doctor._node("10.1.2.4"))[0][2] is None
