"""Runs on a board at its prompt: its settings, and the Wi-Fi networks that it sees."""

import json
import os
import time

SETTINGS = "/settings.json"
JOIN_S = 20


def read_settings():
    """Print the settings, as they are in the file; `{}` where there are none, `null` where they are no JSON."""
    try:
        with open(SETTINGS) as file:
            print(json.dumps(json.load(file)))
    except OSError:
        print("{}")
    except ValueError:
        print("null")


def put_aside():
    """Keep what is in the file, and is no JSON."""
    try:
        os.remove(SETTINGS + ".bad")
    except OSError:
        pass
    os.rename(SETTINGS, SETTINGS + ".bad")


def write_settings(text):
    """Store the text of the settings: a power cut leaves the old ones or the new."""
    with open(SETTINGS + ".new", "w") as file:
        file.write(text)
    try:
        os.rename(SETTINGS + ".new", SETTINGS)
    except OSError:  # FAT does not replace
        os.remove(SETTINGS)
        os.rename(SETTINGS + ".new", SETTINGS)


def scan():
    """Print the networks that the board sees, the strongest first: a list of `[ssid, dBm]`."""
    strongest = {}
    for entry in _wlan().scan():
        try:
            ssid = entry[0].decode()
        except UnicodeError:
            continue
        if ssid:
            strongest[ssid] = max(entry[3], strongest.get(ssid, -200))
    print(json.dumps(sorted([[ssid, strongest[ssid]] for ssid in strongest], key=lambda found: -found[1])))


def join(ssid, password):
    """Join a network, and print `[address, why not]`, one of them null."""
    wlan = _wlan()
    wlan.disconnect()
    is_seen = ssid.encode() in [entry[0] for entry in wlan.scan()]
    why = None
    started_ms = time.ticks_ms()
    try:
        wlan.connect(ssid, password or None)
        while not wlan.isconnected():
            status = wlan.status()
            elapsed_ms = time.ticks_diff(time.ticks_ms(), started_ms)
            if status == 202 or elapsed_ms > 5000 and status == 204:
                why = "password"  # the latter is a handshake that was not completed
            elif status == 201 and elapsed_ms > 5000 or not is_seen and elapsed_ms > 8000:
                why = "network"
            elif elapsed_ms > JOIN_S * 1000:
                why = "address" if is_seen else "network"
            if why:
                break
            time.sleep_ms(50)
    except OSError as error:
        why = str(error)
    if why:
        wlan.disconnect()  # or it would go on trying
    print(json.dumps([None if why else wlan.ifconfig()[0], why]))


def _wlan():
    import network

    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    return wlan
