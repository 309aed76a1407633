"""The programs that people copy, on virtual boards: with a feed and weather from `helio serve`, which they
find by themselves, and with a button that is pressed while nobody is there."""

import asyncio
from pathlib import Path

import pytest
from helio_command import TIMEOUT_S, free_port
from simulated import Simulated, shown
from web_upstream import Serving

from asynchronous import asynchronous
from helio.node import Node
from web_pages import served

PROGRAMS = Path(__file__).parent.parent.parent / "device" / "programs"
EXAMPLES = Path(__file__).parent.parent / "examples"
OPEN_METEO = b"""{"latitude": 52.5, "longitude": 13.4, "utc_offset_seconds": 0, "timezone": "GMT",
"current_units": {"time": "iso8601", "temperature_2m": "\xc2\xb0C"},
"current": {"time": "2026-11-28T08:00", "temperature_2m": %d}}"""
HEADLINES = ["The ferry is late again — fog", "Ducks & geese: a count", "A lock is closed for repairs"]


def test_each_is_short_enough_to_be_copied():
    programs = sorted(PROGRAMS.glob("*.py"))
    assert [path.name for path in programs] == ["doorbell.py", "news.py", "weather.py"]
    for path in programs:
        assert len(path.read_text().splitlines()) < 60, path


@pytest.fixture
def program(tmp_path):
    """A function that gives the path of a program of `device/programs/`, with this in place of that."""

    def changed(name, *changes):
        text = (PROGRAMS / name).read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return changed


def flashes(boards):
    return [shown(event) for event in boards.of("led")]


@asynchronous
async def test_news_says_each_headline_once(program):
    heard = asyncio.Queue()
    feed = (EXAMPLES / "news.xml").read_bytes()
    news = program("news.py", ("EVERY_S, EVERY_MAX_S = 600", "EVERY_S, EVERY_MAX_S = 0.05"))
    async with Node("desktop", address="127.0.0.1", port=0, coap_port=None) as desktop:
        desktop.on("news")(lambda message: heard.put_nowait(message.rest))
        with served({"/feed": (200, {"ETag": '"1"'}, feed)}) as web:
            settings = {"feed": web.url + "/feed", "host": "127.0.0.1:%d" % desktop.port}
            async with Simulated(app=news, settings=settings) as boards:
                await boards.until(lambda: len(boards.of("led")) == 6)
                assert flashes(boards) == ["202020", "off"] * 3
                assert [await asyncio.wait_for(heard.get(), TIMEOUT_S) for _ in HEADLINES] == HEADLINES
                new = feed.replace(b"<item>", b"<item><title>New</title><guid>new</guid></item><item>", 1)
                web.pages["/feed"] = (200, {}, new)
                assert await asyncio.wait_for(heard.get(), TIMEOUT_S) == "New"
            assert [fields.get("If-None-Match") for _, fields in web.asked[:2]] == [None, '"1"']
    assert heard.empty()


@asynchronous
async def test_news_are_shown_while_nobody_can_be_told_and_said_later(program):
    heard = asyncio.Queue()
    news = program("news.py", ("EVERY_S, EVERY_MAX_S = 600, 7200", "EVERY_S, EVERY_MAX_S = 0.05, 0.1"))
    with served({"/feed": (EXAMPLES / "news.xml").read_bytes()}) as web:
        port = free_port()
        settings = {"feed": web.url + "/feed", "host": "desktop"}
        async with Simulated(app=news, settings=settings, port=port) as boards:
            await boards.until(lambda: any("nobody called 'desktop'" in event["text"] for event in boards.of("log")))
            await boards.until(lambda: len(boards.of("led")) == 6)
            assert [event["text"] for event in boards.of("log")].count(HEADLINES[0]) == 1
            async with Node("desktop", address="127.0.20.99", port=port, coap_port=None) as desktop:
                desktop.on("news")(lambda message: heard.put_nowait(message.rest))
                assert [await asyncio.wait_for(heard.get(), TIMEOUT_S) for _ in HEADLINES] == HEADLINES
            assert len(boards.of("led")) == 6


@asynchronous
async def test_news_that_cannot_be_had_are_asked_for_again(program):
    news = program("news.py", ("EVERY_S, EVERY_MAX_S = 600, 7200", "EVERY_S, EVERY_MAX_S = 0.05, 0.1"))
    with served({"/feed": (503, {}, b"not now")}) as web:
        async with Simulated(app=news, settings={"feed": web.url + "/feed"}) as boards:
            await boards.next("log", text="news: %s/feed answers 503" % web.url)
            web.pages["/feed"] = b"<html>"
            await boards.until(lambda: [e for e in boards.of("log") if "<html>" in e["text"] or "html" in e["text"]])
            web.pages["/feed"] = (EXAMPLES / "news.xml").read_bytes()
            await boards.until(lambda: len(boards.of("led")) == 6)


@asynchronous
async def test_news_and_weather_are_found_without_an_address(program, tmp_path):
    sources = "news=%s" % (EXAMPLES / "news.xml"), "home=%s" % (EXAMPLES / "forecast.xml")
    port = free_port()
    options = {"port": port}
    async with (
        Simulated(app=program("news.py"), **options) as boards,
        Simulated(app=program("weather.py"), network="127.0.21.0", **options) as others,
    ):
        await boards.next("ready")
        await others.next("ready")
        with Serving(*sources, cache=tmp_path / "cache", port=port):  # they were there before
            await boards.until(lambda: len(boards.of("led")) == 6)
            await others.next("led")
            assert flashes(others)[0] == "003030"  # 44 degrees
        assert [event["text"] for event in boards.of("log")][-3:] == HEADLINES


@asynchronous
@pytest.mark.parametrize(
    "document, colour",
    [
        (b'<current_observation version="1.0"><temp_f>60.1</temp_f></current_observation>', "004000"),
        (OPEN_METEO % 30, "402800"),  # in degrees Celsius
        (OPEN_METEO % -5, "000040"),
    ],
)
async def test_the_colour_is_that_of_the_weather_there_is(document, colour, program, tmp_path):
    source = tmp_path / "home"
    source.write_bytes(document)
    port = free_port()
    async with Simulated(app=program("weather.py"), port=port) as boards:
        await boards.next("ready")
        with Serving("home=%s" % source, cache=tmp_path / "cache", port=port):
            await boards.next("led")
            assert flashes(boards)[0] == colour


@asynchronous
async def test_the_doorbell_rings_though_nobody_was_there(program, tmp_path):
    port = free_port()
    doorbell = program("doorbell.py", ("AGAIN_S = 5", "AGAIN_S = 0.05"))
    press = tmp_path / "press.py"
    press.write_text(PRESS)
    rung = []
    async with Simulated(app=str(press), files=[doorbell], settings={"host": "127.0.0.1:%d" % port}) as boards:
        await boards.until(lambda: [event for event in boards.of("log") if "no answer" in event["text"]])
        async with Node("desktop", address="127.0.0.1", port=None, coap_port=port) as desktop:
            desktop.on("ring")(lambda message: rung.append(message.integer(0, 0, 60)))
            await boards.until(lambda: len(boards.of("led")) == 4)
            assert flashes(boards) == ["202020", "off"] * 2
    assert len(rung) == 2


# the button of a virtual board is nobody's: here it is pressed twice, and bounces
PRESS = """
import asyncio
import machine
from helio import limits, runtime

limits.ANSWER_TIMEOUT_S = 0.5

async def press(node):
    for level in (1, 0, 1, 0, 1):
        machine._levels[0] = level
        await asyncio.sleep(0.1)

runtime.services.append(press)
import doorbell
"""
