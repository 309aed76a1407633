"""Documents of the National Weather Service: each kind, in pieces of every size, and what is none."""

import weather_documents as documents

from helio import reading_limits
from helio.errors import NotWeather, ParseError, UsageError
from helio.weather import FORECAST, OBSERVED, Weather


def all_of(weather):
    periods = [[getattr(period, name) for name in FORECAST] for period in weather.periods]
    return [getattr(weather, name) for name in OBSERVED], weather.forecast_place, weather.units, periods


def in_pieces(document, size):
    return Weather.read([document[at : at + size] for at in range(0, len(document), size)])


def test_mapclick_observation():
    weather = Weather.read(documents.MAPCLICK)
    assert (weather.temperature, weather.description) == (63, "Fair")
    assert (weather.place, weather.forecast_place) == ("Field, WA", "Town, WA")
    assert (weather.latitude, weather.longitude) == (47.5, -122.25)
    # its time has no zone; the forecast's has
    assert (weather.time, weather.time_text) == (1500390300, "2017-07-18T08:05:00")
    assert (weather.wind_speed, weather.wind_gust, weather.humidity, weather.pressure) == (3, None, None, 30.25)
    assert weather.units["temperature"] == "Fahrenheit" and weather.units["wind_speed"] == "knots"
    assert weather.dew_point is None and "dew_point" not in weather.units


def test_mapclick_forecast_is_merged_by_start():
    periods = Weather.read(documents.MAPCLICK).periods
    assert [period.name for period in periods] == ["Tonight", "Wednesday", "Wednesday Night"]
    assert [period.start for period in periods] == [1500426000, 1500469200, 1500512400]
    assert [period.maximum for period in periods] == [None, 80, None]
    assert [period.minimum for period in periods] == [56, None, -7]
    assert [period.precipitation_chance for period in periods] == [None, None, 40]
    assert [period.summary for period in periods] == ["Sunny & dry", None, None]


def test_station():
    weather = Weather.read(documents.STATION)
    assert (weather.place, weather.time) == ("Dillon, MT", 1456386780)
    assert (weather.temperature, weather.description, weather.apparent_temperature) == (32.5, "Overcast", 26)
    assert (weather.wind_speed, weather.wind_gust, weather.pressure, weather.dew_point) == (6.5, None, None, None)
    assert (weather.units["temperature"], weather.units["wind_speed"]) == ("Fahrenheit", "mph")
    assert weather.periods == []
    before, _, after = documents.STATION.partition(b"<observation_time_rfc822>")
    weather = Weather.read(before + after.partition(b"</observation_time_rfc822>")[2])
    assert weather.time == 1456386780 and weather.time_text.startswith("Last Updated on")


def test_hours():
    weather = Weather.read(documents.digital(30))
    assert len(weather.periods) == 30 and weather.temperature is None and weather.time is None
    assert weather.place == weather.forecast_place == "2 Miles N Town WA"
    period = weather.periods[29]
    assert period.name == period.start_text == "2024-01-02T05:00:00-08:00" and period.start == 1704200400
    assert (period.temperature, period.dew_point, period.humidity, period.wind_speed) == (29, 29, 29, 29)
    assert (period.wind_direction, period.precipitation_chance, period.apparent_temperature) == (29, 29, None)
    assert period.summary == "chance light rain and slight chance thunder"
    assert weather.periods[28].summary is None
    assert weather.units == {"humidity": "percent", "precipitation_chance": "percent"}  # no other is named


def test_of_many_points_the_first_is_read():
    weather = Weather.read(documents.NDFD)
    assert [period.temperature for period in weather.periods] == [0, 1]


def test_pieces_of_every_size():
    for document in (documents.MAPCLICK, documents.STATION, documents.digital(2), documents.NDFD):
        whole = all_of(Weather.read(document))
        for size in (1, 2, 3, 5, 7, 11, 64, 100, 1000):
            assert all_of(in_pieces(document, size)) == whole, size


def test_what_arrived_is_there_before_the_end():
    weather = Weather()
    weather.feed(documents.MAPCLICK[: documents.MAPCLICK.find(b"<wordedForecast")])
    assert weather.periods[1].maximum == 80 and weather.place == "Town, WA" and weather.temperature is None


def test_broken_keeps_what_came_before():
    at = documents.STATION.find(b"</temp_f>") + 9
    for end in (b"<a></b>", b""):
        weather = Weather()
        try:
            weather.feed(documents.STATION[:at] + end)
            weather.close()
            assert end
        except ParseError:
            pass
        assert weather.temperature == 32.5 and weather.place == "Dillon, MT"
    for document in (b"", b"<dwml>", b"no"):
        try:
            Weather.read(document)
            assert False
        except ParseError:
            pass


def test_another_root_is_named():
    for document in (b"<rss><channel/></rss>", b"<rss/>", b"<rss>text</rss>"):
        weather = Weather()
        for call in (lambda w: w.feed(document), lambda w: w.feed(b"<dwml/>"), lambda w: w.close()):  # noqa: B023
            try:
                call(weather)
                assert False
            except NotWeather as error:
                assert "<rss>" in str(error)


def test_text_is_the_callers_mistake():
    try:
        Weather.read("<dwml/>")
        assert False
    except UsageError:
        pass


def test_numbers_that_are_none():
    for value in (b"", b"  ", b"NA", b"nan", b"inf", b"1e5", b"1_0", b"-", b".", b"1.2.3", b"9" * 30, b"12 F"):
        document = b"<current_observation><temp_f>%s</temp_f></current_observation>" % value
        assert Weather.read(document).temperature is None, value
    assert Weather.read(b"<current_observation><temp_f>-0.5</temp_f></current_observation>").temperature == -0.5
    # nil wins over what is there
    document = documents.MAPCLICK.replace(b'<value xsi:nil="true"></value>', b'<value xsi:nil="1">7</value>')
    assert Weather.read(document).periods[0].precipitation_chance is None


def test_layouts_that_are_missing_or_not_dates():
    weather = Weather.read(documents.MAPCLICK.replace(b'time-layout="k-p24h-n1-1"', b'time-layout="other"'))
    assert [period.maximum for period in weather.periods] == [None, None, None]
    weather = Weather.read(documents.digital(2).replace(b"2024-01-01T00:00:00-08:00", b"soon"))
    assert [(period.name, period.start is None, period.temperature) for period in weather.periods] == [
        ("2024-01-01T01:00:00-08:00", False, 1),
        ("soon", True, 0),
    ]


def test_a_document_without_end_is_bounded():
    weather = Weather()
    weather.feed(b"<dwml><data><time-layout><layout-key>k</layout-key>")
    for hour in range(2000):
        time = b"2024-%02d-%02dT%02d:00:00Z" % (hour // 672 + 1, hour // 24 % 28 + 1, hour % 24)
        weather.feed(b"<start-valid-time>%s</start-valid-time>" % time)
    weather.feed(b'</time-layout><parameters><temperature type="hourly" time-layout="k">')
    for _ in range(2000):
        weather.feed(b"<value>1</value>")
    assert len(weather.periods) == reading_limits.WEATHER_PERIODS_MAX
    assert weather.periods[-1].temperature == 1
    weather.feed(b"</temperature></parameters>")
    for i in range(200):
        weather.feed(b"<time-layout><layout-key>%d</layout-key></time-layout>" % i)
    assert len(weather._layouts) == reading_limits.WEATHER_LAYOUTS_MAX
    weather.feed(b"<location><description>%s</description></location>" % (b"a" * 5000))
    assert weather.place == "a" * reading_limits.WEATHER_TEXT_MAX
