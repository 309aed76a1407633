"""Firmware from a site like MicroPython's, and from the cache."""

import pytest
from firmware_site import FirmwareSite

from firmware_images import image
from helio.errors import HelioError, NetworkError, UsageError
from helio_host.boards import load_board
from helio_host.flashing.firmware import Wanted, find_firmware, parse_wanted

DATA = image("ESP32", 200_000)
FILES = {
    "ESP32_GENERIC-20241129-v1.24.1.bin": image("ESP32", 1000, seed=3),
    "ESP32_GENERIC-20250911-v1.26.1.bin": DATA,
    "ESP32_GENERIC-20250101-v1.9.3.bin": b"old",
    "ESP32_GENERIC-20251104-v1.27.0-preview.389.g1234567890.bin": b"preview",
    "ESP32_GENERIC-SPIRAM-20251209-v1.27.0.bin": b"spiram",
    "ESP32_GENERIC_S3-20251209-v1.27.0.bin": b"s3",
    "ESP32_GENERIC-20250911-v1.26.1.app-bin": b"app",
}
STABLE = "ESP32_GENERIC-20250911-v1.26.1.bin"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/helio/firmware"


@pytest.fixture
def site(monkeypatch):
    with FirmwareSite(dict(FILES)) as site:
        monkeypatch.setenv("HELIO_FIRMWARE_SITE", site.url)
        yield site


def find(version="stable", board="generic-esp32", wanted=None):
    told, percents = [], []
    path = find_firmware(wanted or Wanted(version=version), load_board(board), told.append, percents.append)
    return path, told, percents


def test_the_newest_stable_one_is_fetched_once(site):
    path, told, percents = find()
    assert path.name == STABLE and path.read_bytes() == DATA
    assert any("fetching %s/resources" % site.url in line for line in told)
    assert percents[-1] == 100 and percents == sorted(percents)
    again, told, percents = find()
    assert again == path and not percents and not any("fetching" in line for line in told)
    assert [wanted for wanted, _ in site.requests].count("/resources/firmware/" + STABLE) == 1


def test_a_version_and_a_variant(site):
    assert find("1.24.1")[0].name == "ESP32_GENERIC-20241129-v1.24.1.bin"
    with pytest.raises(HelioError, match=r"no firmware 1\.2\.3 for ESP32_GENERIC: there are 1\.[\d., ]*1\.24\.1"):
        find("1.2.3")
    with pytest.raises(HelioError, match="no stable firmware for ESP32_GENERIC_C3: `--firmware FILE` takes one"):
        find(board="generic-esp32-c3")


def test_without_a_network_the_cache_is_taken(site, monkeypatch):
    path, _, _ = find()
    site.__exit__()
    again, told, _ = find()
    assert again == path and any("which was fetched before" in line for line in told)
    with pytest.raises(NetworkError, match="--firmware FILE"):
        find("1.24.1")
    site.__init__(FILES)  # for the fixture to close
    site.__enter__()


def test_what_was_spoilt_in_the_cache_is_fetched_again(site):
    path, _, _ = find()
    path.write_bytes(DATA[:-1] + b"!")
    assert find()[0].read_bytes() == DATA


def test_a_broken_download_goes_on_where_it_ended(site):
    site.break_after = 70_000
    with pytest.raises(HelioError, match="after 70000 of 200"):
        find()
    with pytest.raises(HelioError):
        find()
    site.break_after = None
    assert find()[0].read_bytes() == DATA
    ranges = [wanted for path, wanted in site.requests if path.endswith(STABLE)]
    assert ranges == [None, "bytes=70000-", "bytes=140000-"]


def test_what_changed_meanwhile_is_fetched_anew(site):
    site.break_after = 70_000
    with pytest.raises(HelioError):
        find()
    site.break_after = None
    site.files[STABLE] = image("ESP32", 200_000, seed=9)
    assert find()[0].read_bytes() == site.files[STABLE]


def test_a_url_of_ones_own(site):
    wanted = parse_wanted(site.url + "/resources/firmware/" + STABLE)
    assert find(wanted=wanted)[0].read_bytes() == DATA
    with pytest.raises(HelioError, match="answers 404"):
        find(wanted=parse_wanted(site.url + "/resources/firmware/none.bin"))


def test_what_may_be_wanted(tmp_path):
    file = tmp_path / "own.bin"
    file.write_bytes(DATA)
    assert parse_wanted(str(file)) == Wanted(path=file)
    assert parse_wanted("stable") == Wanted(version="stable")
    assert parse_wanted("v1.26.1") == parse_wanted("1.26.1") == Wanted(version="1.26.1")
    for text in ("latest", str(tmp_path), "none.bin", "", "ftp://example.org/x.bin"):
        with pytest.raises(UsageError):
            parse_wanted(text)
