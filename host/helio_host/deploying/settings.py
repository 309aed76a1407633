"""The settings of a board on a cable: read, changed, stored, and tried at once."""

import json
from pathlib import Path

from helio.errors import HelioError, UsageError
from helio_host.cli import printable

_ON_BOARD = (Path(__file__).parent / "set_up.py").read_text()
_WHY = {
    "password": "the password of %r is wrong",
    "network": "no network %r is seen: is it spelt so, near, and at 2.4 GHz? Boards do not hear one of 5 GHz only",
    "address": "%r took the board in but gave it no address: is DHCP on, and the access point not full?",
}


class BoardSettings:
    """The settings of the board at a `BoardPrompt`, a dict in `values`, and its Wi-Fi. What it has `is_broken` where
    that is something else, which `store` keeps beside them."""

    def __init__(self, board):
        self._board = board
        board.run(_ON_BOARD)
        found = json.loads(board.run("read_settings()"))
        self.is_broken = not isinstance(found, dict)
        self.values = {} if self.is_broken else found

    def store(self):
        """Put them onto the board; a power cut leaves the old ones or the new."""
        if self.is_broken:
            self._board.run("put_aside()")
        self._board.run("write_settings(%r)" % json.dumps(self.values))

    def networks(self):
        """The networks that the board sees, the strongest first: a list of `(ssid, dBm)`."""
        return [tuple(entry) for entry in json.loads(self._board.run("scan()"))]

    def password(self, ssid):
        """That of a network, or None where it is not known."""
        return next((entry.get("password") or "" for entry in self.known() if entry.get("ssid") == ssid), None)

    def add_network(self, ssid, password):
        """Know a network, in front of those that are known already. Raises UsageError for a password that is no
        text, as one typed at a terminal with another encoding."""
        try:
            password.encode()
        except UnicodeEncodeError:
            raise UsageError("the password of %r is not UTF-8" % ssid) from None
        others = [entry for entry in self.known() if entry.get("ssid") != ssid]
        self.values["wifi"] = [{"ssid": ssid, "password": password}, *others]

    def known(self):
        """The networks that it knows, a list of dict; what else stands there is none."""
        known = self.values.get("wifi")
        return [entry for entry in known if isinstance(entry, dict)] if isinstance(known, list) else []

    def join(self, ssid, password):
        """Join it; returns the address that the board got. Raises HelioError which says why there is none."""
        address, why = json.loads(self._board.run("join(%r, %r)" % (ssid, password), timeout_s=40))
        if address is None:
            raise HelioError(_WHY[why] % ssid if why in _WHY else "%r: %s" % (ssid, printable(why)))
        return address
