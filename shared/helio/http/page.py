"""A page of the web for a script that wants no asyncio: what `helio.blocking.get` returns."""

from helio.http.fetch import Fetch

_LINE_MAX_BYTES = 65536  # a page without line ends comes in pieces of this


class Page(Fetch):
    """`status`, `headers`, `url`, `validator` and `unchanged` are there at once; the body is read with
    `read`, or line by line: `for line in page`. At its end the connection is closed; who does not read
    as far closes it, with `close` or `with`.
    """

    def __init__(self, url, **options):
        super().__init__(url, is_blocking=True, **options)
        self._there = b""  # what has come, of which `_at` bytes have been read
        self._at = 0
        _run(self.__aenter__())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the connection."""
        self._close()

    def read(self, size=-1):
        """The next of the body, at most `size` bytes; all of it unless told. b"" at the end."""
        if size < 0:
            return self._take(len(self._there)) + _run(super().read())
        if self._at == len(self._there):
            self._there = self._next()
            self._at = 0
        return self._take(self._at + size)

    def __iter__(self):
        """The lines of the body, bytes, each with its end."""
        return self

    def __next__(self):
        while True:
            end = self._there.find(b"\n", self._at) + 1
            if end:
                return self._take(end)
            piece = self._next()
            line = self._take(len(self._there))
            self._at = 0
            if piece and len(line) <= _LINE_MAX_BYTES:
                self._there = line + piece
                continue
            self._there = piece
            if line:
                return line
            if not piece:
                raise StopIteration

    def _take(self, end):
        data = self._there if not self._at and end >= len(self._there) else self._there[self._at : end]
        self._at += len(data)
        return data

    def _next(self):
        return _run(self._piece())


def _run(coroutine):
    """The result of a coroutine that never waits for another."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
