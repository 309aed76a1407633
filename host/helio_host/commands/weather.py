"""`helio weather`: a document of the US National Weather Service or of Open-Meteo, for people or as JSON."""

import itertools
import time

import click

from helio.errors import UsageError
from helio.weather import FORECAST, OBSERVED, Weather, place_url
from helio_host import open_meteo
from helio_host.cli import open_source, print_json, print_table, printable

_PIECE_BYTES = 65536
_PIECES_MAX = 160  # 10 MB; of JSON, which is not read piece by piece
_SHORT = {"Fahrenheit": "F", "Celsius": "C", "percent": "%", "degrees true": "degrees"}
_WORDS = (
    ("temperature", "temperature"),
    ("apparent_temperature", "feels like"),
    ("dew_point", "dew point"),
    ("humidity", "humidity"),
    ("wind_speed", "wind"),
    ("wind_gust", "gusts"),
    ("wind_direction", "wind from"),
    ("pressure", "pressure"),
)
_COLUMNS = (
    *(("maximum", "high"), ("minimum", "low"), ("temperature", "temp"), ("precipitation_chance", "rain")),
    *(("wind_speed", "wind"), ("summary", "summary")),
)


@click.command(context_settings={"ignore_unknown_options": True})  # a latitude may begin with -
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all there is.")
def command(source, as_json):
    """Show the weather at SOURCE: a place in the USA as LAT,LON, or a URL or a file with a forecast or
    observation, weather.gov's XML or Open-Meteo's JSON, or - for what comes in."""
    url = place_url(source)
    if url is None and source != "-" and not source.strip("0123456789.,-+ NSEW"):
        raise UsageError("a place is LAT,LON, up to 90 and 180 degrees, like 47.6,-122.3: got %r" % source)
    with open_source(url or source) as file:
        weather = _read(file)
    if as_json:
        print_json(_everything(weather))
    else:
        _show(weather)


def _read(file):
    pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
    first = next(pieces, b"")
    if open_meteo.is_json(first):
        return open_meteo.read(first + b"".join(itertools.islice(pieces, _PIECES_MAX)), time.time())
    return Weather.read(itertools.chain([first], pieces))


def _everything(weather):
    return {
        **{name: getattr(weather, name) for name in OBSERVED},
        "forecast_place": weather.forecast_place,
        "units": weather.units,
        "periods": [{name: getattr(period, name) for name in FORECAST} for period in weather.periods],
    }


def _show(weather):
    if not weather.periods and all([getattr(weather, name) is None for name in OBSERVED]):
        print("no observation and no forecast is in this document")
    for text in (weather.place or _point(weather), weather.time_text):
        if text:
            print(printable(text))
    if weather.description:
        print(printable(weather.description))
    for name, words in _WORDS:
        value = getattr(weather, name)
        if value is not None:
            print("%s: %s" % (words, printable(_with_unit(weather, name, value))))
    if weather.periods:
        if weather.forecast_place not in (None, weather.place):
            print("\nforecast for %s" % printable(weather.forecast_place))
        else:
            print()
        _show_periods(weather)


def _show_periods(weather):
    columns = [
        (name, heading)
        for name, heading in _COLUMNS
        if any(getattr(period, name) is not None for period in weather.periods)
    ]
    rows = [["period"] + [heading for _, heading in columns]]
    for period in weather.periods:
        values = [(name, getattr(period, name)) for name, _ in columns]
        rows.append(
            [period.name] + ["-" if value is None else _with_unit(weather, name, value) for name, value in values]
        )
    print_table(rows)


def _with_unit(weather, name, value):
    unit = weather.units.get(name)
    unit = _SHORT.get(unit, unit)
    return "%s%s%s" % (value, "" if unit in (None, "%") else " ", unit or "")


def _point(weather):
    if weather.latitude is None or weather.longitude is None:
        return None
    return "%s, %s" % (weather.latitude, weather.longitude)
