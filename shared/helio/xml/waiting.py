"""The pieces of a text or a tag that is longer than a piece: kept together until one has what ends it, so
that it is not looked through again for each."""


class Waiting:
    """`mark` is what ends it, `rest` what came of it already; over `size_max` it is given as it is."""

    def __init__(self, mark, rest, size_max):
        self._mark = mark
        self._size_max = size_max
        self._tail = rest[-2:]  # the mark may be cut
        self._kept = bytearray()

    def take(self, data, is_last):
        """All that was kept, once the mark has come; until then b""."""
        self._kept += data
        tail = self._tail + data
        self._tail = tail[-2:]
        if self._mark in tail or is_last or len(self._kept) > self._size_max:
            return bytes(self._kept)
        return b""
