"""How `helio serve` asks upstream: seldom, once for all, with patience; and nobody it was not told of."""

import asyncio
import gzip
import socket
import ssl
import threading
import zlib

import pytest
import trustme
from aiohttp.resolver import ThreadedResolver
from helio_command import eventually
from web_upstream import FEED, Serving, Upstream

from helio.errors import HelioError, NetworkError, Refused, UsageError
from helio_host.serving import freshness, upstream
from helio_host.serving.copies import UrlCopy
from helio_host.serving.documents import Choice
from helio_host.serving.limits import RETRY_MAX_S, UPSTREAM_MAX_BYTES
from helio_host.serving.store import Store
from helio_host.serving.upstream import Client, is_at_home, is_public, origin, without_secrets
from web_pages import served

NOW_S = 1795600800
NEWER = FEED.replace(b"Fog", b"Snow")


class Kept:
    """A UrlCopy of `/feed` of an Upstream, with a clock that stands still unless it is moved."""

    def __init__(self, server, folder, allowed=(), path="/feed"):
        self.server = server
        self.folder = folder
        self.now_s = NOW_S
        self.problems = []
        self._allowed = {server.origin, *allowed}
        self._url = server.url(path)

    async def __aenter__(self):
        self._client = Client(self._allowed)
        self.copy = UrlCopy(
            self._url, self._client, Store(self.folder), Choice(), self.problems.append, clock=lambda: self.now_s
        )
        await self.copy.restore()
        return self

    async def __aexit__(self, *error):
        await self.copy.close()
        await self._client.close()

    async def titles(self):
        """What one gets who asks now."""
        await self.copy.refresh()
        return self.copy.digest and [item["title"] for item in self.copy.digest.items]

    @property
    def asked(self):
        return len(self.server.asked)


@pytest.fixture
def server():
    with Upstream() as one:
        yield one


def run(test):
    asyncio.run(test())


def test_it_is_asked_as_seldom_as_its_headers_allow(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "max-age=600"}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            for step_s in (0, 1, 598):
                kept.now_s += step_s
                assert await kept.titles() == ["Fog", "Ducks & geese"]
                assert kept.asked == 1 and not kept.copy.is_stale
            assert (kept.copy.age_s, kept.copy.lifetime_s) == (599, 600)
            kept.now_s += 1
            server.pages["/feed"] = 200, {}, NEWER
            assert await kept.titles() == ["Snow", "Ducks & geese"] and kept.asked == 2

    run(test)


def test_it_says_who_asks_and_what_it_has(server, tmp_path):
    server.pages["/feed"] = 200, {"ETag": '"one"', "Last-Modified": "Wed, 25 Nov 2026 09:00:00 GMT"}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
            (_, headers) = server.asked[0]
            assert headers["User-Agent"].startswith("helio/") and headers["Accept-Encoding"] == "gzip"
            assert "If-None-Match" not in headers and "If-Modified-Since" not in headers
            server.pages["/feed"] = 304, {"Cache-Control": "max-age=60"}, b""
            kept.now_s += 86400
            assert await kept.titles() == ["Fog", "Ducks & geese"]
            (_, headers) = server.asked[1]
            assert headers["If-None-Match"] == '"one"'
            assert headers["If-Modified-Since"] == "Wed, 25 Nov 2026 09:00:00 GMT"
            assert not kept.copy.is_stale and kept.copy.lifetime_s == 60 and kept.problems == []
            kept.now_s += 60
            await kept.titles()
            assert server.asked[2][1]["If-None-Match"] == '"one"'

    run(test)


def test_thirty_who_ask_at_once_are_one_who_asks(server, tmp_path):
    gate = threading.Event()
    server.pages["/feed"] = lambda headers: gate.wait(30) and (200, {"Cache-Control": "no-cache"}, FEED)

    async def test():
        async with Kept(server, tmp_path) as kept:
            tasks = [asyncio.create_task(kept.titles()) for _ in range(30)]
            await asyncio.get_running_loop().run_in_executor(None, eventually, lambda: server.asked)
            gate.set()
            assert await asyncio.gather(*tasks) == 30 * [["Fog", "Ducks & geese"]]
            assert kept.asked == 1
            await kept.titles()  # of no-cache each who comes later is another
            assert kept.asked == 2 and not kept.copy.is_stale

    run(test)


