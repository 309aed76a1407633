"""Whose fault an error was is in its type."""

from helio import errors

TREE = {
    "UsageError": "HelioError",
    "PeerError": "HelioError",
    "BadMessage": "PeerError",
    "BadArgument": "PeerError",
    "ParseError": "PeerError",
    "NotAFeed": "PeerError",
    "NotWeather": "PeerError",
    "BadResponse": "PeerError",
    "TooLarge": "PeerError",
    "Refused": "PeerError",
    "NetworkError": "HelioError",
    "NoAnswer": "NetworkError",
    "UnknownTarget": "NetworkError",
    "Untrusted": "NetworkError",
    "PortInUse": "NetworkError",
}


def test_the_tree():
    for name, parent in TREE.items():
        error = getattr(errors, name)
        assert error.__bases__ == (getattr(errors, parent),), name
        assert issubclass(error, errors.HelioError)
        if name != "ParseError":  # which says where
            assert str(error("kitchen: what to do next")) == "kitchen: what to do next"
    assert errors.HelioError.__bases__ == (Exception,)


def test_nothing_else_is_in_it():
    assert {name for name in dir(errors) if not name.startswith("_")} == set(TREE) | {"HelioError"}
