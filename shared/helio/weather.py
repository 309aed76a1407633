"""The US National Weather Service's XML documents, read as they arrive in bounded memory.

Forecasts are DWML, the Digital Weather Markup Language: MapClick's (`FcstType=dwml` and
`FcstType=digitalDWML`) and those of the National Digital Forecast Database. Current observations
are MapClick's too, or the `current_observation` of one station (w1.weather.gov).
"""

from helio import limits, reading_limits
from helio.errors import NotWeather, UsageError
from helio.xml.scanner import ELEMENT, END, START, TEXT, Scanner

# what is known of an observation, and of a period of a forecast
_MEASURED = (
    "temperature",
    "apparent_temperature",
    "dew_point",
    "humidity",
    "wind_speed",
    "wind_gust",
    "wind_direction",
)
OBSERVED = ("place", "latitude", "longitude", "time", "time_text", "description", "pressure") + _MEASURED
FORECAST = ("name", "start", "start_text", "summary", "maximum", "minimum", "precipitation_chance") + _MEASURED

_PLACE_URL = "https://forecast.weather.gov/MapClick.php?lat=%s&lon=%s&FcstType=dwml"
_PIECE = 1024  # bytes that are read from a file at a time
_NIL = ("{http://www.w3.org/2001/XMLSchema-instance}nil", "xsi:nil")

# An element and its `type`: the attribute here. "" is any type.
_MEASURES = {
    ("temperature", "maximum"): "maximum",
    ("temperature", "minimum"): "minimum",
    ("temperature", "hourly"): "temperature",
    ("temperature", "apparent"): "apparent_temperature",
    ("temperature", "heat index"): "apparent_temperature",
    ("temperature", "wind chill"): "apparent_temperature",
    ("temperature", "dew point"): "dew_point",
    ("humidity", "relative"): "humidity",
    ("wind-speed", "sustained"): "wind_speed",
    ("wind-speed", "gust"): "wind_gust",
    ("direction", "wind"): "wind_direction",
    ("pressure", "barometer"): "pressure",
    ("probability-of-precipitation", ""): "precipitation_chance",
    ("weather", ""): "summary",
}
_PERCENT = ("humidity", "precipitation_chance")  # whether or not the document says so

# An element of `current_observation`: the attribute here, and the unit. Fahrenheit and inches of
# mercury, as MapClick has them: a program that reads one kind of document reads the other.
_STATION = {
    "location": ("place", None),
    "latitude": ("latitude", None),
    "longitude": ("longitude", None),
    "observation_time": ("time_text", None),
    "observation_time_rfc822": ("time_text", None),
    "weather": ("description", None),
    "temp_f": ("temperature", "Fahrenheit"),
    "heat_index_f": ("apparent_temperature", "Fahrenheit"),
    "windchill_f": ("apparent_temperature", "Fahrenheit"),
    "dewpoint_f": ("dew_point", "Fahrenheit"),
    "relative_humidity": ("humidity", "percent"),
    "wind_mph": ("wind_speed", "mph"),
    "wind_gust_mph": ("wind_gust", "mph"),
    "wind_degrees": ("wind_direction", "degrees true"),
    "pressure_in": ("pressure", "inches of mercury"),
}
_TEXTS = ("place", "time_text", "description")

# What is read of DWML, and whether its text is.
_DWML = {
    "dwml": False,
    "data": False,
    "location": False,
    "location-key": True,
    "description": True,
    "area-description": True,
    "city": True,
    "point": False,
    "time-layout": False,
    "layout-key": True,
    "start-valid-time": True,
    "parameters": False,
    "weather-conditions": False,
    "value": True,
}


def place_url(place):
    """Where the forecast for `place` is, `LAT,LON` in degrees, a str; None when it is no such place."""
    latitude, _, longitude = place.partition(",")
    try:
        if abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180:
            return _PLACE_URL % (latitude.strip(), longitude.strip())
    except ValueError:
        pass
    return None


class Period:
    """One period of a forecast. What the document does not say of it is None.

    `name` is "Tonight" or the like, or `start_text`, the start as it is written; `start` is in
    seconds from 1970 UTC. `maximum`, `minimum`, `temperature` (of the hour), those that `Weather`
    has too and `precipitation_chance` are numbers in its `units`; `summary` is a few words.
    """

    maximum = minimum = precipitation_chance = summary = pressure = None
    temperature = apparent_temperature = dew_point = humidity = wind_speed = wind_gust = wind_direction = None

    def __init__(self, name, start, start_text):
        self.name = name or start_text
        self.start = start
        self.start_text = start_text


