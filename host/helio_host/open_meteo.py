"""Open-Meteo's JSON (https://open-meteo.com/en/docs) as a `helio.weather.Weather`."""

import json
import math
from datetime import datetime, timedelta, timezone

from helio.errors import NotWeather
from helio.reading_limits import WEATHER_PERIODS_MAX, WEATHER_TEXT_MAX
from helio.weather import Period, Weather

# what Open-Meteo calls it: what `helio.weather` does
_CURRENT = {
    "temperature_2m": "temperature",
    "apparent_temperature": "apparent_temperature",
    "dew_point_2m": "dew_point",
    "relative_humidity_2m": "humidity",
    "wind_speed_10m": "wind_speed",
    "wind_gusts_10m": "wind_gust",
    "wind_direction_10m": "wind_direction",
    "pressure_msl": "pressure",
}
_OLD_CURRENT = {"temperature": "temperature", "windspeed": "wind_speed", "winddirection": "wind_direction"}
_HOURLY = {**_CURRENT, "precipitation_probability": "precipitation_chance"}
_DAILY = {
    "temperature_2m_max": "maximum",
    "temperature_2m_min": "minimum",
    "precipitation_probability_max": "precipitation_chance",
    "wind_speed_10m_max": "wind_speed",
    "wind_gusts_10m_max": "wind_gust",
    "wind_direction_10m_dominant": "wind_direction",
}
_UNITS = {"°C": "Celsius", "°F": "Fahrenheit", "%": "percent", "°": "degrees true", "mp/h": "mph", "kn": "knots"}
# WMO code table 4677, as far as Open-Meteo has it
_CODES = {
    0: "Clear",
    1: "Mostly Clear",
    2: "Partly Cloudy",
    3: "Cloudy",
    45: "Fog",
    48: "Freezing Fog",
    51: "Light Drizzle",
    53: "Drizzle",
    55: "Heavy Drizzle",
    56: "Light Freezing Drizzle",
    57: "Freezing Drizzle",
    61: "Light Rain",
    63: "Rain",
    65: "Heavy Rain",
    66: "Light Freezing Rain",
    67: "Freezing Rain",
    71: "Light Snow",
    73: "Snow",
    75: "Heavy Snow",
    77: "Snow Grains",
    80: "Light Showers",
    81: "Showers",
    82: "Heavy Showers",
    85: "Snow Showers",
    86: "Heavy Snow Showers",
    95: "Thunderstorm",
    96: "Thunderstorm with Hail",
    99: "Heavy Thunderstorm with Hail",
}


def is_json(data):
    """Whether a document, bytes, begins like JSON, and not like XML."""
    return data.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in (b"{", b"[")


def read(data, now_s):
    """The Weather in a document, bytes: the current conditions, and the days, or else the hours from
    `now_s` or the observation on. Raises NotWeather."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise NotWeather("this is no JSON, though it begins like it") from None
    if not isinstance(document, dict) or not {"current", "current_weather", "daily", "hourly"} & set(document):
        raise NotWeather(
            "this JSON is no weather of Open-Meteo: it has no 'current', 'daily' or 'hourly'%s" % _why(document)
        )
    weather = Weather()
    weather.latitude = _number(document.get("latitude"))
    weather.longitude = _number(document.get("longitude"))
    zone_s = _number(document.get("utc_offset_seconds")) or 0
    zone = timezone(timedelta(seconds=int(zone_s))) if abs(zone_s) < 86400 else timezone.utc
    if isinstance(document.get("current"), dict):
        _observe(weather, document["current"], _part(document, "current_units"), _CURRENT, "weather_code", zone)
    elif isinstance(document.get("current_weather"), dict):
        units = _part(document, "current_weather_units")
        _observe(weather, document["current_weather"], units, _OLD_CURRENT, "weathercode", zone)
    if _starts(_part(document, "daily"), zone):
        _foresee(weather, document["daily"], _part(document, "daily_units"), _DAILY, zone)
        for period in weather.periods:
            period.name = datetime.fromtimestamp(period.start, zone).strftime("%A")
    else:
        _foresee(weather, _part(document, "hourly"), _part(document, "hourly_units"), _HOURLY, zone)
        since_s = now_s if weather.time is None else weather.time
        coming = [period for period in weather.periods if period.start > since_s - 3600]
        weather.periods = coming or weather.periods[-1:]
    return weather


def _why(document):
    reason = document.get("reason") if isinstance(document, dict) else None  # as Open-Meteo refuses
    return "; it says: %s" % reason[:WEATHER_TEXT_MAX] if isinstance(reason, str) else ""


def _observe(weather, values, units, names, code, zone):
    when = _when(values.get("time"), zone)
    if when:
        weather.time = int(when.timestamp())
        weather.time_text = when.isoformat()
    weather.description = _words(values.get(code))
    for theirs, ours in names.items():
        _set(weather, weather, ours, values.get(theirs), units.get(theirs))


def _foresee(weather, columns, units, names, zone):
    codes = _column(columns, "weather_code") or _column(columns, "weathercode")
    for i, when in enumerate(_starts(columns, zone)):
        period = Period(None, int(when.timestamp()), when.isoformat())
        period.summary = _words(codes[i]) if i < len(codes) else None
        for theirs, ours in names.items():
            column = _column(columns, theirs)
            _set(weather, period, ours, column[i] if i < len(column) else None, units.get(theirs))
        weather.periods.append(period)


def _starts(columns, zone):
    """The times of the periods, a list of datetime, up to the first that is none."""
    found = []
    for value in _column(columns, "time")[:WEATHER_PERIODS_MAX]:
        when = _when(value, zone)
        if when is None:
            break
        found.append(when)
    return found


def _set(weather, of, name, value, unit):
    value = _number(value)
    if value is None:
        return
    setattr(of, name, value)
    if isinstance(unit, str) and name not in weather.units:
        weather.units[name] = _UNITS.get(unit, unit[:20])


def _part(document, name):
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _column(columns, name):
    column = columns.get(name)
    return column if isinstance(column, list) else []


def _number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) and abs(value) < 10**9 else None


def _words(code):
    return _CODES.get(code) if isinstance(code, (int, float)) else None


def _when(value, zone):
    """A time as Open-Meteo has it, `2026-11-25T07:45`, a date or seconds since 1970; or None."""
    try:
        if isinstance(value, str):
            when = datetime.fromisoformat(value).replace(tzinfo=zone)
        else:
            when = datetime.fromtimestamp(value, zone)
        when.timestamp()
        return when
    except (ValueError, TypeError, OverflowError, OSError):
        return None
