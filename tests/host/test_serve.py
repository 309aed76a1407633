"""`helio serve` as its users have it: the command, a browser, and whoever asks for strange things."""

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from helio_command import TIMEOUT_S, Lines, Running, eventually, free_port, helio, udp
from web_upstream import FEED, Serving, Upstream

from helio.feed import Feed

EXAMPLES = Path(__file__).parents[1] / "examples"
NEWS = "news=%s" % (EXAMPLES / "news.xml")
AT = "127.51.2.1"


@pytest.fixture
def serving(tmp_path):
    """A function that starts a `helio serve`, to be ended with the test."""
    started = []

    def start(*words, **options):
        started.append(Serving(*words, cache=tmp_path / "cache", **options))
        return started[-1]

    yield start
    for one in started:
        one.__exit__()


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


def titles(response):
    return [item.title for item in Feed(("title",)).feed(response.body)]


def is_one_line(response):
    return response.headers["Content-Type"] == "text/plain; charset=utf-8" and response.text.count("\n") == 1


def test_a_small_feed(serving):
    response = serving(NEWS).get("/feeds/news")
    assert response.status == 200 and len(response.body) < 2048
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert titles(response) == [
        "The ferry is late again — fog",
        "Ducks & geese: a count",
        "A lock is closed for repairs",
    ]


def test_small_weather(serving):
    response = serving("home=%s" % (EXAMPLES / "forecast.xml")).get("/weather/home")
    assert response.status == 200 and len(response.body) < 2048
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert b"<dwml" in response.body


def test_the_choice_of_a_board(serving):
    serve = serving(NEWS)
    response = serve.get("/feeds/news?items=2&fields=title,published&bytes=600")
    assert response.status == 200 and len(response.body) <= 600
    assert len(titles(response)) == 2 and b"<pubDate>" in response.body and b"<item><link>" not in response.body
    assert b"</title><link>" not in response.body.partition(b"<item>")[2]
    for query in (
        *("items=0", "items=51", "items=x", "items=-1", "items=1.5", "items=", "items=%D9%A3", "items=" + 999 * "9"),
        *("bytes=100", "bytes=99999999", "fields=", "fields=headline", "fields=title,,link", "items=1&items=2"),
        *("item=1", "x", "%ff=%00", "%", "=", "items=1;fields=title"),
    ):
        response = serve.get("/feeds/news?" + query)
        assert response.status == 400 and is_one_line(response), query
    assert serve.get("/feeds/news?").status == serve.get("/feeds/news?&").status == 200


def test_an_etag_saves_the_document(serving):
    serve = serving(NEWS)
    first = serve.get("/feeds/news")
    etag = first.headers["ETag"]
    for asked in (etag, "W/" + etag, '"x", %s' % etag, "*"):
        response = serve.get("/feeds/news", If_None_Match=asked)
        assert (response.status, response.body, response.headers["ETag"]) == (304, b"", etag), asked
    for asked in ('"x"', "", etag.strip('"'), "W/"):
        assert serve.get("/feeds/news", If_None_Match=asked).status == 200, asked
    assert serve.get("/feeds/news?items=1").headers["ETag"] != etag
    assert serve.get("/feeds/news").headers["ETag"] == etag


def test_head_is_get_without_the_document(serving):
    serve = serving(NEWS)
    head, get = serve.get("/feeds/news", method="HEAD"), serve.get("/feeds/news")
    assert head.status == 200 and head.body == b""
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]


def test_other_methods_are_refused(serving):
    serve = serving(NEWS)
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
        response = serve.get("/feeds/news", method=method)
        assert response.status in (400, 405), method
    assert serve.get("/feeds/news").status == 200


