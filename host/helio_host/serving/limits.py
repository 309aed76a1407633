"""Every size and time limit of `helio serve`, with its unit and its reason."""

ITEMS = 5  # of a feed or a forecast, unless asked otherwise: a small display shows no more
ITEMS_MAX = 50  # kept of a feed, the newest
BYTES = 2000  # of a small document: with its headers it stays near one Ethernet frame or two
BYTES_MIN = 512  # below that no item fits
BYTES_MAX = 16384
TEXT_MAX = 1000  # characters kept of a summary
TITLE_MAX = 200  # characters of a title, an author or a category
ADDRESS_MAX = 1000  # characters of a link or an id; longer ones are left out
SUMMARY_MIN = 20  # characters: where there is room for less, summaries are left out
LISTED_MAX = 100  # files of a folder that are listed
RENDERED_MAX = 64  # small documents kept of one source, for as many ways of asking

UPSTREAM_MAX_BYTES = 10_000_000  # of a document, when unpacked; the largest feeds have 5 MB
UPSTREAM_TIMEOUT_S = 30  # for all of a document
CONNECT_TIMEOUT_S = 10
REDIRECTS_MAX = 5
WAIT_S = 5  # how long a board waits for upstream where there is a copy; many give up after 10

FIRST_WAIT_S = 12  # and where there is none: helio's own give up after 15

FRESH_S = 900  # how long a document is good for when its headers say nothing
FRESH_FACTOR = 10  # or the time since it last changed, divided by this (RFC 9111 section 4.2.2),
FRESH_MAX_S = 86400  # but no longer
LIFETIME_MAX_S = 31536000  # a year: more than that is a mistake, or an attack on our arithmetic
RETRY_S = 30  # after a failure; doubled with each
RETRY_MAX_S = 3600
RETRY_AFTER_MAX_S = 86400  # the longest that a server's Retry-After is believed

SHUTDOWN_S = 2  # for answers that are on their way when we are to end
