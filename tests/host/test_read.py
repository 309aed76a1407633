"""`helio read`, and the commands that read feeds and the weather from the web."""

from pathlib import Path

from helio_command import helio

from web_pages import served

EXAMPLES = Path(__file__).parent.parent / "examples"
PAGE = "<p>\tCafé</p>\r\n\x1b[31mred\n\nend".encode()


def test_a_page_line_by_line():
    with served({"/a": PAGE}) as web:
        run = helio("read", web.url + "/a")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "<p>\tCafé</p>\n\\x1b[31mred\n\nend\n"


def test_each_line_as_bytes():
    with served({"/a": PAGE}) as web:
        run = helio("read", "--bytes", web.url + "/a")
    assert run.stdout.splitlines() == [repr(line) for line in PAGE.splitlines(keepends=True)]


def test_the_encoding_is_the_one_that_the_server_names():
    for content_type in ("text/html; charset=iso-8859-1", 'text/html;x=y; Charset="ISO-8859-1"'):
        with served({"/": (200, {"Content-Type": content_type}, "Café".encode("latin-1"))}) as web:
            assert helio("read", web.url).stdout == "Café\n"
    for charset in ("utf-16", "utf-16-le", "utf-32"):
        for text in ("Čapek\n\r\nĊ\r\n\x0a0a", "\n"):
            with served({"/": (200, {"Content-Type": "text/plain; charset=" + charset}, text.encode(charset))}) as web:
                assert helio("read", web.url).stdout == "".join([line + "\n" for line in text.splitlines()])
    for charset in ("base64", "no-such", ""):
        with served({"/": (200, {"Content-Type": "text/html; charset=" + charset}, "Café".encode())}) as web:
            assert helio("read", web.url).stdout == "Café\n"


def test_an_empty_page():
    with served({"/": b""}) as web:
        run = helio("read", web.url)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_what_goes_wrong_is_one_line_and_status_1():
    with served({"/moved": (302, {"Location": "ftp://example.org/"}, b"")}) as web:
        for path, says in (("/none", "answers 404 Not Found"), ("/moved", "only http:// and https:// can be read")):
            run = helio("read", web.url + path)
            assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
            assert says in run.stderr
        url = web.url
    run = helio("read", url)
    assert run.returncode == 1
    assert "something is at 127.0.0.1, but no web server on port" in run.stderr


def test_what_is_no_url_is_status_2():
    for word in ("example.org", "file:///etc/passwd", "http://"):
        run = helio("read", word)
        assert (run.returncode, run.stderr.count("\n")) == (2, 1)
        assert "is no web address" in run.stderr


def test_a_feed_from_the_web_is_the_feed_of_the_file():
    document = (EXAMPLES / "news.xml").read_bytes()
    with served({"/moved": (301, {"Location": "news.xml"}, b""), "/news.xml": document}) as web:
        run = helio("feed", web.url + "/moved", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == helio("feed", EXAMPLES / "news.xml", "--json").stdout


def test_weather_from_the_web_is_the_weather_of_the_file():
    with served({"/w": (EXAMPLES / "forecast.xml").read_bytes()}) as web:
        run = helio("weather", web.url + "/w")
        missing = helio("weather", web.url + "/x", "--json")
    assert run.stdout == helio("weather", EXAMPLES / "forecast.xml").stdout
    assert missing.returncode == 1 and "404" in missing.stderr and missing.stderr.startswith('{"error"')
