"""A web server for a test: the standard library's, on a free port of the loopback."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Pages:
    """What a server has, `{path: body}` or `{path: (status, {field: value}, body)}`, and what it was asked:
    `asked` is a list of `(path, fields)`. `url` is where it is, without a `/` at the end."""

    def __init__(self, pages, url):
        self.pages = pages
        self.url = url
        self.asked = []


@contextmanager
def served(pages, certificate=None, host="127.0.0.1"):
    """Serve `pages`; a context whose value is the `Pages`. `certificate` is a trustme LeafCert, for https."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        # not at `accept`, which would keep all others waiting
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    server.found = Pages(pages, "%s://%s:%d" % (scheme, host, server.server_port))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = self.server.found
        found.asked.append((self.path, dict(self.headers.items())))
        page = found.pages.get(self.path, (404, {}, b"no such page"))
        status, fields, body = (200, {}, page) if isinstance(page, bytes) else page
        if "ETag" in fields and self.headers["If-None-Match"] == fields["ETag"]:
            status = 304
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass
