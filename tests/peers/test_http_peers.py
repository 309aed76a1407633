"""The web client against servers that are not ours: the standard library's, aiohttp's and nginx."""

import asyncio
import datetime
import hashlib
import json
import os
import ssl
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from helio_command import TIMEOUT_S, Lines, eventually

import nginx_server
from conftest import micropython, missing
from nginx_server import HOST, free_port

PEERS = Path(__file__).parent
SHARED = PEERS.parents[1] / "shared"
FILES = {"none.txt": b"", "one.txt": b"x", "many.txt": os.urandom(500_000).hex().encode()}
PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)

CONFIGURATION = """
    log_format connections '$connection $request_uri';
    access_log access.log connections;
    default_type text/plain;
    gzip on; gzip_types *; gzip_min_length 10;
    root files;
    server {
        listen %s:%d;
        location = /1 { return 301 /2; }
        location = /2 { return 302 http://$http_host/3; }
        location = /3 { return 308 one.txt; absolute_redirect off; }
        location = /away { return 301 http://localhost:$server_port/secret/one.txt; }
        location /secret/ { alias files/; auth_basic helio; auth_basic_user_file users; }
        location /without-length/ { alias files/; ssi on; ssi_types *; gzip off; }
    }
"""
TLS_SERVER = """
    server {
        listen %s:%d ssl;
        ssl_certificate %s.pem;
        ssl_certificate_key %s.pem;
    }
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "files"
    folder.mkdir()
    for name, body in FILES.items():
        (folder / name).write_bytes(body)
    return folder


@pytest.fixture(scope="module")
def library(files):
    """The standard library's server, its URL."""
    words = [sys.executable, "-u", "-m", "http.server", "0", "--bind", HOST, "--directory", str(files)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            line = Lines(process.stdout).next()  # "Serving HTTP on 127.0.0.1 port 43210 (…"
            yield "http://%s:%s" % (HOST, line.split()[5])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def aiohttps(files):
    """aiohttp's server, its URL; `/stream` is in chunks, and `/packed` as gzip too."""

    async def stream(request):
        response = web.StreamResponse()
        if request.path == "/packed":
            response.enable_compression(web.ContentCoding.gzip)
        response.enable_chunked_encoding()
        await response.prepare(request)
        for at in range(0, len(FILES["many.txt"]), 10_000):
            await response.write(FILES["many.txt"][at : at + 10_000])
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_get("/stream", stream)
    app.router.add_get("/packed", stream)
    app.router.add_static("/", files)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, HOST, 0)
    loop.run_until_complete(site.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield "http://%s:%d" % runner.addresses[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    loop.close()


class Nginx:
    """An nginx in `folder`; `url` is where it is, `tls[NAME]` where it has that certificate of `authority`."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = trustme.CA()
        certificates = {
            "right": self.authority.issue_cert("localhost"),
            "other name": self.authority.issue_cert("other.example"),
            "expired": self.authority.issue_cert("localhost", not_after=PAST),
            "other authority": trustme.CA().issue_cert("localhost"),
        }
        self.port = free_port()
        self.url = "http://%s:%d" % (HOST, self.port)
        self.tls = {}
        self.configuration = CONFIGURATION % (HOST, self.port)
        for number, (name, certificate) in enumerate(certificates.items()):
            port = free_port()
            self.tls[name] = "https://localhost:%d" % port
            certificate.private_key_and_cert_chain_pem.write_to_path(folder / ("%d.pem" % number))
            self.configuration += TLS_SERVER % (HOST, port, number, number)
        (folder / "users").write_text("user:{PLAIN}p@ss\n")

    def log(self):
        """`(connection, path)` of every request so far."""
        return [tuple(line.split()) for line in (self.folder / "access.log").read_text().splitlines()]


@pytest.fixture(scope="module")
def nginx(files):
    if not nginx_server.NGINX:
        missing("nginx")
    server = Nginx(files.parent)
    with nginx_server.nginx(server.folder, server.configuration, server.port):
        yield server


@pytest.fixture(scope="module")
def nginxs(nginx):
    return nginx.url


@pytest.fixture(params=["cpython", "micropython"])
def read(request, tmp_path):
    """A function that has helio, on one of the interpreters, read the web: a dict for each request."""
    if request.param == "micropython" and not find_spec("micropython_run"):
        missing("MicroPython")
    (tmp_path / "core").symlink_to(SHARED)  # this interpreter dies of an argument over 255 bytes

    def ask(*requests, **environment):
        (tmp_path / "asked.json").write_text(json.dumps(requests))
        words = [PEERS / "http_client.py", "core"]
        words = micropython(*words) if request.param == "micropython" else [sys.executable, *words]
        environment = {**os.environ, **environment}
        run = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, timeout=TIMEOUT_S, text=True)
        assert run.returncode == 0, run.stdout[-1000:] + run.stderr
        return [json.loads(line) for line in run.stdout.splitlines()]

    ask.on_micropython = request.param == "micropython"
    ask.folder = tmp_path
    return ask


def is_file(told, name):
    """Whether what was told is that file, whole."""
    body = FILES[name]
    return told.get("size") == len(body) and told["sha256"] == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("server", ["library", "aiohttps", "nginxs"])
def test_files_of_a_server(read, server, request):
    url = request.getfixturevalue(server)
    for how in ("fetch", "get", "session"):
        for name in FILES:
            first, again, head, none = read(
                {"url": url + "/" + name, "how": how},
                {"url": url + "/" + name, "how": how, "options": {"validator": True}},
                {"url": url + "/" + name, "how": how, "options": {"method": "HEAD"}},
                {"url": url + "/none", "how": how},
            )
            assert first["status"] == 200 and is_file(first, name), (how, name, first)
            assert again["status"] == 304 and again["unchanged"] and again["size"] == 0, (how, name, again)
            assert (head["status"], head["size"]) == (200, 0)
            assert none["status"] == 404
    (large,) = read({"url": url + "/many.txt", "how": "fetch", "options": {"max_bytes": 1000}})
    assert large["error"] == "TooLarge"


def test_a_stream_in_chunks(read, aiohttps):
    for how in ("fetch", "get"):
        plain, packed = read({"url": aiohttps + "/stream", "how": how}, {"url": aiohttps + "/packed", "how": how})
        assert is_file(plain, "many.txt")
        if read.on_micropython:  # which has not asked for it
            assert packed["error"] == "BadResponse" and "nobody asked for" in packed["text"]
        else:
            assert is_file(packed, "many.txt") and packed["encoding"] == "gzip"


def test_gzip_where_it_can_be_unpacked(read, nginxs):
    for how in ("fetch", "get"):
        (told,) = read({"url": nginxs + "/many.txt", "how": how})
        assert is_file(told, "many.txt")
        assert told["encoding"] == (None if read.on_micropython else "gzip")
        (told,) = read({"url": nginxs + "/without-length/many.txt", "how": how})
        assert is_file(told, "many.txt")


def test_redirects_and_a_password(read, nginxs):
    secret = nginxs.replace("//", "//user:p%40ss@")
    for how in ("fetch", "get"):
        sent_on, refused, let_in, away = read(
            {"url": nginxs + "/1", "how": how},
            {"url": nginxs + "/secret/one.txt", "how": how},
            {"url": secret + "/secret/one.txt", "how": how},
            {"url": secret + "/away", "how": how},
        )
        assert is_file(sent_on, "one.txt") and sent_on["url"] == nginxs + "/one.txt"
        assert refused["status"] == 401
        assert is_file(let_in, "one.txt")
        assert away["status"] == 401  # the password is for the host that it was given for


def test_a_session_asks_over_one_connection(read, nginx):
    before = len(nginx.log())
    names = ["one.txt", "many.txt", "none.txt", "1"]
    read(*[{"url": nginx.url + "/" + name, "how": "session"} for name in names])
    assert eventually(lambda: len(nginx.log()) >= before + 7)
    assert len({connection for connection, _ in nginx.log()[before:]}) == 1
    before = len(nginx.log())
    read(*[{"url": nginx.url + "/" + name, "how": "fetch"} for name in names[:3]])
    assert eventually(lambda: len(nginx.log()) >= before + 3)
    assert len({connection for connection, _ in nginx.log()[before:]}) == 3


def test_tls(read, nginx):
    (read.folder / "trust").mkdir()
    nginx.authority.cert_pem.write_to_path(read.folder / "system.pem")
    trusted = read.folder / "trust" / "localhost.der"
    said = {
        "other name": "is for another name",
        "expired": "has expired",
        "other authority": "does not end in its authority"
        if read.on_micropython
        else "nobody that this machine trusts",
    }
    requests = [{"url": nginx.tls[name] + "/one.txt", "how": how} for name in said for how in ("fetch", "get")]
    right = [{"url": nginx.tls["right"] + "/many.txt", "how": how} for how in ("fetch", "get", "session")]
    plain = {"url": "https://localhost:%d/" % nginx.port, "how": "fetch"}
    if read.on_micropython:
        for told in read(*right):
            assert told["error"] == "Untrusted" and "`helio trust https://localhost" in told["text"]
    trusted.write_bytes(_der(nginx.authority))
    environment = {"SSL_CERT_FILE": str(read.folder / "system.pem")}
    *told, no_tls = read(*right, *requests, plain, **environment)
    assert all(is_file(one, "many.txt") for one in told[:3]), told[:3]
    for one, request in zip(told[3:], requests, strict=True):
        name = next(name for name in said if request["url"].startswith(nginx.tls[name]))
        assert one["error"] == "Untrusted" and said[name] in one["text"], (name, one)
    assert no_tls["error"] == "Untrusted" and "does not speak TLS" in no_tls["text"]
    for request in requests:
        request["options"] = {"insecure": True}
    assert all(is_file(one, "one.txt") for one in read(*requests, **environment))


def _der(authority):
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