def test_a_failure_is_waited_out_longer_each_time_and_the_copy_served(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "max-age=60"}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
            kept.now_s += 60
            server.pages["/feed"] = 500, {}, b""
            asked, waits = 1, []
            for _ in range(9):
                assert await kept.titles() == ["Fog", "Ducks & geese"]
                asked += 1
                assert kept.asked == asked and kept.copy.is_stale
                waits.append(kept.copy.retry_s)
                kept.now_s += kept.copy.retry_s - 1
                await kept.titles()
                assert kept.asked == asked  # not yet
                kept.now_s += 1
            assert waits == [30, 60, 120, 240, 480, 960, 1920, RETRY_MAX_S, RETRY_MAX_S]
            assert kept.problems == ["127.51.1.1 answers 500 Internal Server Error"]  # said once
            assert kept.copy.age_s == kept.now_s - NOW_S
            server.pages["/feed"] = 200, {}, NEWER
            assert (await kept.titles())[0] == "Snow" and not kept.copy.is_stale and kept.copy.problem is None
            server.pages["/feed"] = 503, {"Retry-After": "7200"}, b""
            kept.now_s += 86400
            await kept.titles()
            assert kept.copy.retry_s == 7200

    run(test)


def test_what_is_no_document_does_not_replace_one(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "no-cache", "ETag": '"one"'}, FEED
    bad = [
        (200, {}, b"<html><body>Sign in to this Wi-Fi</body></html>"),
        (200, {}, b""),
        (200, {}, b"\x00\xff" * 1000),
        (200, {}, b"{" * 100000),
        (200, {"Content-Encoding": "gzip"}, FEED),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(FEED)[:-20]),
        (200, {"Content-Encoding": "br"}, FEED),
        (200, {"Content-Length": str(UPSTREAM_MAX_BYTES + 1)}, FEED),
        (204, {}, b""),
        (301, {}, b""),
        (401, {}, b""),
        (410, {}, b""),
        (302, {"Location": "ftp://127.51.1.1/feed"}, b""),
        (302, {"Location": "file:///etc/passwd"}, b""),
        (302, {"Location": "http://[::1"}, b""),
        (302, {"Location": "/feed"}, b""),
    ]

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
            for page in bad:
                server.pages["/feed"] = page
                kept.now_s += RETRY_MAX_S
                assert (await kept.titles())[0] == "Fog", page
                assert kept.copy.is_stale and kept.copy.problem and "\n" not in kept.copy.problem, page
            server.pages["/feed"] = 304, {}, b""
            kept.now_s += RETRY_MAX_S
            assert await kept.titles() and not kept.copy.is_stale

    run(test)
    assert Store(tmp_path).load(server.url())[1] == FEED


def test_a_304_nobody_asked_for(server, tmp_path):
    server.pages["/feed"] = 304, {}, b""

    async def test():
        async with Kept(server, tmp_path) as kept:
            assert await kept.titles() is None and "answers 304" in kept.copy.problem

    run(test)


def test_what_is_too_large_is_not_unpacked(server, tmp_path):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(bytes(10**6)) for _ in range(500)]) + packer.flush()
    server.pages["/feed"] = 200, {"Content-Encoding": "gzip"}, bomb
    server.pages["/endless"] = 200, {"Content-Length": "", "Connection": "close"}, bytes(UPSTREAM_MAX_BYTES + 10**6)

    async def test():
        import resource

        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        async with Kept(server, tmp_path) as kept:
            assert await kept.titles() is None and "more than 10000000 bytes" in kept.copy.problem
        async with Kept(server, tmp_path, path="/endless") as kept:
            assert await kept.titles() is None
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100 * 1024

    run(test)


