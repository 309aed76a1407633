"""Every size and time limit, with its unit and its reason; what few nodes do has limits of its own, in
`reading_limits` here and in `limits` of `coap`, `xml` and `http`."""

PORT = 10001  # plain datagrams; the port of the book's programs
COAP_PORT = 5683  # RFC 7252 section 12.6
COAP_GROUP = "224.0.1.187"  # all CoAP nodes, section 12.8

MESSAGE_MAX_BYTES = 1024  # lwIP fragments over about 1,280 bytes: a message stays in one frame
NAME_MAX = 32  # characters; also the longest hostname an ESP32 takes
QUOTE_MAX = 40  # characters of a wrong argument that an error repeats
NUMBER_MAX = 20  # characters of a whole number; longer ones cost time and mean nothing on a board

ANSWER_MIN_BYTES = 128  # to an endpoint that may not be where it says, an answer has at most these,
ANSWER_FACTOR = 3  # or so many times the bytes of its request (RFC 9175 section 2.4)
ANSWER_TIMEOUT_S = 10  # how long a sender waits unless told: a long blink answers when it is done
WHO_TIMEOUT_MS = 1200  # how long a name is asked for by broadcast
HOST_TIMEOUT_MS = 700  # then how long NAME.local is; both together stay under 2 s
WHO_REPEAT_MS = 400  # `who` is asked again this often: a datagram may be lost
WHO_DELAY_MS = 100  # `who` is answered after 0 to this, at random: thirty boards hear it at once

DISCOVER_TIMEOUT_S = 2  # who answers at all has done so by then, asked twice
ALARM_MAX_MS = 86400000  # a board's ticks wrap after 12 days: they are to be read before

BURST_MAX = 64  # datagrams taken at one wake before other tasks get their turn
HANDLERS_MAX = 16  # coroutine handlers running at once; each holds a message and a task
TASKS_MAX = 2 * HANDLERS_MAX  # with the answers to `who` that wait for their turn
MESSAGES_MAX = 64  # messages waiting for a reader of `Node.messages()`
INTERFACES_EVERY_MS = 2000  # how often a node looks whether its addresses have changed
