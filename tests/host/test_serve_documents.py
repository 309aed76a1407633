"""The small documents of `helio serve`: what is in them, and that they stay small."""

import json
import random
from pathlib import Path

import pytest

from helio.errors import BadArgument, HelioError, NotWeather
from helio.feed import FIELDS, Feed
from helio.html import plain
from helio.weather import FORECAST, OBSERVED, Weather
from helio_host.serving.documents import Choice, digest
from helio_host.serving.limits import BYTES, BYTES_MAX, BYTES_MIN, ITEMS_MAX
from helio_host.serving.small_weather import FIELDS as WEATHER_FIELDS

EXAMPLES = Path(__file__).parents[1] / "examples"
DATA = Path(__file__).parents[3] / "shared/data"  # other people's documents, beside the checkout
URL = "http://example.org/a/feed"
BODY = "word " * 300

METEO = {
    "latitude": 52.52,
    "longitude": 13.419,
    "utc_offset_seconds": 3600,
    "current_units": {
        "temperature_2m": "°C",
        "relative_humidity_2m": "%",
        "wind_speed_10m": "km/h",
        "pressure_msl": "hPa",
    },
    "current": {
        **{"time": "2026-11-25T08:45", "interval": 900, "temperature_2m": 4.5, "relative_humidity_2m": 93},
        **{"weather_code": 45, "wind_speed_10m": 7.25, "wind_direction_10m": 130, "pressure_msl": 1013.2},
    },
    "daily_units": {"temperature_2m_max": "°C", "precipitation_probability_max": "%"},
    "daily": {
        "time": ["2026-11-25", "2026-11-26", "2026-11-27"],
        "weather_code": [3, 61, None],
        "temperature_2m_max": [7.1, -0.5, None],
        "temperature_2m_min": [1, None, -3],
        "precipitation_probability_max": [0, 80, 5],
    },
}


def rss(*items):
    return ("<rss version='2.0'><channel><title>T</title>%s</channel></rss>" % "".join(items)).encode()


def item(title, text="", date="", more=""):
    date = date and "<pubDate>%s</pubDate>" % date
    return "<item><title>%s</title><description>%s</description>%s%s</item>" % (title, text, date, more)


def small(data, **choice):
    return digest(data, URL, 0).small(Choice(**choice))


def read(document, fields=None):
    return list(Feed(fields).feed(document))


def titles(document):
    return [one.title for one in read(document)]


def test_the_newest_come_first_where_all_have_a_date():
    items = [item("old", date="1 Nov 2026"), item("new", date="3 Nov 2026"), item("mid", date="2 Nov 2026")]
    assert titles(small(rss(*items))) == ["new", "mid", "old"]
    assert titles(small(rss(*items, item("none")))) == ["old", "new", "mid", "none"]
    many = rss(*[item(str(i), date="%d Nov 2026" % (i % 28 + 1)) for i in range(300)])
    assert len(titles(small(many))) == 5
    assert len(titles(small(many, items=ITEMS_MAX, bytes=BYTES_MAX, fields=("title",)))) == ITEMS_MAX


def test_summaries_share_the_room_and_are_cut_at_a_word():
    document = small(rss(item("one", BODY), item("two", BODY), item("three", "short")))
    assert BYTES - 60 < len(document) <= BYTES
    one, two, three = [one.summary for one in read(document)]
    assert one == two and one.endswith("word…") and three == "short"
    assert BODY.startswith(one[:-1])


def test_markup_is_gone_and_text_is_what_it_was():
    for html, text in (
        ("&lt;p&gt;Some &lt;b&gt;bold&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;&lt;/p&gt;", "Some bold"),
        ("AT&amp;amp;T &amp;lt;3", "AT&T <3"),
        ("&amp;lt;b&amp;gt; is a tag, &amp;amp;lt; is not", "<b> is a tag, &lt; is not"),
        ("]]&gt;", "]]>"),
        ("a&#x9b;b c 🐝", "ab c 🐝"),
    ):
        (found,) = read(small(rss(item(html, html))))
        assert (plain(found.title), plain(found.summary)) == (text, text), html


