"""What `helio serve` answers a node that says hello to all: the time, and where feeds are.

welcome TIME=<unix seconds> FEEDS=http://ADDRESS:PORT/feeds/
"""

# Here and not in `limits`: a node that nobody welcomes shall not hold them.
TIME_MIN_S = 1577836800  # 2020: a clock that says less has not been set
FEEDS_MAX = 128  # characters of the URL


def welcome_text(time_s, feeds):
    """The message, a str, of whole seconds since 1970 and a URL."""
    return "welcome TIME=%d FEEDS=%s" % (time_s, feeds)


def take(node, message):
    """Let a node know what a `welcome` says, if it is one."""
    time_s, feeds = read_welcome(message)
    if feeds:
        node.feeds = feeds
        if node.on_welcome:
            node.on_welcome(time_s)


def read_welcome(message):
    """`(seconds since 1970, URL)` of a Message, `(None, None)` where one is missing or is not what it
    should be. Words that are not known are passed over."""
    time_s = feeds = None
    for word in message.args:
        key, _, value = word.partition("=")
        if key == "TIME" and 0 < len(value) <= 10 and not value.strip("0123456789"):
            time_s = int(value)
        elif key == "FEEDS" and value.startswith("http://") and value.endswith("/") and 8 < len(value) <= FEEDS_MAX:
            feeds = value
    return (time_s, feeds) if feeds and time_s and time_s >= TIME_MIN_S else (None, None)