def test_the_page_says_what_is_served_and_what_is_wrong(serving, upstream, tmp_path):
    words = [
        NEWS,
        "away=%s" % upstream.url("/none"),
        "none=nowhere.xml",
        "strange=ftp://x/y",
        "net=%s" % upstream.url(),
    ]
    serve = serving(*words, "html=%s" % Path(__file__))
    said = [serve.err.next() for _ in range(4)]
    assert sorted([line.split(": ")[1] for line in said]) == ["away", "html", "none", "strange"]
    assert serve.get("/feeds/net").status == 200  # the others go on
    page = serve.get("/")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for text in (
        *('href="/feeds/news"', "The ferry is late again — fog", "Ducks &amp; geese: a count", "fetched "),
        *("answers 404", "there is no file or folder nowhere.xml", "is no URL", "cannot be read as a feed or weather"),
    ):
        assert text in page.text, text
    assert "What a board sees, in %d bytes" % len(serve.get("/feeds/news").body) in page.text
    for path in ("/feeds/away", "/feeds/none", "/feeds/strange", "/feeds/html", "/weather/away"):
        response = serve.get(path)
        assert response.status == 503 and is_one_line(response)
    assert 0 < int(serve.get("/feeds/away").headers["Retry-After"]) <= 30
    assert len(upstream.asked) == 2


