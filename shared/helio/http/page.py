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
        self._rest = b""
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
            data = self._rest + _run(super().read())
            self._rest = b""
            return data
        data = self._rest or self._next()
        self._rest = data[size:]
        return data[:size]

    def __iter__(self):
        """The lines of the body, bytes, each with its end."""
        rest = self._rest
        self._rest = b""
        while True:
            piece = self._next()
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            for line in lines:
                yield line + b"\n"
            if not piece or len(rest) > _LINE_MAX_BYTES:
                if rest:
                    yield rest
                    rest = b""
            if not piece:
                return

    def _next(self):
        return _run(self._piece())


def _run(coroutine):
    """The result of a coroutine that never waits for another."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
