"""Stand-in for MicroPython's `network`: two access points, of which the second gives no addresses. At the prompt of
a board `network.virtual_outage("helio-virtual")` has one fall silent, and with `False` as well come back."""

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202

ACCESS_POINTS = {"helio-virtual": ("virtual", -40), "helio-no-addresses": ("virtual", -60)}  # password, dBm

_silent = set()  # the access points that are away
virtual_address = None  # what joining gives this board; `start.py` says

_hostname = "mpy-esp32"


def virtual_outage(ssid, is_out=True):
    """Have an access point fall silent, or come back: a station that was joined rejoins by itself."""
    if is_out:
        _silent.add(ssid)
    else:
        _silent.discard(ssid)


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname
    if len(name) > 32:
        raise ValueError
    _hostname = name


class WLAN:
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    _active = [False, False]
    _joined = [False, False]
    _status = STAT_IDLE

    def __init__(self, interface_id=STA_IF):
        self._id = interface_id

    def active(self, is_active=None):
        if is_active is None:
            return WLAN._active[self._id]
        WLAN._active[self._id] = bool(is_active)

    def scan(self):
        seen = [entry for entry in ACCESS_POINTS.items() if entry[0] not in _silent]
        return [(ssid.encode(), b"\x02helio", 6, dbm, 3, False) for ssid, (_, dbm) in seen]

    def connect(self, ssid=None, key=None, *, bssid=None):
        if not WLAN._active[self._id]:
            raise OSError("Wifi Internal Error")
        password = None if ssid in _silent else ACCESS_POINTS.get(ssid, (None,))[0]
        WLAN._joined[self._id] = ssid == "helio-virtual" and key == password
        if password is None:
            WLAN._status = STAT_NO_AP_FOUND
        else:
            WLAN._status = STAT_CONNECTING if key == password else STAT_WRONG_PASSWORD

    def disconnect(self):
        WLAN._joined[self._id] = False
        WLAN._status = STAT_IDLE

    def isconnected(self):
        return WLAN._joined[self._id] and self._id == STA_IF and "helio-virtual" not in _silent

    def status(self, param=None):
        if param == "rssi":
            return -40
        return STAT_GOT_IP if self.isconnected() else WLAN._status

    def ifconfig(self):
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return (virtual_address, "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def config(self, param=None, **settings):
        return None
