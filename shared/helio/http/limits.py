"""The limits of the web client, each with its unit and its reason; `helio.limits` has the others."""

LINE_MAX_BYTES = 8192  # a status line, a field, a chunk's size: content policies of real sites have 5,000
FIELDS_MAX = 100  # fields of one head, and of its trailer; busy sites send 40
HEAD_MAX_BYTES = 32768  # all of it, and that of the interim responses before

REDIRECTS_MAX = 5
URL_MAX_BYTES = 2048  # what every server takes (RFC 9110 section 4.1 asks for 8,000; a board has no room)
URL_SHOWN_MAX = 100  # characters of it in an error
CONNECT_TIMEOUT_S = 10  # finding the address and shaking hands, with TLS
FIRST_TIMEOUT_S = 15  # from the request to the first byte of the response
PAUSE_TIMEOUT_S = 10  # between two pieces
TIMEOUT_S = 120  # all of it
KEPT_MAX = 4  # connections that a session keeps open; each holds a few kilobytes of lwIP's
GUNZIPPED_MAX_BYTES = 65536  # of one piece: a kilobyte of gzip may be a megabyte of zeros