def test_every_field_is_read_again():
    more = "<link>../b?c=d&amp;e=f</link><guid>urn:1</guid><category>x &amp;amp; y</category><category>z</category>"
    more += "<author>me@example.org (Me)</author><enclosure url='http://example.org/1.mp3' type='a/b' length='5'/>"
    more += "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>&lt;p&gt;All</content:encoded>"
    more += "<dcterms:modified xmlns:dcterms='http://purl.org/dc/terms/'>2026-11-26T10:00:00Z</dcterms:modified>"
    (found,) = read(small(rss(item("t", "s", "Wed, 25 Nov 2026 10:00:00 GMT", more)), fields=FIELDS))
    assert vars(found) == {
        **{"title": "t", "summary": "s", "content": "All", "link": "http://example.org/b?c=d&e=f", "id": "urn:1"},
        **{"author": "me@example.org (Me)", "categories": ["x & y", "z"]},
        **{"published": 1795600800, "published_text": "Wed, 25 Nov 2026 10:00:00 GMT"},
        **{"updated": 1795687200, "updated_text": "2026-11-26T10:00:00Z"},
        "enclosures": [{"url": "http://example.org/1.mp3", "type": "a/b", "length": "5"}],
    }


def test_a_date_of_change_is_one_to_show():
    atom = b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><updated>2026-11-25T10:00:00Z</updated></entry></feed>"
    assert read(small(atom))[0].published == 1795600800


def test_what_does_not_fit_is_left_out():
    wide = [item("é" * 150, BODY, more="<link>http://example.org/%s</link>" % ("x" * 300)) for _ in range(5)]
    document = small(rss(*wide))
    assert len(document) <= BYTES and 0 < len(read(document)) < 5
    assert len(small(rss(*wide), bytes=BYTES_MIN)) <= BYTES_MIN
    assert len(read(small(rss(item("雨" * 400)), bytes=BYTES_MIN))) == 1
    long = "<rss version='2.0'><channel><title>%s</title><description>%s</description></channel></rss>" % (BODY, BODY)
    assert len(small(long.encode(), bytes=BYTES_MIN)) <= BYTES_MIN
    huge = item("t", more="<link>http://example.org/%s</link>" % ("x" * 5000))
    assert read(small(rss(huge)))[0].link is None


def test_any_choice_is_within_its_bytes():
    random.seed(1)
    alphabet = ["a", " ", "é", "&amp;amp;", "&amp;lt;", "𝄞", "'", '"', "word "]
    for _ in range(60):
        items = [item(*["".join(random.choices(alphabet, k=random.randrange(400))) for _ in "ab"]) for _ in range(9)]
        size = random.randrange(BYTES_MIN, 4000)
        fields = random.sample(FIELDS, random.randrange(1, len(FIELDS)))
        document = small(rss(*items), items=random.randrange(1, 12), fields=fields, bytes=size)
        assert len(document) <= size
        read(document)


def test_a_broken_feed_is_served_up_to_there():
    broken = rss(item("one"), item("two"))[:-40] + b"<"
    found = digest(broken)
    assert titles(found.small(Choice()))[0] == "one" and found.trouble.startswith("it is broken")


def test_what_is_neither_says_so():
    for data in (
        b"",
        b"text",
        b"<html/>",
        b"<html><p></html>",
        b"\x00",
        b"[]",
        b"{}",
        b"{",
        b"{" * 10**5,
        b"[1",
        b"<dwml>",
    ):
        with pytest.raises(HelioError) as error:
            digest(data)
        assert len(str(error.value)) > 10, data
    with pytest.raises(NotWeather) as error:
        digest(b'{"error":true,"reason":"Latitude must be in range"}')
    assert "Latitude must be in range" in str(error.value)


def test_the_choice_is_checked():
    for words in ({"fields": ("x",)}, {"fields": ("title", "wind_speed")}):
        with pytest.raises(BadArgument):
            small(rss(item("t")), **words)
    with pytest.raises(BadArgument):
        small((EXAMPLES / "forecast.xml").read_bytes(), fields=("link",))


def weather_of(data, **choice):
    document = small(data, **choice)
    assert len(document) <= choice.get("bytes", BYTES)
    return Weather.read(document)


def same_weather(one, other, periods):
    for name in OBSERVED:
        if name not in ("time_text", "latitude", "longitude"):
            assert getattr(one, name) == getattr(other, name), name
    for mine, theirs in zip(one.periods, other.periods[:periods], strict=True):
        for name in FORECAST:
            if name not in ("start_text", "name"):
                assert getattr(mine, name) == getattr(theirs, name), name


