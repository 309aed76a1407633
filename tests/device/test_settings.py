"""`settings.json` as a board reads it: what is wrong is reported by its key, and the default used."""

import json
import os

import settings

DEFAULTS = {
    "name": "board",
    "wifi": [],
    "led": {"kind": "none", "pin": None, "active": 1, "power_pin": None, "order": "GRB"},
    "host": None,
    "feed": None,
    "place": None,
    "power": "mains",
}
FULL = {
    "name": "kitchen.2",
    "wifi": [{"ssid": "home", "password": "hunter22"}, {"ssid": "café", "password": None}, {"ssid": "open"}],
    "led": {"kind": "neopixel", "pin": 48, "active": 0, "power_pin": 20, "order": "RGB"},
    "host": "192.168.1.9",
    "feed": "http://192.168.1.9:8080/feeds/",
    "place": "48.14, -11.58",
    "power": "battery",
}

WRONG = {
    "name": (5, None, "", "two words", "é", "x" * 33, ["kitchen"], {}, True),
    "wifi": ({}, "home", None, 3, True),
    "led": ([], "pin", 3, None, True),
    "host": (3, [], {}, False),
    "feed": (3, [], {}, False),
    "place": ("here", "", "48", "48,", "91,0", "-90.5,0", "0,181", "0,-181", "nan,0", "1,2,3", 48, [48, 11], {}, True),
    "power": ("solar", "", 1, None, [], {}),
}
WRONG_LED = {
    "kind": ("laser", "", 1, None, [], {}, True),
    "pin": (-1, "48", 1.5, True, [48], {}),
    "active": (2, -1, "1", None, 0.5, 1.0, True, [], {}),
    "power_pin": (-1, "20", 1.5, False, [20], {}),
    "order": ("", "GR", "GGB", "grb", "RGBW", None, 3, True, ["G", "R", "B"], {}),
}
WRONG_NETWORKS = (
    "home",
    3,
    None,
    [],
    {},
    {"ssid": 3},
    {"ssid": None},
    {"password": "hunter22"},
    {"ssid": "home", "password": 8},
)
NO_OBJECTS = ["", " ", "{", "}", "name: kitchen", "{'name': 'kitchen'}", '{"name": "kitchen"', '{"name": "kitchen"} {}']
NO_OBJECTS += ["[]", "3", "null", '"name"', "true", "\x00", "\ufeff{}"]


def changed(given, key, value):
    given = dict(given)
    given[key] = value
    return given


def test_nothing_given_is_all_defaults():
    assert settings.check("{}") == (DEFAULTS, [])


def test_good_values_are_used():
    assert settings.check(json.dumps(FULL)) == (FULL, [])
    for key in FULL:
        assert settings.check(json.dumps({key: FULL[key]}))[0] == changed(DEFAULTS, key, FULL[key]), key
    for key in ("host", "feed", "place"):
        assert settings.check(json.dumps({key: None})) == (DEFAULTS, []), key


def test_each_wrong_value_is_reported_by_its_key_and_costs_nothing_else():
    for key, values in WRONG.items():
        for value in values:
            got, problems = settings.check(json.dumps(changed(FULL, key, value)))
            assert got == changed(FULL, key, DEFAULTS[key]), (key, value, got)
            assert len(problems) == 1 and problems[0].startswith(key + " is to be "), (key, value, problems)
            assert problems[0].endswith(json.dumps(DEFAULTS[key]) + " is used"), problems


def test_each_wrong_value_of_the_led_is_reported_by_its_key():
    for key, values in WRONG_LED.items():
        for value in values:
            got, problems = settings.check(json.dumps(changed(FULL, "led", changed(FULL["led"], key, value))))
            wanted = changed(FULL["led"], key, DEFAULTS["led"][key])
            if key == "pin":  # without one there is no LED
                wanted["kind"] = "none"
                assert problems.pop().startswith("led.pin is missing"), problems
            assert got == changed(FULL, "led", wanted), (key, value, got)
            assert len(problems) == 1 and problems[0].startswith("led.%s is to be " % key), (key, value, problems)


