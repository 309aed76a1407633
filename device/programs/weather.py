"""The LED has the colour of the temperature, and blinks if it will rain.

Settings: `place`, "LAT,LON" in the USA, whose weather comes from https://forecast.weather.gov (`helio
trust` puts its authority on the board); or null, for the first weather of `helio serve`.
"""

import asyncio
import random

from helio.errors import HelioError, Refused
from helio.http.fetch import fetch
from helio.node import Node
from helio.served import served_url
from helio.weather import Weather, place_url
from led import led
from settings import settings

EVERY_S, AGAIN_S, RAIN_PERCENT = 1800, 120, 50  # again: when it could not be had; rain: what we call likely
COLOURS = (32, (0, 0, 64)), (50, (0, 48, 48)), (68, (0, 64, 0)), (86, (64, 40, 0)), (999, (64, 0, 0))  # up to °F

node = Node(settings["name"])


async def read(url):
    async with fetch(url) as response:
        if response.status != 200:
            raise Refused("%s answers %d" % (url, response.status))
        weather = Weather()
        async for piece in response:
            weather.feed(piece)
        weather.close()
        return weather


async def show(weather):
    sources = [weather] + weather.periods[:1]  # what is now, and what will be
    names = ("temperature", "maximum", "minimum")
    found = [(getattr(source, name, None), weather.units.get(name)) for source in sources for name in names]
    found = [degrees * 1.8 + 32 if unit == "Celsius" else degrees for degrees, unit in found if degrees is not None]
    rain_percent = getattr(sources[-1], "precipitation_chance", None) or 0
    print("weather:", found, "°F, rain", rain_percent, "%")
    if found:
        led.colour(*[colour for limit, colour in COLOURS if found[0] <= limit][0])
    if rain_percent >= RAIN_PERCENT:
        await led.flash(3)


async def follow():
    while True:
        try:
            await show(await read(place_url(settings["place"] or "") or await served_url(node, "weather")))
            every_s = EVERY_S
        except HelioError as error:
            print("weather:", error)
            every_s = AGAIN_S
        await asyncio.sleep(every_s + random.getrandbits(6))  # not all boards at once


node.run(follow)
