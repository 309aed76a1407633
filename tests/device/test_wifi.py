"""Wi-Fi in virtual time, against a station that behaves as an ESP32's does."""

import asyncio

import wifi as module
from helio import runtime
from wifi import Wifi

try:
    from time import ticks_add
except ImportError:

    def ticks_add(ticks, delta):
        return ticks + delta


HOME = {"ssid": "home", "password": "home-password"}
CAFE = {"ssid": "café", "password": "café-password"}
OPEN = {"ssid": "open"}
PASSWORDS = {"home": "home-password", "café": "café-password", "open": None, "hidden": "hidden-password"}


class Station:
    """A `network.WLAN` among these networks: `air` is `{ssid: RSSI}`, `hidden` those that no scan
    shows. A join succeeds `JOIN_MS` after it began, if it can."""

    JOIN_MS = 1200

    def __init__(self, air=None, hidden=()):
        self.air = air or {}
        self.hidden = hidden
        self.scan_error = None
        self.calls = []  # (milliseconds since the start, what was called)
        self.now_ms = 0
        self._trying = None
        self._since_ms = 0
        self._joined = False

    def isconnected(self):
        if self._trying and self.now_ms - self._since_ms >= self.JOIN_MS:
            ssid, key = self._trying
            self._joined = (ssid in self.air or ssid in self.hidden) and PASSWORDS[ssid] == key
        return self._joined

    def ifconfig(self):
        return ("192.168.1.7", "255.255.255.0", "192.168.1.1", "192.168.1.1")

    def scan(self):
        self.calls.append((self.now_ms, "scan"))
        if self.scan_error:
            raise self.scan_error
        return [(ssid.encode(), b"\x02helio", 6, rssi, 3, False) for ssid, rssi in self.air.items()]

    def connect(self, ssid, key):
        if self._trying:
            raise OSError("Wifi Internal Error")
        self.calls.append((self.now_ms, ssid))
        self._trying = ssid, key
        self._since_ms = self.now_ms

    def disconnect(self):
        self.calls.append((self.now_ms, "disconnect"))
        self._trying = None
        self._joined = False

    def lose(self):
        """The access point goes away; the station tries to rejoin by itself from now on."""
        self._joined = False
        self._away, self.air = self.air, {}

    def find_again(self):
        """It is back."""
        self.air = self._away
        self._since_ms = self.now_ms


class Run:
    """A Wifi stepped as `keep` would, from any start of the clock."""

    def __init__(self, station, networks, start_ms=0):
        self.station = station
        self.wifi = Wifi(station, networks)
        self.start_ms = start_ms
        self.said = []

    def until(self, end_ms):
        """Step on until so many milliseconds after the start; returns the calls meanwhile."""
        self.station.calls = []
        module.print = lambda *words: self.said.append(" ".join([str(word) for word in words]))
        try:
            while self.station.now_ms < end_ms:
                wait_ms = self.wifi.step(ticks_add(self.start_ms, self.station.now_ms))
                assert 0 < wait_ms <= 30000
                self.station.now_ms += wait_ms
        finally:
            del module.print
        return self.station.calls


def joins(calls):
    return [call for call in calls if call[1] not in ("scan", "disconnect")]


def test_the_strongest_known_network_is_joined():
    for air, best in (
        ({"home": -70, "café": -50, "stranger": -20}, "café"),
        ({"home": -40, "café": -50}, "home"),
        ({"stranger": -20, "open": -90}, "open"),
    ):
        run = Run(Station(air), [HOME, CAFE, OPEN])
        assert run.until(5000) == [(0, "scan"), (0, best)], air
        assert run.station.isconnected()
        assert run.said == ["Wi-Fi: joining " + best, "Wi-Fi: joined, address 192.168.1.7"]


