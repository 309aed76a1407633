"""Wi-Fi: joins the strongest known network, and comes back by itself after any outage.

`step` decides what to do next and never waits; `keep` runs it beside a node and tells the
node its address.
"""

import asyncio

import network
from helio import runtime
from settings import settings

JOIN_MS = 15000  # a join that has not succeeded by then will not
OUTAGE_MS = 10000  # the ESP32 tries to rejoin by itself; after this we scan anew
LOOK_MS = 500  # how often the state is looked at
RETRY_MS = (1000, 2000, 5000, 10000, 30000)  # pauses after joins that failed


class Wifi:
    """Keeps `wlan` (a `network.WLAN`) joined to one of `networks`, the `wifi` of the settings."""

    def __init__(self, wlan, networks):
        self._wlan = wlan
        self._networks = networks
        self._failures = 0
        self._waiting = None  # (since when, how long) in milliseconds, for a join or the outage's end
        self._joined = False

    def step(self, now_ms):
        """Do what is to be done now; returns after how many milliseconds to call again."""
        if self._wlan.isconnected():
            if not self._joined:
                print("Wi-Fi: joined, address", self._wlan.ifconfig()[0])
            self._joined = True
            self._failures = 0
            self._waiting = None
            return LOOK_MS
        if self._joined:
            print("Wi-Fi: connection lost")
            self._joined = False
            self._waiting = now_ms, OUTAGE_MS
        if not self._networks:
            return LOOK_MS
        if self._waiting:
            # short IDLE phases while joining are normal: only the clock says that it failed
            since_ms, for_ms = self._waiting
            if runtime.ticks_diff(now_ms, since_ms) < for_ms:
                return LOOK_MS
            self._waiting = None
            self._failures += 1
            print("Wi-Fi: not joined, trying again")
            self._wlan.disconnect()  # a second connect() while connecting raises
            return RETRY_MS[min(self._failures, len(RETRY_MS)) - 1]
        self._join(now_ms)
        return LOOK_MS

    def _join(self, now_ms):
        self._waiting = now_ms, JOIN_MS
        try:
            known = self._choose(self._wlan.scan())
            print("Wi-Fi: joining", known["ssid"])
            self._wlan.connect(known["ssid"], known.get("password") or None)
        except OSError as error:
            print("Wi-Fi:", error)

    def _choose(self, seen):
        """The known network with the strongest signal; when none is seen, each in turn, for
        a hidden one is not."""
        best = None
        for entry in seen:  # (ssid, bssid, channel, RSSI, security, hidden)
            for known in self._networks:
                if known["ssid"].encode() == entry[0] and (best is None or entry[3] > best[0]):
                    best = entry[3], known
        return best[1] if best else self._networks[self._failures % len(self._networks)]


def start():
    """Switch Wi-Fi on, and have it kept beside every node."""
    network.hostname(settings["name"])  # before connecting, or it does not count
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if settings["power"] == "mains":
        wlan.config(pm=wlan.PM_NONE)  # modem sleep adds 100 ms to all that arrives
    if not settings["wifi"]:
        print("Wi-Fi: no network in settings.json")
    wifi = Wifi(wlan, settings["wifi"])

    async def keep(node):
        while True:
            wait_ms = wifi.step(runtime.ticks_ms())
            node.set_interfaces(runtime.interfaces())
            await asyncio.sleep(wait_ms / 1000)

    runtime.services[0] = keep  # in place of looking for addresses now and then