class Weather:
    """What a document says: of the current observation in its own attributes, of the forecast in
    `periods`. They fill as the document arrives; what it does not say is None.

    `place` (str), `latitude` and `longitude` (degrees) are those of the observation, or of the
    forecast where there is no observation; the forecast's own place is `forecast_place`. `time`
    is in seconds from 1970 UTC, `time_text` as written. `temperature`, `apparent_temperature`,
    `dew_point`, `humidity`, `wind_speed`, `wind_gust`, `wind_direction` and `pressure` are int or
    float as written, in `units[name]`; no unit where the document names none. `description` is
    the conditions in words. `periods` is a list of `Period` by start.
    """

    place = latitude = longitude = forecast_place = time = time_text = description = None
    temperature = apparent_temperature = dew_point = humidity = pressure = None
    wind_speed = wind_gust = wind_direction = None

    def __init__(self):
        self.units = {}  # of each attribute that is a number, here and in the periods
        self.periods = []
        self._dated = 0  # how many of them have a start; the others are behind
        self._zone = ""  # of the forecast's times, as `-07:00`
        self._has_observed = False  # whether `place` is the observation's
        self._period_name = None
        self._wrong = None
        self._scanner = Scanner(self._wanted, text_max=reading_limits.WEATHER_TOKEN_MAX)
        self._take = None  # what takes the elements of this kind of document
        self._text = ""
        self._is_nil = False
        self._begin_data("")

    @classmethod
    def read(cls, source):
        """The Weather of a whole document: bytes, a file open for reading bytes, or an iterable of
        pieces of bytes. Raises as `feed` and `close` do."""
        weather = cls()
        if isinstance(source, (bytes, bytearray, memoryview, str)):
            source = (source,)
        elif hasattr(source, "read"):
            source = _pieces(source)
        for piece in source:
            weather.feed(piece)
        weather.close()
        return weather

    def feed(self, data):
        """Take the next piece of the document, bytes. Raises NotWeather when it is another kind
        of document, ParseError where it is broken; what came before that is kept."""
        if isinstance(data, str):
            raise UsageError("a document is bytes, not str: open its file with 'rb'")
        scanner = self._usable()
        for event in scanner.feed(data):
            if event == TEXT:
                if len(self._text) < reading_limits.WEATHER_TOKEN_MAX:
                    self._text += scanner.text
                continue
            if event != END:
                self._text = scanner.text if event == ELEMENT else ""
                self._start(scanner.name, scanner.attributes)
            if event != START:
                self._end(scanner.name, self._text)
                self._text = ""

    def close(self):
        """The document has ended. Raises ParseError when it is not complete."""
        self._usable().close()

    def _usable(self):
        if self._wrong:
            raise self._wrong
        return self._scanner

    def _wanted(self, name):
        if self._take is None:  # the root
            self._take = {"dwml": self._take_dwml, "current_observation": self._take_station}.get(name, False)
            return False
        if self._take == self._take_station:
            return True if name in _STATION else None
        if name in _DWML:
            return _DWML[name]
        return False if any([name == element for element, _ in _MEASURES]) else None

    def _start(self, name, attributes):
        if not self._take:
            self._wrong = NotWeather(
                "this is no weather document: its root is <%s>, not <dwml> or <current_observation>"
                % name[: limits.QUOTE_MAX]
            )
            raise self._wrong
        self._is_nil = bool(attributes) and any([attributes.get(nil) in ("true", "1") for nil in _NIL])
        if self._take == self._take_dwml:
            self._start_dwml(name, attributes)

    def _end(self, name, text):
        self._take(name, None if self._is_nil else text)
        self._is_nil = False

    # --- current_observation

    def _take_station(self, name, text):
        attribute, unit = _STATION.get(name, (None, None))
        value = _words(text) if attribute in _TEXTS else _number(text)
        if attribute is None or value is None:
            return
        setattr(self, attribute, value)
        if unit:
            self.units[attribute] = unit
        if attribute == "time_text":
            before, on, after = value.partition(" on ")  # Last Updated on Oct 25 2017, 1:53 pm PDT
            self.time = _seconds(after if on else before)

    # --- DWML

    def _begin_data(self, kind):
        self._is_observed = kind == "current observations"
        self._layouts = {}  # by key: what the values are attributes of, in their order
        self._layout = []  # that is read
        self._location = None  # the key of the first, whose parameters alone are read
        self._is_elsewhere = False
        self._begin_location()
        self._begin_measure("", {})

    def _begin_location(self):
        self._location_key = ""
        self._place = self._city = self._state = None
        self._point = (None, None)

    def _start_dwml(self, name, attributes):
        if name == "value":
            if self._attribute == "summary":
                self._add_condition(attributes)
        elif name == "weather-conditions":
            self._summary = _words(attributes.get("weather-summary"))
        elif name == "start-valid-time":
            self._period_name = _words(attributes.get("period-name"))
        elif name == "data":
            self._begin_data(attributes.get("type"))
        elif name == "time-layout":
            self._layout = []
        elif name == "location":
            self._begin_location()
        elif name == "point":
            self._point = (_number(attributes.get("latitude")), _number(attributes.get("longitude")))
        elif name == "city":
            self._state = _words(attributes.get("state"))
        elif name == "parameters":
            location = attributes.get("applicable-location")
            self._is_elsewhere = bool(location and self._location and location != self._location)
        elif name not in _DWML:
            self._begin_measure(name, {} if self._is_elsewhere else attributes)

    def _begin_measure(self, name, attributes):
        self._attribute = _MEASURES.get((name, "")) or _MEASURES.get((name, attributes.get("type")))
        self._of = self._layouts.get(attributes.get("time-layout"), ())
        self._index = 0
        self._summary = None
        unit = _words(attributes.get("units")) or ("percent" if self._attribute in _PERCENT else None)
        if unit and self._attribute and self._of:
            self.units[self._attribute] = unit

    def _take_dwml(self, name, text):
        if name == "value":
            if self._attribute != "summary":
                self._take_value(_number(text))
        elif name == "weather-conditions":
            self._take_value(self._summary)
        elif name == "start-valid-time":
            self._take_start(_words(text) or "")
        elif name == "layout-key":
            key = _words(text)
            if len(self._layouts) < reading_limits.WEATHER_LAYOUTS_MAX and key:
                self._layouts[key] = self._layout
        elif name == "location-key":
            self._location_key = _words(text)
        elif name in ("description", "area-description"):
            self._place = self._place or _words(text)
        elif name == "city":
            self._city = ", ".join([word for word in (_words(text), self._state) if word])
        elif name == "location" and self._location is None:
            self._take_location()

    def _take_location(self):
        self._location = self._location_key or ""
        place = self._place or self._city or None
        if not self._is_observed:
            self.forecast_place = place
            if self._has_observed:
                return
        self._has_observed = self._is_observed
        self.place = place
        self.latitude, self.longitude = self._point

    def _take_start(self, text):
        if len(self._layout) == reading_limits.WEATHER_PERIODS_MAX:
            return
        time, has_zone = text[10:], text[-6:-5] in ("+", "-") and text[-3:-2] == ":"
        if self._is_observed:
            if not self._layout:
                self.time_text = text or None
                is_local = not has_zone and not time.endswith("Z")  # as MapClick's observations of 2017
                self.time = None if is_local and not self._zone else _seconds(text + self._zone if is_local else text)
            self._layout.append(None if self._layout else self)
        elif text:
            if has_zone and not self._zone:
                self._zone = text[-6:]
            self._layout.append(self._period(text, self._period_name))

    def _period(self, text, name):
        """The period that starts at `text`, an old one or a new one, or None when there are too many."""
        periods = self.periods
        start = _seconds(text)
        low, high = 0, self._dated
        if start is None:
            low = high
            while low < len(periods) and periods[low].start_text != text:
                low += 1
        else:
            while low < high:
                middle = (low + high) // 2
                if periods[middle].start < start:
                    low = middle + 1
                else:
                    high = middle
        if low < len(periods) and periods[low].start == start:
            period = periods[low]
            if name and period.name == period.start_text:
                period.name = name
            return period
        if len(periods) == reading_limits.WEATHER_PERIODS_MAX:
            return None
        period = Period(name, start, text)
        periods.insert(low, period)
        if start is not None:
            self._dated += 1
        return period

    def _take_value(self, value):
        at = self._index
        self._index = at + 1
        target = self._of[at] if at < len(self._of) else None
        if value is None or target is None or not self._attribute:
            return
        if target is self:
            self._take_observed(self._attribute, value)
        else:
            setattr(target, self._attribute, value)

    def _take_observed(self, attribute, value):
        if attribute == "summary":
            self.description = value
            return
        setattr(self, attribute, value)
        # MapClick calls the temperature of the air "apparent", and has no other
        if attribute == "apparent_temperature" and self.temperature is None:
            self.temperature = value
            if attribute in self.units:
                self.units["temperature"] = self.units[attribute]

    def _add_condition(self, attributes):
        """Digital forecasts have no summaries, but what they are made of."""
        words = [attributes.get(name, "none") for name in ("coverage", "intensity", "weather-type")]
        words = _words(" ".join([word for word in words if word != "none"]))
        if words and not self._summary:
            self._summary = words
        elif words and len(self._summary) < reading_limits.WEATHER_TEXT_MAX:
            joint = _words(attributes.get("additive")) or "and"
            self._summary = _words("%s %s %s" % (self._summary, joint, words))


def _pieces(file):
    while True:
        piece = file.read(_PIECE)
        if not piece:
            return
        yield piece


def _words(text):
    """A text in one line, or None when there is none."""
    text = " ".join((text or "").split())[: reading_limits.WEATHER_TEXT_MAX]
    return None if text in ("", "NA") else text


def _number(text):
    """An int or a float as it is written, or None when that is no number."""
    text = (text or "").strip()
    if len(text) > limits.NUMBER_MAX or text.strip("0123456789.-+") or not text.strip(".-+"):
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return None


def _seconds(text):
    from helio import dates  # when it is needed: a board has little room

    return dates.seconds(text)