def test_nothing_from_a_feed_is_markup_on_the_page(serving, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(FEED.replace(b"Fog", b"&amp;lt;script>alert(1)&amp;lt;/script>\xc2\x9b"))
    serve = serving("news=%s" % path)
    serve.get("/feeds/news")
    page = serve.get("/").text
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page


def test_secrets_in_a_url_are_not_shown(serving, upstream):
    url = upstream.url("/feed?key=hunter2").replace("http://", "http://me:hunter3@")
    upstream.pages["/feed?key=hunter2"] = 500, {}, b""
    upstream.pages["/long?key=hunter2"] = 200, {"X": 20000 * "a"}, b""
    upstream.pages["/lost?key=hunter2"] = 302, {"Location": "http://[::1?key=hunter2"}, b""
    others = ["long=%s" % upstream.url("/long?key=hunter2"), "lost=%s" % upstream.url("/lost?key=hunter2")]
    serve = serving("news=%s" % url, *others)
    said = "".join([serve.err.next() for _ in range(3)])
    everything = said + "".join([serve.get(path).text for path in ("/", "/feeds/news", "/feeds/long", "/feeds/lost")])
    assert "hunter" not in everything and "127.51.1.1" in everything
    assert serve.end() == 0


def test_the_lists_for_boards(serving, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a b.xml").write_bytes(FEED)
    serve = serving(NEWS, "home=%s" % (EXAMPLES / "forecast.xml"), "all=%s" % (tmp_path / "folder"))
    serve.get("/feeds/news")
    assert eventually(lambda: serve.get("/weather/").text.startswith("home\n"))
    assert serve.get("/feeds/").text == "news\nall/a%20b.xml\n"
    assert serve.get("/feeds/all/a%20b.xml").status == 200


def test_the_lists_have_of_a_folder_what_is_of_their_kind(serving, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a-weather.xml").write_bytes((EXAMPLES / "forecast.xml").read_bytes())
    (folder / "b-news.xml").write_bytes(FEED)
    (folder / "c-neither.txt").write_text("neither")
    serve = serving("all=%s" % folder)
    assert "all/c-neither.txt: this cannot be read" in serve.err.next()
    assert serve.get("/feeds/").text == "all/b-news.xml\n"
    assert serve.get("/weather/").text == "all/a-weather.xml\n"
    page = serve.get("/").text
    assert "/weather/all/a-weather.xml" in page and "/feeds/all/b-news.xml" in page
    assert "c-neither.txt" in page and "cannot be read" in page


def test_a_name_that_is_no_text_keeps_nobody_from_the_others(serving, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in (b"a\xe9.xml", b"news.xml"):
        (folder / os.fsdecode(name)).write_bytes(FEED)
    serve = serving("all=%s" % folder)
    assert "its name is not UTF-8" in serve.err.next()
    assert serve.get("/feeds/").text == "all/news.xml\n"
    assert "/feeds/all/news.xml" in serve.get("/").text
    assert serve.get("/feeds/all/a%E9.xml").status == 404


def test_a_file_that_is_not_there_yet_is_served_once_it_is(serving, tmp_path):
    path = tmp_path / "later.xml"
    serve = serving("later=%s" % path)
    assert "later: there is no file or folder later.xml" in serve.err.next()
    assert serve.get("/feeds/later").status == 503
    path.write_bytes(FEED)
    assert titles(serve.get("/feeds/later"))[0] == "Fog"


def test_no_descriptor_left_is_a_line_and_not_a_hundred(serving):
    serve = serving(NEWS)
    assert serve.get("/feeds/news").status == 200
    resource.prlimit(serve.process.pid, resource.RLIMIT_NOFILE, (40, 40))
    socks = [socket.create_connection(serve.endpoint) for _ in range(60)]
    assert serve.err.until(lambda line: "Too many open files" in line)
    for sock in socks:
        sock.close()
    assert eventually(lambda: serve.get("/feeds/news").status == 200)
    assert serve.end() == 0
    assert serve.err.rest().count("Too many open files") == 0


def test_what_is_not_there(serving):
    serve = serving(NEWS, "home=%s" % (EXAMPLES / "forecast.xml"))
    assert "/weather/home" not in serve.get("/feeds/news").text
    assert "under /weather/" in serve.get("/feeds/home").text
    for path in (
        *("/feeds", "/weather", "/x", "/feeds/x", "/feeds/home", "/weather/news", "/feeds/news/", "/feeds/news/x"),
        *("/feeds/../x", "/feeds/../../etc/passwd", "/feeds/..%2f..%2fetc%2fpasswd", "/feeds/%2e%2e", "//feeds/news"),
        *("/feeds/news%00", "/feeds/%ff", "/feeds//news", "/feeds/" + 5000 * "a", "/feeds/http://127.0.0.1/"),
    ):
        response = serve.get(path)
        assert response.status == 404 and is_one_line(response), path


def test_a_folder_keeps_what_is_not_in_it(serving, tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "secret.xml"
    folder.mkdir()
    (folder / "deeper").mkdir()
    for path in (folder / "news.xml", folder / ".hidden", folder / "deeper/news.xml", outside):
        path.write_bytes(FEED)
    (folder / "out.xml").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.xml").symlink_to("loop.xml")
    (folder / "in.xml").symlink_to("news.xml")
    (folder / "null.xml").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.xml")
    serve = serving("all=%s" % folder)
    assert serve.get("/feeds/all/news.xml").status == serve.get("/feeds/all/in.xml").status == 200
    for name in (
        *("out.xml", "up", "up/secret.xml", "loop.xml", "null.xml", "pipe.xml", ".hidden", "deeper", "deeper/news.xml"),
        *("../secret.xml", "..%2fsecret.xml", "up%2fsecret.xml", "%2e%2e/secret.xml", "..", ".", "", "none.xml"),
        *(
            "..%5csecret.xml",
            "news.xml%00",
            "%2fetc%2fpasswd",
            str(outside).replace("/", "%2f"),
            "news.xml/",
            "x" * 999,
        ),
    ):
        response = serve.get("/feeds/all/" + name)
        assert response.status == 404 and is_one_line(response), name
    assert serve.get("/feeds/").text == "all/in.xml\nall/news.xml\n"
    assert "secret" not in serve.get("/").text
    assert serve.get("/feeds/all").status == 404
    # as the folder is now, not as it was
    (folder / "new.xml").write_bytes(FEED)
    assert serve.get("/feeds/all/new.xml").status == 200
    (folder / "news.xml").unlink()
    (folder / "news.xml").symlink_to(outside)
    assert serve.get("/feeds/all/news.xml").status == 404


def test_a_file_that_changes_is_read_anew_and_one_that_breaks_is_not_lost(serving, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(FEED)
    serve = serving("news=%s" % path)
    first = serve.get("/feeds/news")
    assert "Warning" not in first.headers
    path.write_bytes(FEED.replace(b"Fog", b"Snowfall"))
    second = serve.get("/feeds/news")
    assert titles(second)[0] == "Snowfall" and second.headers["ETag"] != first.headers["ETag"]
    path.unlink()
    third = serve.get("/feeds/news")
    assert third.body == second.body and third.headers["Warning"].startswith("111 ")
    assert "stale" in serve.get("/").text
    path.write_bytes(FEED)
    assert "Warning" not in serve.get("/feeds/news").headers


def test_the_log_is_one_line_a_request(serving):
    serve = serving(NEWS)
    serve.get("/feeds/news?items=1")
    serve.get("/x%1b[2J\x9b".encode("latin-1").decode("latin-1").replace("\x9b", "%9b"))
    line = serve.err.next()
    assert line.partition("  ")[2].startswith("127.0.0.1  GET /feeds/news?items=1  200  ")
    assert serve.err.next().isprintable()
    assert serve.end() == 0
    with Serving(NEWS, "--quiet", cache="/nonexistent") as quiet:
        quiet.get("/feeds/news")
        assert quiet.end() == 0 and quiet.err.rest() == ""


HANGING = """
import socket, sys, threading
from helio import limits
from helio_host.cli import main

def getaddrinfo(*_, **__):
    print("asked", flush=True)
    threading.Event().wait()

socket.getaddrinfo = getaddrinfo
limits.PORT = int(sys.argv.pop(1))
main()
"""


def test_a_name_that_is_being_looked_up_delays_no_end():
    words = [free_port(), "serve", "news=http://name.example/", "--bind", AT, "--port", 0]
    started = [sys.executable, "-c", HANGING, *map(str, words)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        lines = Lines(process.stdout)
        assert {lines.next()[:5], lines.next()[:5]} == {"asked", "servi"}
        process.terminate()
        try:
            assert process.wait(TIMEOUT_S) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_a_board_connected(serving, signum):
    serve = serving(NEWS)
    with socket.create_connection(serve.endpoint) as idle, socket.create_connection(serve.endpoint) as half:
        half.sendall(b"GET /feeds/news HT")
        serve.get("/feeds/news")
        assert serve.end(signum) == 0
        assert idle.recv(1) == b""


def test_it_ends_while_upstream_is_slow(serving, upstream):
    import threading

    gate = threading.Event()
    upstream.pages["/feed"] = lambda headers: gate.wait(60) and (200, {}, FEED)
    serve = serving("news=%s" % upstream.url())
    assert eventually(lambda: upstream.asked)
    with socket.create_connection(serve.endpoint) as board:
        board.sendall(b"GET /feeds/news HTTP/1.1\r\nHost: x\r\n\r\n")
        serve.get("/")
        assert serve.end() == 0
    gate.set()


def test_a_closed_stdout_ends_it(serving):
    serve = serving(NEWS)
    serve.out.close()
    assert serve.wait() == 0


def test_bytes_that_are_no_http(serving):
    serve = serving(NEWS)
    for data in (
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /" + 70000 * b"a" + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection(serve.endpoint) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            try:
                while sock.recv(65536):
                    pass
            except ConnectionError:
                pass
    assert serve.get("/feeds/news").status == 200
    assert serve.end() == 0


def test_a_port_in_use_is_one_sentence(tmp_path):
    with socket.create_server((AT, 0)) as taken:
        port = taken.getsockname()[1]
        run = helio("serve", NEWS, "--bind", AT, "--port", port, port=free_port())
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "helio: port %d is in use by another program: end it, or take another with --port, 0 for any\n" % port
    )


def test_another_listener_does_not_keep_it_from_serving(serving):
    with Running("listen", "--bind", AT, "--port", 0) as listen:
        port = int(listen.out.next().split()[-1])
        serve = serving(NEWS, port=port)
        line = serve.err.next()
        assert line.startswith("helio: boards are not told of this when they start: port %d is in use" % port), line
        assert "helio listen" in line and "another port" not in line
        assert serve.get("/feeds/news").status == 200
        assert listen.end() == 0
        assert serve.err.until(lambda line: "boards are told of this when they start" in line)


def test_a_configuration_file(serving, tmp_path):
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds/river.xml").write_bytes(FEED)
    config = tmp_path / "serve.toml"
    config.write_text(
        'unheard = 1\n[sources]\nriver = "feeds/river.xml"\nall = "feeds"\nbad = 3\n"no name" = "feeds"\n'
        '[sources.one]\nsource = "feeds/river.xml"\nitems = 1\nfields = ["title", "link"]\nbytes = 600\n'
        '[sources.worse]\nsource = "feeds/river.xml"\nitems = 0\n'
        '[sources.worst]\nsource = "feeds/river.xml"\nitem = 1\n'
        '[sources.bogus]\nsource = "feeds/river.xml"\nfields = ["bogus"]\n'
    )
    serve = serving("--config", config, NEWS, "river=elsewhere.xml")
    said = [serve.err.next() for _ in range(8)]
    for words in (
        "bogus: fields are",
        "'unheard'",
        "bad: ",
        "no name: ",
        "worse: items is ",
        "worst: 'item' ",
        "river: another",
    ):
        assert any(words in line for line in said), words
    one = serve.get("/feeds/one")
    assert titles(one) == ["Fog"] and b"<pubDate>" not in one.body
    assert serve.get("/feeds/one?items=2").body.count(b"<item>") == 2
    assert serve.get("/feeds/all/river.xml").status == serve.get("/feeds/news").status == 200


def test_a_configuration_file_has_port_and_address(tmp_path):
    config = tmp_path / "serve.toml"
    config.write_text('port = 0\nbind = "127.51.2.9"\n[sources]\nnews = "%s"\n' % (EXAMPLES / "news.xml"))
    with Running("serve", "--config", config, port=free_port(), XDG_CACHE_HOME=str(tmp_path)) as serve:
        assert serve.out.next().startswith("serving at http://127.51.2.9:")
        assert serve.end() == 0


@pytest.mark.parametrize(
    "text",
    [
        "port = ",
        "port = 70000",
        'port = "8080"',
        "port = true",
        'bind = "example.org"',
        "bind = 1",
        "sources = 3",
        "\xff",
    ],
)
def test_a_configuration_that_is_none_is_one_sentence(tmp_path, text):
    config = tmp_path / "serve.toml"
    config.write_bytes(text.encode("latin-1"))
    run = helio("serve", NEWS, "--config", config, "--port", 0, "--bind", AT)
    assert run.returncode == 2 and str(config) in run.stderr and len(run.stderr.splitlines()) == 1
    assert run.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("news",),
        ("=x",),
        ("news=",),
        (NEWS, "--port", 65536),
        (NEWS, "--bind", "192.0.2.1"),
        (NEWS, "--bind", "a..b"),
    ]
    + [("--config", "nowhere.toml"), (NEWS, "--config", "."), ("--cache", "x", NEWS)],
)
def test_a_wrong_command_line_is_status_2(words):
    run = helio("serve", *words)
    assert run.returncode == 2 and run.stderr and not run.stdout


def test_it_serves_where_nothing_can_be_kept(upstream):
    with Serving("news=%s" % upstream.url(), cache="/dev/null/x") as serve:
        assert serve.get("/feeds/news").status == 200
        assert "its copy is not kept on disk" in serve.err.next()
        assert serve.end() == 0


def test_only_a_hello_is_answered(serving):
    serve = serving(NEWS)
    with udp(AT) as board:
        board.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        hello = "hello kitchen %s %d - virtual" % board.getsockname()
        for data in (b"hello", b"hello x", b"who", b"ping", b"\xff", b"", b"welcome x", hello.encode()):
            board.sendto(data, ("127.255.255.255", serve.plain_port))
        assert board.recv(2000).decode().endswith(" FEEDS=%sfeeds/" % serve.url)
        board.sendto(hello.encode(), (AT, serve.plain_port))  # as in answer to its `who`
        assert board.recv(2000).decode().startswith("welcome TIME=")
        board.setblocking(False)
        with pytest.raises(BlockingIOError):
            board.recv(2000)


def test_boards_that_were_there_before_are_asked_for(serving):
    with udp(AT) as board, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears:
        hears.settimeout(TIMEOUT_S)
        hears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = free_port()
        hears.bind(("127.255.255.255", port))
        serving(NEWS, port=port)
        data, sender = hears.recvfrom(2000)
        assert data == b"who"
        board.sendto(("hello kitchen %s %d - virtual" % board.getsockname()).encode(), sender)
        assert board.recv(2000).decode().startswith("welcome TIME=")
