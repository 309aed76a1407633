"""CoAP without I/O: RFC 7252, block-wise transfers (RFC 7959), observing (RFC 7641).

`Messages` (exchange.py) takes datagrams in and sends them; `Client` (request.py) and `Server`
(resource.py) stand on it, `Observation` (observe.py) on the client.
"""
