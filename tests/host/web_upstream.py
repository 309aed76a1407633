"""A web server that a test holds in its hand, on the loopback network, and `helio serve` before it."""

import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from helio_command import TIMEOUT_S, Running, free_port

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>River</title><link>http://example.com/</link>
<description>What passes</description>
<item><title>Fog</title><link>http://example.com/2</link><pubDate>Wed, 25 Nov 2026 09:15:00 GMT</pubDate>
<description>&lt;p&gt;It waits &lt;b&gt;there&lt;/b&gt;&lt;/p&gt;</description></item>
<item><title>Ducks &amp;amp; geese</title><link>http://example.com/1</link><guid>urn:1</guid>
<pubDate>Tue, 24 Nov 2026 16:40:00 GMT</pubDate></item>
</channel></rss>"""


class Upstream:
    """Answers every path with what `pages` has for it: `(status, headers, body)`, or a function of the
    request's headers that gives that. `asked` are the `(path, headers)` so far."""

    def __init__(self, address="127.51.1.1"):
        self.pages = {"/feed": (200, {}, FEED)}
        self.asked = []
        self._connections = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                upstream._connections.append(self.connection)

            def do_GET(self):
                upstream.asked.append((self.path, self.headers))
                page = upstream.pages.get(self.path, (404, {}, b""))
                status, headers, body = page(self.headers) if callable(page) else page
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers and status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:  # whoever asked has seen enough
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.origin = self._server.server_address
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def url(self, path="/feed"):
        return "http://%s:%d%s" % (*self.origin, path)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        """Be away from now on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            for connection in self._connections:  # those that are kept alive
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # closed already
                    pass
            self._server.server_close()


class Response:
    """What came back: `status`, `headers`, `body`, and that as `text`."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode()


class Serving(Running):
    """A `helio serve` that says where it serves; `cache` is the folder of what it keeps."""

    def __init__(self, *words, cache, address="127.51.2.1", port=None):
        self.plain_port = port or free_port()
        words = ["serve", "--bind", address, "--port", 0, *words]
        super().__init__(*words, port=self.plain_port, XDG_CACHE_HOME=str(cache))
        line = self.out.next()
        assert line.startswith("serving at http://%s:" % address), line
        self.url = line.split()[-1]
        self.endpoint = address, urlsplit(self.url).port

    def get(self, path, method="GET", **headers):
        """The Response to one request."""
        connection = http.client.HTTPConnection(*self.endpoint, timeout=TIMEOUT_S)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            return Response(connection.getresponse())
        finally:
            connection.close()
