"""Messages for a script that wants no asyncio.

    import helio.blocking as helio

    reply = helio.send("kitchen", "blink 3")  # confirmed: the answer, or an exception
    helio.tell("192.168.1.55", "blink 3")  # plain: promises nothing
    for message in helio.listen(10001):
        print(message.sender, message.text)
    for line in helio.get("http://example.org/"):
        print(line)

`interface`, one of this machine's addresses, confines what goes to all to that one. What speaks
CoAP is loaded when it is used.
"""

from helio import runtime, runtime_asking, utf8
from helio.limits import ANSWER_TIMEOUT_S, BURST_MAX, COAP_PORT, HOST_TIMEOUT_MS, PORT, WHO_TIMEOUT_MS
from helio.lookup import Who, parse_target
from helio.message import Message, without_newline
from helio.plain import RECEIVE_BYTES
from helio.question import encoded, no_answer, read_answer


def send(target, text, timeout_s=ANSWER_TIMEOUT_S, *, interface=None):
    """Send one confirmed message; returns its answer: a str, or bytes where the peer says so.

    It is repeated until it is acknowledged, and handled once. Raises Refused with the peer's
    text, NoAnswer when `timeout_s` pass in silence or nothing listens there, UnknownTarget,
    UsageError, BadMessage.
    """
    from helio.coap.reply import message_request, read_reply

    code, options, payload = message_request(text)
    return read_reply(request(target, code, options, payload, timeout_s, interface=interface))


def request(target, code, options=(), payload=b"", timeout_s=ANSWER_TIMEOUT_S, *, interface=None):
    """Send one CoAP request; returns the `helio.coap.request.Response`, whatever its code.

    `options` as from `helio.coap.request.uri_options`. Raises NoAnswer, UnknownTarget,
    Refused for a Reset, BadMessage for blocks that do not fit together.
    """
    with connect(target, interface=interface) as connection:
        return connection.request(code, options, payload, timeout_s)


def ping(target, timeout_s=ANSWER_TIMEOUT_S, *, interface=None):
    """CoAP's ping: returns the round trip in milliseconds. Raises NoAnswer, UnknownTarget."""
    with connect(target, interface=interface) as connection:
        return connection.ping(timeout_s)


def observe(target, name, *, interface=None):
    """The value that `target` publishes at `/NAME`, and each change: `for value in …`.

    Of several changes that came meanwhile only the newest is given. It goes on when
    notifications are lost or the peer restarts. Raises Refused, NoAnswer, UnknownTarget
    when the first registration comes to nothing or the peer ends it.
    """
    from helio.coap.reply import read_value
    from helio.coap.request import uri_options

    with connect(target, interface=interface) as connection:
        states = connection.observe(uri_options(name))
        try:
            for response in states:
                yield read_value(response)
        finally:
            states.close()  # MicroPython does not see that nobody will ask it for more


def connect(target, *, interface=None):
    """A `helio.connection.Connection` to a target, for several requests to it."""
    from helio.connection import Connection

    return Connection(*resolve(target, interface=interface, confirmed=True))


def tell(target, text, *, interface=None):
    """Send one plain message; returns when it has left, and promises nothing.

    Target `all` sends it to all, once on every interface; returns on how many, else 1.
    Raises BadMessage, UsageError, UnknownTarget or NetworkError.
    """
    data = encoded(text)
    if target == "all":
        links = runtime_asking.open_broadcast(interfaces(interface))
        try:
            return runtime.broadcast(links, data, (PORT,))
        finally:
            runtime_asking.close(links)
    host, port = resolve(target, interface=interface)
    sock = runtime_asking.connect_udp(None, host, port)
    try:
        sock.send(data)
    except OSError as error:
        raise runtime_asking.network_error(error, host, port)
    finally:
        sock.close()
    return 1


def ask(target, text, timeout_s=ANSWER_TIMEOUT_S, *, interface=None):
    """Send one plain message; returns the text after `ok ` that answers it.

    Raises Refused with the text of an `error …` answer, NoAnswer after `timeout_s`, and what
    `tell` raises.
    """
    data = encoded(text)
    host, port = resolve(target, interface=interface)
    sock = runtime_asking.connect_udp(None, host, port)  # one a question: no answer goes astray
    try:
        sock.send(data)
        timeout_ms = int(timeout_s * 1000)
        started_ms = runtime.ticks_ms()
        while runtime_asking.wait_readable([sock], timeout_ms - runtime.ticks_diff(runtime.ticks_ms(), started_ms)):
            answer = read_answer(sock.recv(RECEIVE_BYTES))
            if answer is not None:
                return answer
    except OSError as error:
        raise runtime_asking.network_error(error, host, port)
    finally:
        sock.close()
    raise no_answer(host, port, timeout_s)


