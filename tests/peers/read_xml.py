"""Reads documents as trees, as a board does: PATH (of the core) FILE…. Prints each as JSON on a line,
null for one that is refused; the file in pieces, as `parse` reads it, and whole."""

import json
import sys

sys.path.insert(0, sys.argv[1])
from helio.errors import HelioError  # noqa: E402
from helio.xml import tree  # noqa: E402


def dump(element):
    attributes = [[key, value] for key, value in element.items()]
    return [element.tag, attributes, element.text, element.tail, [dump(child) for child in element]]


def read(path):
    try:
        with open(path, "rb") as file:
            whole = dump(tree.fromstring(file.read()))
        assert dump(tree.parse(path).getroot()) == whole, path
        return whole
    except HelioError:
        return None


for name in sys.argv[2:]:
    print(json.dumps(read(name)))
