"""A copy of the two kinds of page of MicroPython's site, as `HELIO_FIRMWARE_SITE` may name one."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FirmwareSite:
    """Serves `files`, `{name: bytes}`, and for each board a page that links to them; a context manager.

    `break_after` is how many bytes of a file it sends before it breaks off, `requests` what it was asked,
    `(path, Range)` each.
    """

    def __init__(self, files):
        self.files = files
        self.break_after = None
        self.requests = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site._answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_port

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler):
        wanted = handler.headers.get("Range")
        self.requests.append((handler.path, wanted))
        folder, _, name = handler.path.rstrip("/").rpartition("/")
        if folder == "/download":
            links = ['<a href="/resources/firmware/%s">%s</a>' % (file, file) for file in self.files]
            self._send(handler, 200, "<html>%s</html>" % "\n".join(links).encode().decode())
        elif folder == "/resources/firmware" and name in self.files:
            data = self.files[name]
            etag = '"%d-%d"' % (len(data), sum(data[-4:]))
            start = 0
            if wanted and handler.headers.get("If-Range") == etag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self._send(handler, 206 if start else 200, data, start, etag)
        else:
            self._send(handler, 404, "no")

    def _send(self, handler, status, data, start=0, etag=None):
        data = data.encode() if isinstance(data, str) else data
        handler.send_response(status)
        if etag:
            handler.send_header("ETag", etag)
        if start:
            handler.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        end = len(data) if self.break_after is None or not etag else start + self.break_after
        handler.wfile.write(data[start:end])
        handler.close_connection = True