def test_packed_and_whole_are_the_same(server, tmp_path):
    server.pages["/feed"] = 200, {"Content-Encoding": "gzip"}, gzip.compress(FEED)

    async def test():
        async with Kept(server, tmp_path) as kept:
            assert await kept.titles() == ["Fog", "Ducks & geese"]

    run(test)


def test_the_copy_is_there_after_a_restart(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "max-age=600", "ETag": '"one"', "Age": "100"}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
        async with Kept(server, tmp_path) as kept:
            kept.now_s += 400
            assert (await kept.titles())[0] == "Fog" and kept.asked == 1 and kept.copy.age_s == 500
        server.pages["/feed"] = 304, {"Cache-Control": "max-age=600"}, b""
        async with Kept(server, tmp_path) as kept:
            kept.now_s += 500
            assert (await kept.titles())[0] == "Fog" and kept.asked == 2
            assert server.asked[1][1]["If-None-Match"] == '"one"'
        server.stop()
        async with Kept(server, tmp_path) as kept:  # and while upstream is away
            kept.now_s += 5000
            assert (await kept.titles())[0] == "Fog" and kept.copy.is_stale and "no web server" in kept.copy.problem
            kept.now_s = NOW_S - 10**6  # a clock that went wrong makes nothing fresh
            assert not kept.copy.is_fresh()

    run(test)


def test_a_damaged_copy_is_none(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "max-age=600"}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
        (facts,) = tmp_path.glob("*.json")
        (body,) = tmp_path.glob("*.body")
        whole = facts.read_bytes(), body.read_bytes()
        assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".body", ".json"]
        asked = 1
        damaged = [b"", b"{}", b"[]", b"\xff", b"[" * 10000, whole[0].replace(b"feed", b"fool")]
        damaged += [whole[0].replace(b'"lifetime_s": 600', b'"lifetime_s": "x"'), whole[0][:-5]]
        for bad in [(facts, one) for one in damaged] + [(body, b""), (body, b"<html/>"), (body, FEED[:50])]:
            facts.write_bytes(whole[0])
            body.write_bytes(whole[1])
            bad[0].write_bytes(bad[1])
            asked += 1
            async with Kept(server, tmp_path) as kept:
                assert (await kept.titles())[0] == "Fog" and kept.asked == asked, bad

    run(test)


def test_what_may_not_be_stored_is_not(server, tmp_path):
    server.pages["/feed"] = 200, {}, FEED

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
            assert list(tmp_path.iterdir())
            server.pages["/feed"] = 200, {"Cache-Control": "no-store"}, FEED
            kept.now_s += 86400
            await kept.titles()
            assert list(tmp_path.iterdir()) == []

    run(test)


def test_redirects_are_followed_to_where_is_configured_only(server, tmp_path):
    server.pages["/old"] = 301, {"Location": "feed"}, b""

    async def test():
        async with Kept(server, tmp_path, path="/old") as kept:
            assert (await kept.titles())[0] == "Fog" and kept.asked == 2
        with Upstream("127.51.1.2") as inside:
            port = inside.origin[1]
            places = [inside.url(), "http://localhost:%d/feed" % port, "//127.51.1.2:%d/feed" % port]
            places += ["http://%s:%d/feed" % (host, port) for host in ("127.13041922", "2134049026", "0x7f330102")]
            places += ["http://[::ffff:127.51.1.2]:%d/feed" % port, "http://①②⑦.51.1.2:%d/feed" % port]
            places += [
                "http://0:%d/" % port,
                "http://[::1]:%d/" % port,
                "http://192.168.255.254/",
                "http://169.254.169.254/",
            ]
            places += ["http://127.51.1.1:%d/feed" % (server.origin[1] ^ 1)]  # another port is another server
            for place in places:
                server.pages["/away"] = 302, {"Location": place}, b""
                async with Kept(server, tmp_path, path="/away") as kept:
                    assert await kept.titles() is None, place
                    assert kept.copy.problem, place
            assert inside.asked == []
            server.pages["/away"] = 302, {"Location": inside.url()}, b""
            async with Kept(server, tmp_path, path="/away", allowed=[inside.origin]) as kept:
                assert (await kept.titles())[0] == "Fog"

    run(test)


