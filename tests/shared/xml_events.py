"""The events of a document as a list, for the tests of the scanner on both interpreters."""

from helio.errors import ParseError
from helio.xml.scanner import ELEMENT, END, START, Scanner


def pieces_of(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)] if size else [data]


def events(data, size=0, scanner=None, **options):
    """`(start, name, attributes)`, `(end, name)` and `(text, …)` of a document fed by pieces of
    `size`, and at the end the error as a str, if there was one. Text that came in parts is one."""
    scanner = scanner or Scanner(**options)
    found = []
    try:
        for piece in pieces_of(data, size):
            for event in scanner.feed(piece):
                if event == START or event == ELEMENT:
                    found.append(("start", scanner.name, list(scanner.attributes.items())))
                if event not in (START, END) and scanner.text:
                    if found[-1][0] == "text":
                        found[-1] = ("text", found[-1][1] + scanner.text)
                    else:
                        found.append(("text", scanner.text))
                if event == END or event == ELEMENT:
                    found.append(("end", scanner.name))
        scanner.close()
    except ParseError as error:
        found.append(str(error))
    return found
