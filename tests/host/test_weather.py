"""`helio weather`: a document of the National Weather Service, as a user has it in a file."""

import json
import subprocess

from helio_command import command, helio
from weather_documents import MAPCLICK, STATION, digital


def test_observation_and_forecast_for_people(file):
    run = helio("weather", file(MAPCLICK))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "Field, WA",
        "2017-07-18T08:05:00",
        "Fair",
        "temperature: 63 F",
        "feels like: 63 F",
        "wind: 3 knots",
        "pressure: 30.25 inches of mercury",
        "",
        "forecast for Town, WA",
        "period           high  low   rain  summary",
        "Tonight          -     56 F  -     Sunny & dry",
        "Wednesday        80 F  -     -     -",
        "Wednesday Night  -     -7 F  40%   -",
    ]


def test_one_without_a_forecast_has_no_table(file):
    run = helio("weather", file(STATION))
    assert run.stdout.startswith("Dillon, MT\nThu, 25 Feb 2016 00:53:00 -0700\nOvercast\ntemperature: 32.5 F\n")
    assert "wind: 6.5 mph\n" in run.stdout and "period" not in run.stdout


def test_hours(file):
    lines = helio("weather", file(digital(3))).stdout.splitlines()
    assert lines[0] == "2 Miles N Town WA"
    assert lines[-1].split(None, 4) == ["2024-01-01T02:00:00-08:00", "2", "2%", "2", "-"]


def test_json_is_all_there_is(file):
    (line,) = helio("weather", "--json", file(MAPCLICK)).stdout.splitlines()
    said = json.loads(line)
    assert (said["temperature"], said["wind_gust"], said["time"]) == (63, None, 1500390300)
    assert said["units"]["wind_speed"] == "knots"
    assert [period["minimum"] for period in said["periods"]] == [56, None, -7]
    assert set(said) >= {"place", "forecast_place", "latitude", "longitude", "time_text", "description"}


def test_open_meteo(file):
    document = {
        "latitude": 52.52,
        "longitude": 13.42,
        "utc_offset_seconds": 3600,
        "current_units": {"temperature_2m": "°C", "relative_humidity_2m": "%"},
        "current": {"time": "2026-11-25T08:45", "temperature_2m": 4.5, "relative_humidity_2m": 93, "weather_code": 45},
        "daily_units": {"temperature_2m_max": "°C", "precipitation_probability_max": "%"},
        "daily": {
            "time": ["2026-11-25", "2026-11-26"],
            "weather_code": [3, 61],
            "temperature_2m_max": [7.1, -0.5],
            "precipitation_probability_max": [0, 80],
        },
    }
    run = helio("weather", file(json.dumps(document).encode()))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "52.52, 13.42",
        "2026-11-25T08:45:00+01:00",
        "Fog",
        "temperature: 4.5 C",
        "humidity: 93%",
        "",
        "period     high    rain  summary",
        "Wednesday  7.1 C   0%    Cloudy",
        "Thursday   -0.5 C  80%   Light Rain",
    ]


def test_what_comes_in_is_a_source():
    run = subprocess.run(command("weather", "-"), input=STATION, capture_output=True, timeout=40)
    assert run.returncode == 0 and run.stdout.startswith(b"Dillon, MT\n")


def test_text_from_the_document_cannot_move_the_cursor(file):
    run = helio("weather", file(STATION.replace(b"Overcast", b"&#x9B;2J\xe2\x80\xae")))
    assert "\\x9b2J\\u202e\n" in run.stdout


def test_what_fails_is_one_line(file):
    wrong = ((b"<rss/>", "<rss>"), (STATION[:200], "line "), (b"", "no element"), (b"{}", "no weather of Open-Meteo"))
    for document, word in wrong:
        path = file(document)
        run = helio("weather", path)
        assert run.returncode == 1 and run.stdout == "" and word in run.stderr
        assert run.stderr.startswith("helio: %s: " % path) and run.stderr.count("\n") == 1
        assert set(json.loads(helio("weather", "--json", path).stderr)) == {"error"}
    assert helio("weather", str(path) + ".none").returncode == 1
    assert "begins with http" in helio("weather", "127.0.0.1:9000/ok").stderr
    assert helio("weather").returncode == 2
    for place in ("999,999", "91,0", "47.6", "47.6N,122.3W", ""):
        run = helio("weather", place)
        assert run.returncode == 2 and "a place is LAT,LON" in run.stderr, place


def test_a_document_without_weather_is_told(file):
    for document in (b"<dwml/>", b"<current_observation/>"):
        run = helio("weather", file(document))
        assert (run.returncode, run.stdout) == (0, "no observation and no forecast is in this document\n")