def test_validators_go_to_where_they_came_from_only(server, tmp_path):
    server.pages["/old"] = 302, {"Location": "/feed", "ETag": '"not this"'}, b""
    server.pages["/feed"] = 200, {"ETag": '"one"', "Cache-Control": "no-cache"}, FEED
    server.pages["/new"] = 200, {}, NEWER

    async def test():
        async with Kept(server, tmp_path, path="/old") as kept:
            await kept.titles()
            await kept.titles()
            server.pages["/old"] = 302, {"Location": "/new"}, b""
            assert (await kept.titles())[0] == "Snow"
            asked = [(path, headers["If-None-Match"]) for path, headers in server.asked[2:]]
            assert asked == [("/old", None), ("/feed", '"one"'), ("/old", None), ("/new", None)]

    run(test)


def test_a_name_that_changes_its_address_is_refused_when_it_does(server, tmp_path, monkeypatch):
    addresses = {"name.example": ["93.184.216.34"], "both.example": ["127.51.1.1", "93.184.216.34"]}

    async def resolve(self, host, port=0, family=0):
        found = {"hostname": host, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [{**found, "host": one} for one in addresses[host]]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)

    async def test():
        resolver = upstream._Resolver(frozenset({("home.example", 80)}))
        assert [one["host"] for one in await resolver.resolve("name.example", 80)] == ["93.184.216.34"]
        assert [one["host"] for one in await resolver.resolve("both.example", 80)] == ["93.184.216.34"]
        addresses["name.example"] = addresses["home.example"] = ["127.51.1.1"]
        with pytest.raises(upstream.PrivateAddress):
            await resolver.resolve("name.example", 80)
        assert await resolver.resolve("home.example", 80)
        with pytest.raises(upstream.PrivateAddress):
            await resolver.resolve("home.example", 81)
        client = Client(())
        try:
            with pytest.raises(Refused) as error:
                await client.get("http://name.example:%d/feed" % server.origin[1])
            assert "name.example (127.51.1.1) is a private address" in str(error.value)
            assert "private = true" in str(error.value)
        finally:
            await client.close()

    run(test)
    assert server.asked == []


def test_one_that_does_not_answer_in_time(server, tmp_path, monkeypatch):
    monkeypatch.setattr(upstream, "UPSTREAM_TIMEOUT_S", 0.2)
    gate = threading.Event()
    server.pages["/feed"] = lambda headers: gate.wait(30) and (200, {}, FEED)

    async def test():
        async with Kept(server, tmp_path) as kept:
            assert await kept.titles() is None and kept.copy.problem == "127.51.1.1 did not answer in time"

    run(test)
    gate.set()


def test_who_has_a_copy_does_not_wait_for_a_slow_one(server, tmp_path, monkeypatch):
    monkeypatch.setattr("helio_host.serving.copies.WAIT_S", 0.1)
    server.pages["/feed"] = 200, {"Cache-Control": "no-cache"}, FEED
    gate = threading.Event()

    async def test():
        async with Kept(server, tmp_path) as kept:
            await kept.titles()
            server.pages["/feed"] = lambda headers: gate.wait(30) and (200, {}, NEWER)
            assert (await kept.titles())[0] == "Fog" and kept.copy.is_stale
            gate.set()
            await kept.copy._task
            assert (await kept.titles())[0] == "Snow" and not kept.copy.is_stale and kept.asked == 2

    run(test)


