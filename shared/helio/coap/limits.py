"""The limits of CoAP, with their units and reasons: apart from `helio.limits`, so that a node that
does not speak it does not hold them.
"""

# RFC 7252 section 4.8
ACK_TIMEOUT_MS = 2000  # the first retransmission comes after this and, at random,
ACK_SPREAD_MS = 1000  # up to so much more: ACK_RANDOM_FACTOR is 1.5
MAX_RETRANSMIT = 4  # a sender gives up 62 to 93 s after the first
EXCHANGE_LIFETIME_MS = 247000  # how long a confirmable message may come again
NON_LIFETIME_MS = 145000  # how long another one may
LEISURE_MS = 500  # RFC 7252 section 8.2: 32 nodes' answers of 1 KB at 64 KB/s

COAP_DATAGRAM_MAX_BYTES = 1280  # what fits one frame anywhere (RFC 8200); blocks of 1,024 do
ACK_DELAY_MS = 500  # an answer that takes longer is separate; a quarter of what retransmission takes
LEISURELY_MAX = 32  # answers that wait for their turn after a request to all; more are dropped
PAYLOAD_MAX_BYTES = 65536  # of a block-wise transfer, in or out
RESTARTS_MAX = 3  # of one whose ETag changes on the way
MAX_AGE_S = 60  # RFC 7252 section 5.10.5, where an answer does not say
REGISTER_DELAY_MS = 5000  # after Max-Age, 5 to 15 s more: RFC 7641 section 3.3.1
REGISTER_SPREAD_MS = 10000
NOTIFICATION_NEWER_MS = 128000  # after this any notification is newer: RFC 7641 section 3.4
CONFIRM_AFTER_MS = 30000  # then a notification is confirmable, to notice who has gone; RFC 7641 has 24 h
SWEEP_MS = 60000  # how often endpoints that fell silent are looked for

# What CoAP may remember. The exchanges are of each endpoint; a peer with NSTART 1 has few at a time.
# NSTART (RFC 7252 section 4.7) is how many confirmable messages one endpoint is sent at a time.
BOARD = {
    "endpoints_max": 32,
    "exchanges_max": 8,
    "replies_max_bytes": 16384,
    "observers_max": 16,
    "transfers_max": 4,
    "transfers_max_bytes": PAYLOAD_MAX_BYTES,
    "nstart": 1,
    "block_size": 512,
}
DESKTOP = {
    "endpoints_max": 1024,
    "exchanges_max": 256,
    "replies_max_bytes": 64 * PAYLOAD_MAX_BYTES,
    "observers_max": 256,
    "transfers_max": 64,
    "transfers_max_bytes": 64 * PAYLOAD_MAX_BYTES,
    "nstart": 1,
    "block_size": 1024,
}
