"""Small documents of each kind, for the tests of `helio.weather`."""

XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

MAPCLICK = (
    b"<?xml version='1.0' encoding='ISO-8859-1'?><dwml%s><head><title>x</title></head>" % XSI.encode()
    + b"""<data type="forecast">
<location><location-key>point1</location-key><description>Town, WA</description><point latitude="47.6"
 longitude="-122"/><city state="WA">Town</city></location>
<time-layout><layout-key>k-p12h-n3-1</layout-key>
<start-valid-time period-name="Tonight">2017-07-18T18:00:00-07:00</start-valid-time>
<start-valid-time period-name="Wednesday">2017-07-19T06:00:00-07:00</start-valid-time>
<start-valid-time period-name="Wednesday Night">2017-07-19T18:00:00-07:00</start-valid-time></time-layout>
<time-layout><layout-key>k-p24h-n1-1</layout-key>
<start-valid-time period-name="Wednesday">2017-07-19T06:00:00-07:00</start-valid-time></time-layout>
<time-layout><layout-key>k-p24h-n2-2</layout-key>
<start-valid-time>2017-07-18T18:00:00-07:00</start-valid-time>
<start-valid-time>2017-07-19T18:00:00-07:00</start-valid-time></time-layout>
<parameters applicable-location="point1">
<temperature type="maximum" units="Fahrenheit" time-layout="k-p24h-n1-1"><name>High</name><value>80</value>
<value>99</value></temperature>
<temperature type="minimum" units="Fahrenheit" time-layout="k-p24h-n2-2">
<value> 56 </value><value>-7</value></temperature>
<probability-of-precipitation type="12 hour" units="percent" time-layout="k-p12h-n3-1"><value xsi:nil="true"></value>
<value xsi:nil="true"/><value>40</value></probability-of-precipitation>
<weather time-layout="k-p12h-n3-1"><weather-conditions weather-summary="Sunny &amp; dry"/><weather-conditions/>
<weather-conditions weather-summary=""/></weather>
<wordedForecast time-layout="k-p12h-n3-1"><text>Not read.</text></wordedForecast>
</parameters></data>
<data type="current observations">
<location><location-key>point1</location-key><point latitude="47.5" longitude="-122.25"/>
<area-description>Field, WA</area-description></location>
<time-layout><layout-key>k-p1h-n1-1</layout-key><start-valid-time period-name="current">2017-07-18T08:05:00
</start-valid-time></time-layout><parameters applicable-location="point1">
<temperature type="apparent" units="Fahrenheit" time-layout="k-p1h-n1-1"><value>
 63
</value></temperature><humidity type="relative" time-layout="k-p1h-n1-1"><value/></humidity>
<weather time-layout="k-p1h-n1-1"><weather-conditions weather-summary="Fair"/><weather-conditions><value>
<visibility units="statute miles">10.00</visibility></value></weather-conditions></weather>
<wind-speed type="gust" units="knots" time-layout="k-p1h-n1-1"><value>NA</value></wind-speed>
<wind-speed type="sustained" units="knots" time-layout="k-p1h-n1-1"><value>3</value></wind-speed>
<pressure type="barometer" units="inches of mercury" time-layout="k-p1h-n1-1"><value>30.25</value></pressure>
</parameters></data></dwml>"""
)

STATION = b"""<?xml version="1.0"?><current_observation><image><title>N</title></image><location>Dillon, MT</location>
<latitude>45.25</latitude><longitude>-112.5</longitude><observation_time>Last Updated on Feb 25 2016, 12:53 am MST
</observation_time><observation_time_rfc822>Thu, 25 Feb 2016 00:53:00 -0700</observation_time_rfc822>
<weather>Overcast</weather><temp_f>32.5</temp_f><temp_c>0.3</temp_c><relative_humidity>52</relative_humidity>
<wind_degrees>180</wind_degrees><wind_mph>6.5</wind_mph><wind_gust_mph>NA</wind_gust_mph><wind_kt>6</wind_kt>
<pressure_in> </pressure_in><dewpoint_f></dewpoint_f><windchill_f>26</windchill_f></current_observation>"""


def digital(hours, starts=True):
    """A `digitalDWML` document of so many hours."""
    times = ["2024-01-%02dT%02d:00:00-08:00" % (1 + hour // 24, hour % 24) for hour in range(hours)]
    parts = ["<dwml%s><data><location><location-key>point1</location-key>" % XSI]
    parts.append('<area-description>2 Miles N Town WA</area-description><point latitude="47.5" longitude="-122"/>')
    parts.append("</location><time-layout><layout-key>k-p1h-n1-0</layout-key>")
    for time in times:
        parts.append("<start-valid-time>%s</start-valid-time><end-valid-time>%s</end-valid-time>" % (time, time))
    parts.append('</time-layout><parameters applicable-location="point1">')
    for name, kind in (
        ("temperature", "hourly"),
        ("temperature", "dew point"),
        ("wind-speed", "sustained"),
        ("direction", "wind"),
        ("humidity", "relative"),
        ("probability-of-precipitation", "floating"),
    ):
        values = "".join(["<value>%d</value>" % (hour % 50) for hour in range(hours)])
        parts.append('<%s type="%s" time-layout="k-p1h-n1-0">%s</%s>' % (name, kind, values, name))
    nil = '<value xsi:nil="true"/>' * hours
    parts.append('<temperature type="heat index" time-layout="k-p1h-n1-0">%s</temperature>' % nil)
    parts.append('<cloud-amount type="total" time-layout="k-p1h-n1-0">%s</cloud-amount>' % nil)
    rain = (
        '<weather-conditions><value coverage="chance" intensity="light" weather-type="rain" qualifier="none"/>'
        '<value coverage="slight chance" intensity="none" weather-type="thunder" additive="and"/></weather-conditions>'
    )
    parts.append('<weather time-layout="k-p1h-n1-0">')
    parts.append("".join([rain if hour % 2 else '<weather-conditions xsi:nil="true"/>' for hour in range(hours)]))
    parts.append("</weather></parameters></data></dwml>")
    return "".join(parts).encode()


def _ndfd():
    first = digital(2).replace(b"</dwml>", b"").replace(b"</data>", b"")
    other = b'<parameters applicable-location="point2"><temperature type="hourly" units="x" time-layout="k-p1h-n1-0">'
    return first + other + b"<value>99</value><value>99</value></temperature></parameters></data></dwml>"


NDFD = _ndfd()  # of two points
