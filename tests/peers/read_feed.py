"""Reads feeds in pieces, as a board does: PATH (of the core) FILE…. Prints each as JSON on a line:
what it has of itself, its items, and the error at its end if there was one."""

import json
import sys

OF_FEED = ("version", "title", "link", "description", "language", "updated", "updated_text")


def read(pieces):
    from helio.errors import HelioError
    from helio.feed import FIELDS, Feed

    feed = Feed()
    items = []
    error = None
    try:
        for piece in pieces:
            for item in feed.feed(piece):
                found = {name: getattr(item, name) for name in FIELDS}
                found["published_text"] = item.published_text
                found["updated_text"] = item.updated_text
                items.append(found)
        feed.close()
    except HelioError as raised:
        error = str(raised)
    return {"feed": {name: getattr(feed, name) for name in OF_FEED}, "items": items, "error": error}


def main():
    sys.path.insert(0, sys.argv[1])
    for name in sys.argv[2:]:
        with open(name, "rb") as file:
            data = file.read()
        size = 1 + len(data) % 700
        print(json.dumps(read([data[i : i + size] for i in range(0, len(data), size)])))


if __name__ == "__main__":
    main()
