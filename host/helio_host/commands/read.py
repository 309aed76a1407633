"""`helio read`: a page of the web, line by line."""

import click

from helio_host.cli import open_page, printable


@click.command()
@click.argument("url")
@click.option("--bytes", "as_bytes", is_flag=True, help="Each line as Python shows bytes.")
def command(url, as_bytes):
    """Print the page at URL, line by line."""
    with open_page(url) as page:
        encoding = _encoding(page.headers.get("content-type", ""))
        for line in page:
            if as_bytes:
                print(line)
            else:
                print(_shown(line.rstrip(b"\r\n").decode(encoding, "replace")))


def _encoding(content_type):
    """What the server says that the page is written in, else UTF-8 (RFC 9110 section 8.3.1)."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            try:
                encoding = value.strip().strip("\"'")
                b"a".decode(encoding, "replace")
                return encoding
            except (LookupError, ValueError):
                pass
    return "utf-8"


def _shown(line):
    return "\t".join([printable(part) for part in line.split("\t")])
