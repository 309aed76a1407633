"""Reads feeds on MicroPython, for `feeds.py`.

    feed_reader.py SHARED helio|find|xmltok2 [FOLDER of xmltok2.py]

For each path on stdin it prints how many items the feed has, `-` if they were not looked
for, and the ms that reading took; or `fails` and the error.
"""

import sys
import time

PIECE = 512
SAMPLE_MS = 60  # a sample repeats until it has taken so long


def helio(path):
    feed = Feed(("title", "link"))
    count = 0
    with open(path, "rb") as file:
        while True:
            piece = file.read(PIECE)
            if not piece:
                break
            for item in feed.feed(piece):
                if item.title and item.link:
                    count += 1
    feed.close()
    return count


def find(path):
    with open(path, "rb") as file:
        while True:
            piece = file.read(PIECE)
            if not piece:
                return "-"
            at = piece.find(b"<")
            while at >= 0:
                at = piece.find(b"<", at + 1)


def tokens(path):
    count = 0
    text = title = link = None
    with open(path) as file:
        try:
            for token in tokenize(file):
                kind = token[0]
                if kind == "TEXT":
                    text = token[1]
                elif kind == "START_TAG":
                    text = None
                elif kind == "END_TAG":
                    name = token[2]
                    if name == "title":
                        title = text
                    elif name == "link":
                        link = text
                    elif name == "item" and title and link:
                        count += 1
                        title = link = None
        except RuntimeError:  # how its end of file comes out of a generator of today
            pass
    return count


def sample(path):
    reads = 0
    started = time.ticks_ms()
    while reads == 0 or time.ticks_ms() - started < SAMPLE_MS:
        count = read(path)
        reads += 1
    return count, (time.ticks_ms() - started) / reads


kind = sys.argv[2]
if kind == "helio":
    sys.path.insert(0, sys.argv[1])
    from helio.feed import Feed

    read = helio
elif kind == "xmltok2":
    sys.path.insert(0, sys.argv[3])
    from xmltok2 import tokenize

    read = tokens
else:
    read = find
while True:
    path = sys.stdin.readline().strip()
    if not path:
        break
    try:
        print("%s %.3f" % sample(path))
    except Exception as error:  # the tokenizer meets what it cannot read
        print("fails: %s" % repr(error))
