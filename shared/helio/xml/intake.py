"""What happens to pieces before a scanner looks at them, where anything has to: they are decoded, and
those of a text or a tag that is longer than a piece are kept together until one has what ends it, so that
it is not looked through again for each."""


class Intake:
    def __init__(self, decoder=None):
        self.wrong = None  # what is wrong right behind what was given last
        self.is_waiting = False
        self._decoder = decoder

    def wait(self, mark, rest, size_max):
        """Keep what comes until `mark` does; `rest` came before it. More than `size_max` is given as
        it is."""
        self.is_waiting = True
        self._mark = mark
        self._size_max = size_max
        self._tail = rest[-2:]  # the mark may be cut
        self._kept = bytearray()

    def take(self, data, is_last):
        """What is to be looked at now."""
        if self._decoder:
            data = self._decoder.take(data, is_last)
            self.wrong = self._decoder.wrong
            if not self.wrong and not self._decoder.is_needed:
                self._decoder = None
        if not self.is_waiting:
            return data
        self._kept += data
        tail = self._tail + data
        self._tail = tail[-2:]
        if self._mark in tail or is_last or self.wrong or len(self._kept) > self._size_max:
            self.is_waiting = False
            return bytes(self._kept)
        return b""


def begin(scanner):
    """The document may need decoding, which its first bytes tell."""
    from helio.xml.decoding import Decoder

    scanner._intake = Intake(Decoder(scanner._strict, scanner._encoding))


def wait(scanner, rest):
    """A token that is not complete has `rest`, which is long."""
    size_max = scanner._text_max
    if len(rest) > size_max:
        scanner._fail(rest, 0, "a text or a tag of more than %d bytes" % size_max)
    if not scanner._intake:
        scanner._intake = Intake()
    if not scanner._inside and not scanner._intake.is_waiting:
        scanner._intake.wait(scanner._mark, rest, size_max)