def get(url, **options):
    """The page at `url`, a `helio.http.page.Page`: `.read()` gives its bytes, iteration its lines.

    `options` as of `helio.http.fetch.Fetch`, and its errors.
    """
    from helio.http.page import Page

    return Page(url, **options)


def listen(port=PORT, address=None):
    """Every datagram that comes to `port`, as a Message, for ever; nothing is answered.

    What is not UTF-8 has its bytes as `\\xNN` in the text, and a name need not be one. Listens
    on all of this machine's addresses and on what is sent to all, or on `address` only.
    Raises PortInUse, UsageError.
    """
    links, _ = open_listening(port, address)
    return _listening(links)


def _listening(links):
    try:
        for data, sender in datagrams(links):
            data = without_newline(data)
            try:
                text = utf8.decode(data)
            except ValueError:
                text = utf8.escape(data)
            yield Message.of(text, sender)
    finally:
        runtime_asking.close(links)


def open_listening(port, address=None):
    """`(links, port)`: sockets that hear `port` alone on each own address, and what is sent to
    all. Port 0 lets the system pick. Raises PortInUse, UsageError."""
    links = []
    try:
        for own in interfaces(address):
            if port:
                links.append((runtime.open_udp(own[0], port), own))
            else:
                sock, port = runtime.open_any_port(own[0])
                links.append((sock, own))
        for group in {runtime.group_address(own) for _, own in links if own[0] != "0.0.0.0"}:
            links.append((runtime.open_udp(group, port, group=True), None))
    except Exception:
        runtime_asking.close(links)
        raise
    return links, port


def datagrams(links, timeout_ms=None):
    """`(data, sender)` of every datagram that comes to `links`; ends after `timeout_ms` in all."""
    socks = [sock for sock, _ in links]
    started_ms = runtime.ticks_ms()
    left_ms = 60000
    while left_ms > 0:
        if timeout_ms is not None:
            left_ms = min(60000, timeout_ms - runtime.ticks_diff(runtime.ticks_ms(), started_ms))
        for sock in runtime_asking.wait_readable(socks, left_ms):
            for _ in range(BURST_MAX):
                try:
                    data, sender = sock.recvfrom(runtime.DATAGRAM_MAX_BYTES)
                except OSError:
                    break
                yield data, runtime.endpoint(sender)


def interfaces(confined_to=None):
    """The interfaces to send to all on, a list of `(address, broadcast)`."""
    return [runtime.interface(confined_to)] if confined_to else runtime.interfaces()


def resolve(target, *, interface=None, confirmed=False):
    """`(address, port)` of a target, the port that for confirmed or for plain messages.

    Takes up to 2 s for a name. Raises UsageError, UnknownTarget, and NoAnswer for a node that
    does not take such messages.
    """
    host, port, is_name = parse_target(target)
    if is_name:
        host, found_port = _find(host, port, interface, confirmed)
        port = port or found_port
    return host, port or (COAP_PORT if confirmed else PORT)


def _find(name, port, interface, confirmed):
    """`(address, port or None)` of the node of that name; asks on the usual port and on `port`."""
    ports = {PORT, PORT if confirmed or not port else port}
    who = Who(name)
    started_ms = runtime.ticks_ms()
    elapsed_ms = 0
    asking = runtime_asking.open_broadcast(interfaces(interface))
    try:
        while elapsed_ms < WHO_TIMEOUT_MS and not who.endpoint:
            data = who.due(elapsed_ms)
            if data:
                runtime.broadcast(asking, data, ports)
            runtime_asking.wait_readable([sock for sock, _ in asking], 20)
            runtime_asking.drain(asking, who.receive)
            elapsed_ms = runtime.ticks_diff(runtime.ticks_ms(), started_ms)
    finally:
        runtime_asking.close(asking)
    if who.endpoint:
        return who.place(confirmed)
    address = runtime_asking.find_host(who.host, HOST_TIMEOUT_MS)
    if not address:
        raise who.unknown()
    return address, None


runtime.all_is_loaded()