def test_how_long_a_response_is_fresh():
    date = {"Date": "Wed, 25 Nov 2026 10:00:00 GMT"}
    for headers, seconds in (
        ({}, 900),
        ({"Cache-Control": "max-age=5"}, 5),
        ({"Cache-Control": 'Public , MAX-AGE = "7" '}, 7),
        ({"Cache-Control": "max-age=5, s-maxage=50"}, 50),
        ({"Cache-Control": "max-age=5", "Expires": "Wed, 25 Nov 2026 12:00:00 GMT"}, 5),
        ({"Cache-Control": "no-cache, max-age=5"}, 0),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": "max-age=x"}, 0),
        ({"Cache-Control": "max-age=-1"}, 0),
        ({"Cache-Control": "max-age=" + 30 * "9"}, 0),
        ({"Cache-Control": "max-age=9999999999"}, 31536000),
        ({"Cache-Control": "private"}, 900),
        ({"Expires": "Wed, 25 Nov 2026 12:00:00 GMT"}, 7200),
        ({"Expires": "Wed, 25 Nov 2026 12:00:00 GMT", "Date": "Wed, 25 Nov 2026 11:00:00 GMT"}, 3600),
        ({"Expires": "Wed, 25 Nov 2026 09:00:00 GMT", **date}, 0),
        ({"Expires": "0"}, 0),
        ({"Last-Modified": "Wed, 25 Nov 2026 09:00:00 GMT", **date}, 900),
        ({"Last-Modified": "Tue, 24 Nov 2026 10:00:00 GMT", **date}, 8640),
        ({"Last-Modified": "Tue, 24 Nov 2020 10:00:00 GMT", **date}, 86400),
        ({"Last-Modified": "Wed, 25 Nov 2030 09:00:00 GMT", **date}, 900),
        ({"Last-Modified": "some day"}, 900),
    ):
        assert freshness.lifetime_s(headers, NOW_S) == seconds, headers
    for text, seconds in (("120", 120), ("", 0), ("-5", 0), ("soon", 0), (50 * "9", 0), ("999999", 86400)):
        assert freshness.retry_after_s({"Retry-After": text}, NOW_S) == seconds
    assert freshness.retry_after_s({"Retry-After": "Wed, 25 Nov 2026 10:05:00 GMT"}, NOW_S) == 300


def test_which_addresses_are_public():
    for address in ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert is_public(address), address
    private = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255"
    private += " 240.0.0.1 198.18.0.1 192.0.2.1 :: ::1 fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1"
    private += " ::ffff:192.168.1.1 2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b:1::1 2001:db8::1"
    private += " 127.1 0177.0.0.1 2130706433 x"
    for address in private.split():
        assert not is_public(address), address


def test_which_hosts_nobody_takes_for_public_ones():
    for host in (
        "127.0.0.1",
        "192.168.1.5",
        "::1",
        "localhost",
        "nas",
        "nas.local",
        "a.lan",
        "x.home.arpa",
        "nas.local.",
    ):
        assert is_at_home(host), host
    for host in ("8.8.8.8", "example.org", "local.example.org", "mylan.com", "example.org."):
        assert not is_at_home(host), host


def test_what_is_a_url():
    assert origin("http://Example.org/x") == ("example.org", 80)
    assert origin("https://me:secret@example.org:8443/x?y") == ("example.org", 8443)
    assert origin("http://[::1]/") == ("::1", 80)
    for url in (
        "ftp://x/y",
        "http://",
        "http:///x",
        "x",
        "",
        "http://[::1",
        "http://x:99999/",
        "http://x:y/",
        "file:///x",
    ):
        with pytest.raises(UsageError):
            origin(url)
    assert without_secrets("http://me:pw@example.org/a?key=pw#pw") == "http://example.org/a?…"


def test_errors_are_ours(server):
    async def test():
        client = Client({server.origin, ("127.51.1.1", 1), ("none.invalid", 80)})
        try:
            for url, kind in (
                (server.url("/none"), None),
                ("http://127.51.1.1:1/", NetworkError),
                ("http://" + "a" * 64 + ".invalid/", HelioError),
                ("http://127.51.1.3/", Refused),
            ):
                if kind is None:
                    assert (await client.get(url)).status == 404
                    continue
                with pytest.raises(kind) as error:
                    await client.get(url)
                assert "\n" not in str(error.value)
        finally:
            await client.close()

    run(test)