def test_a_led_without_a_pin_is_not_used():
    for kind in ("pin", "neopixel"):
        got, problems = settings.check(json.dumps({"led": {"kind": kind}}))
        assert got == DEFAULTS, got
        assert len(problems) == 1 and problems[0].startswith("led.pin is missing"), problems


def test_pin_0_is_a_pin():
    got, problems = settings.check('{"led": {"kind": "pin", "pin": 0}}')
    assert got["led"]["kind"] == "pin" and got["led"]["pin"] == 0 and not problems


def test_each_wrong_network_is_left_out_and_no_password_shown():
    for entry in WRONG_NETWORKS:
        given = changed(FULL, "wifi", [FULL["wifi"][0], entry, FULL["wifi"][1]])
        got, problems = settings.check(json.dumps(given))
        assert got == changed(FULL, "wifi", FULL["wifi"][:2]), (entry, got)
        assert len(problems) == 1 and problems[0].startswith("wifi[1] is to be "), (entry, problems)
        assert "hunter22" not in problems[0]


def test_all_wrong_at_once_is_all_reported():
    got, problems = settings.check(json.dumps({key: values[0] for key, values in WRONG.items()}))
    assert got == DEFAULTS
    assert sorted([problem.split()[0] for problem in problems]) == sorted(WRONG)


def test_unknown_keys_are_kept():
    given = {"shelf": [1, {"deep": None}], "led": {"lens": "frosted"}, "wifi": [{"ssid": "home", "since": 2020}]}
    got, problems = settings.check(json.dumps(given))
    assert not problems
    assert got["shelf"] == given["shelf"]
    assert got["led"] == changed(DEFAULTS["led"], "lens", "frosted")
    assert got["wifi"] == given["wifi"]


def test_one_check_does_not_change_the_defaults_of_the_next():
    first = settings.check("{}")[0]
    first["led"]["kind"] = "pin"
    first["wifi"].append({"ssid": "home"})
    assert settings.check("{}")[0] == DEFAULTS


def test_what_is_no_json_object_is_said_so():
    for text in NO_OBJECTS:
        got, problems = settings.check(text)
        assert got == DEFAULTS, (text, got)
        assert problems == ["it is not a JSON object; all defaults are used"], (text, problems)


def test_nesting_deeper_than_an_interpreter_follows_is_survived():
    for left, right in (("[", "]"), ('{"a":', "}")):
        for depth in (1000, 40000):
            got, problems = settings.check(left * depth + "1" + right * depth)
            got.pop("a", None)  # an unknown key, where it could be read
            assert got == DEFAULTS
            assert len(problems) <= 1


# --- the file


def load(data):
    """`(settings, what went to the console)` from a file of these bytes, or from none."""
    path = "%s/helio-%s.json" % (os.getenv("TMPDIR") or "/tmp", "".join(["%02x" % byte for byte in os.urandom(8)]))
    said = []
    settings.print = lambda *words: said.append(" ".join(words))
    try:
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        return settings.load(path), said
    finally:
        del settings.print
        if data is not None:
            os.remove(path)


def test_a_good_file_says_nothing():
    assert load(json.dumps(FULL).encode()) == (FULL, [])


def test_a_missing_file_is_said_so():
    assert load(None) == (DEFAULTS, ["settings.json is missing or unreadable: defaults are used"])


def test_a_file_that_is_not_utf_8_is_said_so():
    got = load(b'{"name": "caf\xe9"}')
    assert got == (DEFAULTS, ["settings.json is missing or unreadable: defaults are used"])


def test_a_broken_file_is_said_so():
    assert load(b'{"name": ') == (DEFAULTS, ["settings.json: it is not a JSON object; all defaults are used"])


def test_each_problem_of_a_file_is_a_line():
    got, said = load(b'{"name": "two words", "power": "solar", "feed": "http://x/"}')
    assert got == changed(DEFAULTS, "feed", "http://x/")
    assert len(said) == 2
    assert said[0].startswith("settings.json: ") and said[1].startswith("settings.json: ")
