"""What makes this board this one: `settings.json`, checked.

A wrong value is reported by its key on the console and its default used; unknown keys are kept.
"""

import json

from helio.message import is_name

LED = {"kind": "none", "pin": None, "active": 1, "power_pin": None, "order": "GRB"}


def _is_pin(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value):
    return value is None or isinstance(value, str)


def _is_place(value):
    try:
        latitude, longitude = value.split(",")
        return -90 <= float(latitude) <= 90 and -180 <= float(longitude) <= 180
    except (AttributeError, ValueError):
        return value is None


# key: (default, whether a value will do, what would do)
_KEYS = {
    "name": ("board", lambda v: isinstance(v, str) and is_name(v), "letters, digits, '-', '_', '.', at most 32"),
    "wifi": ([], lambda v: isinstance(v, list), 'a list like [{"ssid": "home", "password": "secret"}]'),
    "led": (LED, lambda v: isinstance(v, dict), 'like {"kind": "pin", "pin": 2}'),
    "host": (None, _is_text, "an address or null"),
    "feed": (None, _is_text, "a URL or null"),
    "place": (None, _is_place, '"LAT,LON" or null'),
    "power": ("mains", lambda v: v in ("mains", "battery"), '"mains" or "battery"'),
}
_LED_KEYS = {
    "kind": ("none", lambda v: v in ("pin", "neopixel", "none"), '"pin", "neopixel" or "none"'),
    "pin": (None, lambda v: v is None or _is_pin(v), "a GPIO number or null"),
    "active": (1, lambda v: _is_pin(v) and v <= 1, "0 or 1"),
    "power_pin": (None, lambda v: v is None or _is_pin(v), "a GPIO number or null"),
    "order": ("GRB", lambda v: isinstance(v, str) and sorted(v) == ["B", "G", "R"], 'like "GRB"'),
}


def check(text):
    """`(settings, problems)` of the text of a `settings.json`: a dict with every key, and one
    line for each value that would not do."""
    problems = []
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise ValueError
    except (ValueError, RuntimeError, MemoryError):  # the last two: nested too deep
        problems.append("it is not a JSON object; all defaults are used")
        given = {}
    settings = _checked(given, _KEYS, "", problems)
    settings["led"] = _checked(settings["led"], _LED_KEYS, "led.", problems)
    if settings["led"]["kind"] != "none" and settings["led"]["pin"] is None:
        problems.append("led.pin is missing; the LED is not used")
        settings["led"]["kind"] = "none"
    settings["wifi"] = [entry for i, entry in enumerate(settings["wifi"]) if _is_network(entry, i, problems)]
    return settings, problems


def _checked(given, keys, prefix, problems):
    settings = dict(given)
    for key, (default, will_do, wanted) in keys.items():
        if key not in settings:
            settings[key] = default
        elif not will_do(settings[key]):
            problems.append("%s%s is to be %s; %s is used" % (prefix, key, wanted, json.dumps(default)))
            settings[key] = default
    return settings


def _is_network(entry, i, problems):
    # the value is not shown: it may hold a password
    if isinstance(entry, dict) and isinstance(entry.get("ssid"), str) and _is_text(entry.get("password")):
        return True
    problems.append('wifi[%d] is to be like {"ssid": "home", "password": "secret"}; it is left out' % i)
    return False


def load(path="settings.json"):
    """The settings of this board; what is wrong with them goes to the console."""
    try:
        with open(path) as file:
            text = file.read()
    except (OSError, ValueError, MemoryError):
        print("settings.json is missing or unreadable: defaults are used")
        text = "{}"
    settings, problems = check(text)
    for problem in problems:
        print("settings.json:", problem)
    return settings


settings = load()