SAYS = {  # bytes: what is said of whoever sends them
    b"": "closed the connection without an answer",
    b"SSH-2.0-OpenSSH_9\r\n": "does not speak HTTP as it should",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort": "broke off before all of the document had come",
}


@pytest.mark.parametrize("data", SAYS)
def test_what_is_no_answer_is_told_in_words(data):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.close()

    async def test():
        server = await asyncio.start_server(answer, "127.51.1.1", 0)
        origin = server.sockets[0].getsockname()[:2]
        client = Client({origin})
        try:
            with pytest.raises(NetworkError) as error:
                await client.get("http://%s:%d/feed" % origin)
            assert str(error.value) == "127.51.1.1 %s" % SAYS[data]
        finally:
            await client.close()
            server.close()

    run(test)


def test_a_certificate_and_what_is_not_secure(server, tmp_path, monkeypatch):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "system.pem")

    async def refused(web, *more):
        port = int(web.url.rpartition(":")[2])
        client = Client({("localhost", port), ("127.0.0.1", port), *more})
        try:
            with pytest.raises(HelioError) as error:
                await client.get("https://localhost:%d/feed" % port)
            return str(error.value)
        finally:
            await client.close()

    pages = {"/feed": (302, {"Location": server.url()}, b"")}
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    # aiohttp has read the system's authorities when it was imported
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", ssl.create_default_context())
    for certificate, said in (
        (authority.issue_cert("localhost"), "redirects to %s, which is not secure" % server.url()),
        (authority.issue_cert("elsewhere.example"), "is for another name"),
        (trustme.CA().issue_cert("localhost"), "nobody that this machine trusts vouches for localhost"),
    ):
        with served(pages, certificate) as web:
            found = asyncio.run(refused(web, server.origin))
            assert said in found
    assert server.asked == []


def test_those_that_do_not_answer_keep_no_other_waiting(server, tmp_path):
    gate = threading.Event()
    server.pages["/hangs"] = lambda headers: gate.wait(30) and (200, {}, FEED)
    sources = ["slow%d=%s" % (number, server.url("/hangs")) for number in range(3)]
    with Serving(*sources, "river=" + server.url(), cache=tmp_path) as serve:
        assert serve.get("/feeds/river").status == 200
        gate.set()


def test_thirty_boards_at_once_are_one_request_upstream(server, tmp_path):
    import aiohttp

    gate = threading.Event()
    server.pages["/feed"] = lambda headers: gate.wait(30) and (200, {}, FEED)

    async def ask(url):
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as response:
                return response.status, await response.read()

    async def test(serve):
        tasks = [asyncio.create_task(ask(serve.url + "feeds/news")) for _ in range(30)]
        await asyncio.get_running_loop().run_in_executor(None, eventually, lambda: server.asked)
        gate.set()
        answers = await asyncio.gather(*tasks)
        assert {status for status, _ in answers} == {200} and len({body for _, body in answers}) == 1

    with Serving("news=%s" % server.url(), cache=tmp_path) as serve:
        asyncio.run(test(serve))
        assert len(server.asked) == 1
        assert serve.end() == 0


def test_the_last_good_copy_is_served_while_upstream_is_away_and_after_a_restart(server, tmp_path):
    server.pages["/feed"] = 200, {"Cache-Control": "no-cache"}, FEED
    with Serving("news=%s" % server.url(), cache=tmp_path) as serve:
        first = serve.get("/feeds/news")
        assert first.headers["Cache-Control"] == "no-cache" and "Warning" not in first.headers
        server.stop()
        second = serve.get("/feeds/news")
        assert second.status == 200 and second.body == first.body and int(second.headers["Age"]) >= 0
        assert second.headers["Warning"].startswith("111 ")
        assert serve.get("/feeds/news", If_None_Match=first.headers["ETag"]).status == 304
        assert "stale" in serve.get("/").text
    with Serving("news=%s" % server.url(), cache=tmp_path) as serve:
        third = serve.get("/feeds/news")
        assert third.body == first.body and third.headers["Warning"].startswith("111 ")
        assert serve.end() == 0
