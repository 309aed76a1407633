"""`helio read`: a page of the web, line by line."""

import codecs

import click

from helio_host.cli import open_page, printable


@click.command()
@click.argument("url")
@click.option("--bytes", "as_bytes", is_flag=True, help="Each line as Python shows bytes.")
def command(url, as_bytes):
    """Print the page at URL, line by line."""
    with open_page(url) as page:
        if as_bytes:
            for line in page:
                print(line)
            return
        for line in _lines(page, _encoding(page.headers.get("content-type", ""))):
            print(_shown(line.removesuffix("\r")))


def _lines(page, encoding):
    """The lines of text, without their ends; those of the page end at bytes, which in UTF-16 are no characters."""
    parts = []
    for text in codecs.iterdecode(page, encoding, "replace"):
        part, *others = text.split("\n")
        parts.append(part)
        for other in others:
            yield "".join(parts)
            parts = [other]
    if any(parts):
        yield "".join(parts)


def _encoding(content_type):
    """What the server says that the page is written in, else UTF-8 (RFC 9110 section 8.3.1)."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            try:
                encoding = value.strip().strip("\"'")
                b"a".decode(encoding, "replace")  # refuses what is no encoding of text
                codecs.getincrementaldecoder(encoding)
                return encoding
            except (LookupError, ValueError):
                pass
    return "utf-8"


def _shown(line):
    return "\t".join([printable(part) for part in line.split("\t")])