def test_of_two_access_points_of_one_name_the_stronger_counts():
    station = Station({"home": -80, "café": -60})
    station.scan = lambda: [
        (b"home", b"\x02far..", 1, -80, 3, False),
        ("café".encode(), b"\x02mid..", 1, -60, 3, False),
        (b"home", b"\x02near.", 6, -40, 3, False),
    ]
    assert Run(station, [HOME, CAFE]).until(1000) == [(0, "home")]


def test_what_is_joined_is_left_alone():
    run = Run(Station({"home": -40}), [HOME])
    run.until(5000)
    run.station.air["café"] = -1
    assert run.until(3600000) == []


def test_a_station_that_is_joined_already_is_not_joined_anew():
    station = Station({"home": -40})  # Wi-Fi survives a soft reset
    station.connect("home", "home-password")
    station.now_ms = 2000
    run = Run(station, [HOME])
    assert run.until(10000) == []
    assert run.said == ["Wi-Fi: joined, address 192.168.1.7"]


def test_an_open_network_is_joined_without_a_password():
    for entry in ({"ssid": "open"}, {"ssid": "open", "password": None}, {"ssid": "open", "password": ""}):
        run = Run(Station({"open": -40}), [entry])
        run.until(5000)
        assert run.station.isconnected(), entry


def test_a_hidden_network_is_tried():
    run = Run(Station(hidden=("hidden",)), [{"ssid": "hidden", "password": "hidden-password"}])
    assert run.until(5000) == [(0, "scan"), (0, "hidden")]
    assert run.station.isconnected()


def test_of_several_unseen_networks_each_is_tried_in_turn():
    hidden = {"ssid": "hidden", "password": "hidden-password"}
    run = Run(Station({"stranger": -20}, hidden=("hidden",)), [HOME, CAFE, hidden])
    calls = run.until(40000)
    assert joins(calls) == [(0, "home"), (16000, "café"), (33000, "hidden")]
    assert run.station.isconnected()


def test_a_join_that_fails_is_tried_again_and_again_after_longer_pauses():
    run = Run(Station({"home": -40}), [{"ssid": "home", "password": "wrong"}])
    at_ms, wanted = 0, []
    for pause_ms in (1000, 2000, 5000, 10000, 30000, 30000, 30000):
        wanted += [(at_ms, "scan"), (at_ms, "home"), (at_ms + 15000, "disconnect")]
        at_ms += 15000 + pause_ms
    assert run.until(at_ms) == wanted
    assert run.said == ["Wi-Fi: joining home", "Wi-Fi: not joined, trying again"] * 7


def test_after_a_success_the_pauses_are_short_again():
    run = Run(Station(), [HOME])
    run.until(60000)
    run.station.air = {"home": -40}
    run.until(180000)
    assert run.station.isconnected()
    run.station.lose()
    lost_ms = run.station.now_ms
    calls = run.until(lost_ms + 30000)
    assert joins(calls)[0] == (lost_ms + 11000, "home"), calls


def test_an_outage_that_the_station_ends_by_itself_needs_nothing():
    run = Run(Station({"home": -40}), [HOME])
    run.until(5000)
    run.station.lose()
    assert run.until(12000) == []
    run.station.find_again()
    assert run.until(60000) == []
    assert run.station.isconnected()
    assert run.said[2:] == ["Wi-Fi: connection lost", "Wi-Fi: joined, address 192.168.1.7"]


def test_an_outage_that_lasts_is_ended_by_a_scan_and_another_network():
    run = Run(Station({"home": -40, "café": -60}), [HOME, CAFE])
    run.until(5000)
    run.station.lose()
    run.station.air = {"café": -60}
    assert run.until(30000) == [(15000, "disconnect"), (16000, "scan"), (16000, "café")]
    assert run.station.isconnected()
    assert run.said[-1] == "Wi-Fi: joined, address 192.168.1.7"


def test_an_outage_of_a_day_is_survived():
    run = Run(Station({"home": -40}), [HOME])
    run.until(5000)
    run.station.lose()
    run.until(86400000)
    assert not run.station.isconnected()
    run.station.find_again()
    run.until(86400000 + 60000)
    assert run.station.isconnected()


