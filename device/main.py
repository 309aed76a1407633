"""The program a new board gets: it blinks, shows colours, and says what it is told."""

from helio.errors import BadArgument
from helio.node import Node
from led import led
from settings import settings

node = Node(settings["name"])


@node.on("blink", "[COUNT [ON_MS]]: flash the LED")
async def blink(message):
    count = message.integer(0, 1, 100, 1)
    on_ms = message.integer(1, 10, 5000, 200)
    await led.flash(count, on_ms, on_ms)
    return "done" if led.kind != "none" else "done, but no LED is set up on this board"


@node.on("led", "on|off|RRGGBB: light the LED")
def light(message):
    word = message.rest.strip()
    if word == "on":
        led.on()
    elif word == "off":
        led.off()
    elif len(word) == 6 and not word.strip("0123456789abcdefABCDEF"):
        led.colour(int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16))
    else:
        raise BadArgument("led takes on, off or a colour like FF8000: got %r" % word[:40])


@node.on("say", "TEXT: show it on the console")
def say(message):
    print(message.rest)


node.run()
