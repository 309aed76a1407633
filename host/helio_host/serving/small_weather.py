"""Weather as a small DWML document, the kind that the National Weather Service's MapClick gives."""

import html
import re
from datetime import datetime, timezone

from helio.html import cut
from helio.weather import FORECAST, OBSERVED

FIELDS = tuple(dict.fromkeys(OBSERVED + FORECAST))
USUAL = tuple([field for field in FIELDS if field not in ("dew_point", "wind_gust")])

# of each measure the element and its `type`
_MEASURES = {
    "maximum": ("temperature", "maximum"),
    "minimum": ("temperature", "minimum"),
    "temperature": ("temperature", "hourly"),
    "apparent_temperature": ("temperature", "apparent"),
    "dew_point": ("temperature", "dew point"),
    "humidity": ("humidity", "relative"),
    "wind_speed": ("wind-speed", "sustained"),
    "wind_gust": ("wind-speed", "gust"),
    "wind_direction": ("direction", "wind"),
    "pressure": ("pressure", "barometer"),
    "precipitation_chance": ("probability-of-precipitation", ""),
}
_SHORT = {"Fahrenheit": "°F", "Celsius": "°C", "percent": "%"}
_TEXT_MAX = 60  # characters of a place or of a summary
_HAS_ZONE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_NOT_XML = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(weather, fields, items, bytes_max):
    """A document of a `helio.weather.Weather`, bytes, with at most `items` periods, and fewer where
    they do not fit."""
    for count in range(min(items, len(weather.periods)), -1, -1):
        document = _document(weather, fields, weather.periods[:count])
        if len(document) <= bytes_max:
            return document
    return _document(weather, ("temperature", "description"), [])


def lines(weather, items):
    """The observation and the periods in words, a list of str."""
    found = []
    if weather.temperature is not None or weather.description:
        parts = [weather.place, _value(weather, "temperature", weather.temperature), weather.description]
        found.append(", ".join([part for part in parts if part]))
    for period in weather.periods[:items]:
        highs = [_value(weather, name, getattr(period, name)) for name in ("maximum", "minimum", "temperature")]
        found.append("%s: %s" % (period.name, ", ".join([part for part in (*highs, period.summary) if part])))
    return found or ["no observation and no forecast is in this document"]


def _value(weather, name, value):
    unit = weather.units.get(name) or ""
    return None if value is None else "%s %s" % (_number(value), _SHORT.get(unit, unit))


def _document(weather, fields, periods):
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<dwml version="1.0">']
    measures = [field for field in fields if field in _MEASURES]
    if any(getattr(weather, field) is not None for field in fields if field in OBSERVED):
        parts += _data(
            weather,
            "current observations",
            weather.place if "place" in fields else None,
            "latitude" in fields or "longitude" in fields,
            [("", _time(weather.time, weather.time_text) if "time" in fields or "time_text" in fields else "")],
            [weather],
            [field for field in measures if field in OBSERVED],
            "description" if "description" in fields else None,
        )
    if periods:
        parts += _data(
            weather,
            "forecast",
            weather.forecast_place if "place" in fields and weather.forecast_place != weather.place else None,
            False,
            [("" if p.name == p.start_text else p.name, _time(p.start, p.start_text)) for p in periods],
            periods,
            [field for field in measures if field in FORECAST],
            "summary" if "summary" in fields else None,
        )
    parts.append("</dwml>\n")
    return "".join(parts).encode()


def _data(weather, kind, place, with_point, starts, of, measures, summary):
    """The parts of one <data>: where, when, and what."""
    yield '\n<data type="%s"><location><location-key>a</location-key>' % kind
    if place:
        yield "<area-description>%s</area-description>" % _xml(cut(place, _TEXT_MAX))
    if with_point and weather.latitude is not None and weather.longitude is not None:
        yield '<point latitude="%s" longitude="%s"/>' % (_number(weather.latitude), _number(weather.longitude))
    yield "</location>\n<time-layout><layout-key>k</layout-key>"
    for name, start in starts:
        named = ' period-name="%s"' % _xml(name) if name else ""
        yield "<start-valid-time%s>%s</start-valid-time>" % (named, _xml(start))
    yield '</time-layout>\n<parameters applicable-location="a">'
    for field in measures:
        values = [getattr(one, field) for one in of]
        if any(value is not None for value in values):
            yield _measure(field, weather.units.get(field), values)
    if summary and any(getattr(one, summary) for one in of):
        conditions = [_condition(getattr(one, summary)) for one in of]
        yield '\n<weather time-layout="k">%s</weather>' % "".join(conditions)
    yield "\n</parameters></data>"


def _measure(field, unit, values):
    element, kind = _MEASURES[field]
    attributes = (' type="%s"' % kind if kind else "") + (' units="%s"' % _xml(unit) if unit else "")
    texts = "".join(["<value/>" if value is None else "<value>%s</value>" % _number(value) for value in values])
    return '\n<%s%s time-layout="k">%s</%s>' % (element, attributes, texts, element)


def _condition(summary):
    return (
        '<weather-conditions weather-summary="%s"/>' % _xml(cut(summary, _TEXT_MAX))
        if summary
        else ("<weather-conditions/>")
    )


def _time(seconds, text):
    """A time as DWML has it: as it was written where that has a zone, else in UTC."""
    if text and _HAS_ZONE.fullmatch(text) or seconds is None:
        return text or ""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return text or ""


def _number(value):
    return str(value) if isinstance(value, int) else ("%.4f" % value).rstrip("0").rstrip(".")


def _xml(text):
    return html.escape(_NOT_XML.sub("", text)).replace("&#x27;", "'")
