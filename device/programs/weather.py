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

EVERY_S, AGAIN_S = 1800, 120  # the latter when it could not be had
RAIN_PERCENT = 50  # from here on we say that it will rain
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
    for period in weather.periods[:1]:
        temperatures = [weather.temperature, period.temperature, period.maximum, period.minimum]
        temperatures = [fahrenheit for fahrenheit in temperatures if fahrenheit is not None]
        print(period.name, temperatures, "°F, rain", period.precipitation_chance, "%")
        if temperatures:
            led.colour(*[colour for limit, colour in COLOURS if temperatures[0] <= limit][0])
        if (period.precipitation_chance or 0) >= RAIN_PERCENT:
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
