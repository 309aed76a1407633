"""What the rarer options of a request ask for, without I/O: conditions, blocks, observing, proofs."""

from helio.coap.codec import (
    ACCEPT,
    BAD_REQUEST,
    BLOCK1,
    BLOCK2,
    ECHO,
    GET,
    IF_MATCH,
    IF_NONE_MATCH,
    NOT_ACCEPTABLE,
    OBSERVE,
    PRECONDITION_FAILED,
    PROXY_SCHEME,
    PROXY_URI,
    PROXYING_NOT_SUPPORTED,
    REQUEST_ENTITY_INCOMPLETE,
    block,
    uint,
)
from helio.coap.notifying import leave
from helio.errors import PeerError


def refusal(server, request, resource, method, now_ms):
    """The reply to a request that is not to run, None for one that is.

    `resource` is None where there is none, `method` a reply where the request is refused anyway.
    """
    if request.values(PROXY_URI) or request.values(PROXY_SCHEME):
        return PROXYING_NOT_SUPPORTED, b""
    if isinstance(method, tuple):
        return method
    code = _failed_condition(request, resource)
    if code:
        return code, b""
    echo = request.option(ECHO)
    if echo and echo == request.peer.echo:
        request.peer.verified = True
    try:
        request.block1 = block(request.option(BLOCK1))
        request.block2 = block(request.option(BLOCK2))
    except PeerError as error:
        return BAD_REQUEST, str(error).encode()
    reply = _block_reply(server, request, now_ms)
    if not reply and resource:
        _observe(server, request, resource, now_ms)
    return reply


def _failed_condition(request, resource):
    """The code for the first condition that does not hold, section 5.10, or None."""
    etags = request.values(IF_MATCH)
    if resource is None or not resource.exists:
        return PRECONDITION_FAILED if etags else None
    accept = request.option(ACCEPT)
    if accept is not None and resource.formats and uint(accept) not in resource.formats:
        return NOT_ACCEPTABLE
    if etags and b"" not in etags and resource.etag not in etags or request.values(IF_NONE_MATCH):
        return PRECONDITION_FAILED
    return None


def _block_reply(server, request, now_ms):
    """The reply to a block that is not the last of its request, or to one that asks for a later
    block of an answer; None for any other."""
    if request.block1:
        return server.transfers.take(request, now_ms)
    if request.block2 and request.block2[0]:
        kept = server.transfers.kept(request)
        if kept:
            return kept
        if request.code != GET:
            return REQUEST_ENTITY_INCOMPLETE, b"the answer is no longer here: ask again"
    return None


def _observe(server, request, resource, now_ms):
    observe = request.option(OBSERVE)
    if observe is None or uint(observe) > 1 or request.code != GET or request.multicast:
        return
    if resource.observers is None or request.block2 and request.block2[0]:
        return
    request.resource = resource
    leave(request, resource, now_ms)
    if not uint(observe) and server.observer_count() < server.messages.memory["observers_max"]:
        request.observing = True
