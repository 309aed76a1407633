"""The server's side of observing (RFC 7641 section 4), without I/O: requests that are answered again
whenever their resource changes.
"""

from helio.coap.codec import ACK, BAD_REQUEST, CON, CONTENT, CONTENT_FORMAT, GET, NON, NOT_ACCEPTABLE, RST, option
from helio.coap.limits import CONFIRM_AFTER_MS


def acceptable(request, code, payload, options):
    """The answer to one that observes: in another Content-Format than the first it is 4.06, the
    last. Section 4.2."""
    if code == CONTENT:
        content_format = option(options, CONTENT_FORMAT)
        if not request.is_notification:
            request.content_format = content_format
        elif content_format != request.content_format:
            return NOT_ACCEPTABLE, b"it has another Content-Format now", ()
    return code, payload, options


def join(request, code, now_ms):
    """A request that observes was answered: it is an observer, or no longer."""
    observers = request.resource.observers
    if code >= BAD_REQUEST:
        request.observing = False
        if request in observers:
            observers.remove(request)
    elif not request.is_notification:
        request.confirmed_ms = now_ms
        observers.append(request)


def leave(request, resource, now_ms):
    """End the observation of the same endpoint and token, if there is one."""
    for other in resource.observers:
        if other.peer.endpoint == request.peer.endpoint and other.message[3] == request.message[3]:
            _end(other, now_ms)
            return


def _end(request, now_ms):
    request.observing = False
    if request in request.resource.observers:
        request.resource.observers.remove(request)
    if request.transmission:
        request.server.messages.cancel(request.transmission, now_ms)
        request.ended(RST, now_ms)


def notify(request, now_ms):
    """Send what the resource is now; while a notification is made or unacknowledged, after that."""
    is_running = request.is_notification and not request.responded
    transmission = request.transmission
    request.is_stale = is_running or bool(transmission and transmission.confirmable)
    if not request.is_stale:
        request.is_notification = True
        _make(request, now_ms)
    elif request.is_notification and transmission:
        transmission.is_stale = True


def renew(request, now_ms):
    """Send what it is now in place of a notification that was not acknowledged: section 4.5.2."""
    request.transmission.is_stale = request.is_stale = False
    _make(request, now_ms)


def _make(request, now_ms):
    request.responded = False
    reply = request.server.run(request.resource.methods[GET - 1], request)
    request.server.answer(request, reply, now_ms)


def send(request, code, token, options, payload, now_ms):
    """Send a notification."""
    messages = request.server.messages
    type = NON
    if (
        request.resource.confirmable
        or code >= BAD_REQUEST  # the last
        or not request.peer.verified
        or now_ms - request.confirmed_ms >= CONFIRM_AFTER_MS
    ):
        type = CON
        request.confirmed_ms = now_ms
    if request.transmission and request.transmission.confirmable:
        messages.renew(request.transmission, code, token, options, payload, now_ms)
        return
    if request.transmission:
        messages.cancel(request.transmission, now_ms)  # the one before: a RST of this one will do
    endpoint = request.peer.endpoint
    request.transmission = messages.send(endpoint, type, code, token, options, payload, now_ms, request)
    if request.is_stale and type == NON:
        notify(request, now_ms)


def ended(request, how, now_ms):
    """How a notification ended."""
    if how != ACK:
        _end(request, now_ms)
    elif request.is_stale:
        notify(request, now_ms)