def test_a_scan_that_fails_is_said_so_and_tried_again():
    run = Run(Station({"home": -40}), [HOME])
    run.station.scan_error = OSError("Wifi Internal Error")
    assert run.until(16000) == [(0, "scan"), (15000, "disconnect")]
    assert run.said == ["Wi-Fi: Wifi Internal Error", "Wi-Fi: not joined, trying again"]
    run.station.scan_error = None
    assert run.until(20000) == [(16000, "scan"), (16000, "home")]
    assert run.station.isconnected()


def test_with_no_known_network_nothing_is_tried():
    run = Run(Station({"home": -40}), [])
    assert run.until(600000) == []
    assert run.said == []


def test_with_no_known_network_one_joined_by_hand_is_noticed():
    run = Run(Station({"open": -40}), [])
    run.until(5000)
    run.station.connect("open", None)
    run.until(10000)
    run.station.lose()
    assert run.until(60000) == []
    assert run.said == ["Wi-Fi: joined, address 192.168.1.7", "Wi-Fi: connection lost"]


def test_the_clock_of_a_board_may_wrap_meanwhile():
    for before_ms in (1, 500, 5000, 14999, 15000, 15500):
        run = Run(Station({"home": -40}), [{"ssid": "home", "password": "wrong"}], ticks_add(0, -before_ms))
        assert joins(run.until(34000)) == [(0, "home"), (16000, "home"), (33000, "home")], before_ms
        run = Run(Station({"home": -40}), [HOME], ticks_add(0, -before_ms - 5000))
        run.until(5000)
        run.station.lose()
        assert joins(run.until(17000)) == [(16000, "home")], before_ms


# --- start


class Network:
    """A `network` module that notes what is done to it, in order."""

    STA_IF = 0

    def __init__(self):
        self.calls = []

    def hostname(self, name):
        self.calls.append(("hostname", name))

    def WLAN(self, kind):
        assert kind == self.STA_IF
        return self

    PM_NONE = 0

    def active(self, on):
        self.calls.append(("active", on))

    def config(self, **parts):
        self.calls.append(("config", parts))

    def isconnected(self):
        return True

    def ifconfig(self):
        return ("192.168.1.7", "255.255.255.0", "192.168.1.1", "192.168.1.1")


class Node:
    """Takes what `keep` tells it, and is there once it was told."""

    def __init__(self):
        self.told = asyncio.Event()

    def set_interfaces(self, interfaces):
        self.interfaces = interfaces
        self.told.set()


def started(power):
    """What `wifi.start()` did to the network and said, and the service it leaves."""
    network, said = Network(), []
    before = module.network, module.settings, runtime.services[0]
    module.network, module.settings = network, {"name": "kitchen", "wifi": [], "power": power}
    module.print = lambda *words: said.append(" ".join(words))
    try:
        module.start()
        assert runtime.services[0] is not before[2]
        return network.calls, said, runtime.services[0]
    finally:
        module.network, module.settings, runtime.services[0] = before
        del module.print


def test_start_sets_the_hostname_before_all_else():
    calls, said, _ = started("mains")
    assert calls == [("hostname", "kitchen"), ("active", True), ("config", {"pm": 0})]
    assert said == ["Wi-Fi: no network in settings.json"]


def test_on_a_battery_the_modem_may_sleep():
    assert started("battery")[0] == [("hostname", "kitchen"), ("active", True)]


async def test_the_node_is_told_its_addresses():
    keep = started("mains")[2]
    before, runtime.interfaces = runtime.interfaces, lambda: [("192.168.1.7", "192.168.1.255")]
    module.print = lambda *words: None
    try:
        node = Node()
        task = asyncio.create_task(keep(node))
        await node.told.wait()
        assert node.interfaces == [("192.168.1.7", "192.168.1.255")]
        task.cancel()
    finally:
        runtime.interfaces = before
        del module.print
