"""The one tree of errors. Whose fault it was is in the type; what to try next is in the text.

Yours: UsageError. The peer's: PeerError. The network's: NetworkError.
"""


class HelioError(Exception):
    """Anything that helio raises on purpose."""


class UsageError(HelioError):
    """The call itself was wrong, whatever the network does."""


class PeerError(HelioError):
    """What came from the other side was wrong, or was a no."""


class BadMessage(PeerError):
    """The bytes are not a message: empty, too long, not UTF-8, or without a name."""


class BadArgument(PeerError):
    """An argument of a message is not what its handler takes."""


class ParseError(PeerError):
    """A document is not well-formed XML, or over a limit: what was found at `line` and `column`,
    from 1 and in bytes of UTF-8, and what was expected."""

    def __init__(self, text, line, column):
        super().__init__("line %d, column %d: %s" % (line, column, text))
        self.line = line
        self.column = column
        self.position = (line, column - 1)  # as ElementTree has it


class NotAFeed(PeerError):
    """An XML document that is no RSS or Atom; the text names its root element."""


class NotWeather(PeerError):
    """An XML document that is none of the weather documents; the text names its root element."""


class BadResponse(PeerError):
    """What came from a web server is no HTTP/1.1 response, or not all of one."""


class TooLarge(PeerError):
    """A document of the web has more bytes than were wanted."""


class Refused(PeerError):
    """The peer understood and said no; the text is the peer's."""


class NetworkError(HelioError):
    """The network did not do its part."""


class NoAnswer(NetworkError):
    """Nothing came back."""


class UnknownTarget(NetworkError):
    """No node of that name answered."""


class Untrusted(NetworkError):
    """Nobody who is trusted says that this web server is who it says it is."""


class PortInUse(NetworkError):
    """Another program holds the port."""