def test_small_weather_says_the_same():
    data = (EXAMPLES / "forecast.xml").read_bytes()
    one, other = weather_of(data, fields=WEATHER_FIELDS, bytes=BYTES_MAX), Weather.read(data)
    same_weather(one, other, 5)
    assert one.units == {name: unit for name, unit in other.units.items() if name in one.units}
    assert [period.name for period in one.periods] == ["Today", "Tonight", "Thursday"]
    assert one.forecast_place == "Rivertown, WA" and one.time_text == other.time_text


@pytest.mark.parametrize("path", sorted(DATA.glob("weather/*.xml")), ids=lambda path: path.name)
def test_real_weather_says_the_same(path):
    data = path.read_bytes()
    same_weather(weather_of(data, fields=WEATHER_FIELDS, bytes=BYTES_MAX, items=50), Weather.read(data), 50)
    one = weather_of(data)
    assert one.temperature == Weather.read(data).temperature


def test_weather_of_fewer_periods_and_fields():
    data = (EXAMPLES / "forecast.xml").read_bytes()
    one = weather_of(data, items=1, fields=("maximum", "temperature"))
    assert (one.temperature, one.humidity, one.place, one.description) == (44, None, None, None)
    assert [(period.maximum, period.summary) for period in one.periods] == [(51, None)]
    assert len(weather_of(data, bytes=1400).periods) < 3


def test_open_meteo():
    data = json.dumps(METEO).encode()
    one = weather_of(data)
    assert (one.temperature, one.humidity, one.description, one.pressure) == (4.5, 93, "Fog", 1013.2)
    assert (one.time, one.time_text) == (1795592700, "2026-11-25T08:45:00+01:00")
    assert (one.latitude, one.longitude, one.wind_speed, one.wind_direction) == (52.52, 13.419, 7.25, 130)
    assert one.units["temperature"] == "Celsius" and one.units["humidity"] == "percent"
    assert one.units["precipitation_chance"] == "percent" and one.units["wind_speed"] == "km/h"
    rows = [(day.name, day.summary, day.maximum, day.minimum, day.precipitation_chance) for day in one.periods]
    assert rows == [
        ("Wednesday", "Cloudy", 7.1, 1, 0),
        ("Thursday", "Light Rain", -0.5, None, 80),
        ("Friday", None, None, -3, 5),
    ]
    assert one.periods[0].start == 1795561200


def test_open_meteo_by_the_hour_begins_with_this_hour():
    hours = ["2026-11-25T%02d:00" % hour for hour in range(24)]
    hourly = {"time": hours, "temperature_2m": list(range(24)), "precipitation_probability": 24 * [10]}
    document = {"utc_offset_seconds": 3600, "hourly": hourly, "current": METEO["current"]}
    one = weather_of(json.dumps(document).encode())
    assert [period.temperature for period in one.periods] == [8, 9, 10, 11, 12]
    del document["current"]
    late = digest(json.dumps(document).encode(), "", 1795592700 + 7200).small(Choice())
    assert [period.temperature for period in Weather.read(late).periods] == [10, 11, 12, 13, 14]
    hourly["time"] = [1795561200 + 3600 * hour for hour in range(24)]  # timeformat=unixtime
    late = digest(json.dumps(document).encode(), "", 1795592700 + 7200).small(Choice())
    assert [period.temperature for period in Weather.read(late).periods] == [10, 11, 12, 13, 14]


def test_open_meteo_of_before_2023():
    current = {"time": "2026-11-25T08:00", "temperature": 4.5, "windspeed": 7, "winddirection": 10, "weathercode": 0}
    one = weather_of(json.dumps({"current_weather": current}).encode())
    assert (one.temperature, one.wind_speed, one.wind_direction, one.description) == (4.5, 7, 10, "Clear")


def test_open_meteo_with_anything_in_it():
    random.seed(2)
    odd = [
        None,
        True,
        "x",
        -1,
        10**30,
        1e308,
        "2026-13-99",
        [],
        {},
        [1],
        {"time": 1},
        "NaN",
        5,
        ["2026-11-25"],
        [None, 3],
    ]
    for _ in range(300):
        document = json.loads(json.dumps(METEO))
        for _ in range(random.randrange(1, 4)):
            part = random.choice([document, document["current"], document["daily"], document["daily_units"]])
            if isinstance(part, dict) and part:
                part[random.choice(list(part))] = random.choice(odd)
                if not all(isinstance(document.get(name), dict) for name in ("current", "daily", "daily_units")):
                    break
        written = json.dumps(document).encode()
        for data in (written, written.replace(b"4.5", b"NaN"), written.replace(b"4.5", b"-Infinity")):
            Weather.read(small(data))
            digest(data).lines(Choice())
