"""For how long a response is good without asking again: RFC 9111 sections 4.2 and 5."""

from helio import dates
from helio_host.serving.limits import FRESH_FACTOR, FRESH_MAX_S, FRESH_S, LIFETIME_MAX_S, RETRY_AFTER_MAX_S


def directives(headers):
    """The directives of Cache-Control, `{name in small letters: its value or ""}`."""
    found = {}
    for part in headers.get("Cache-Control", "").split(","):
        name, _, value = part.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def lifetime_s(headers, now_s):
    """For how many seconds after it was made a response is fresh; 0 for one that is never."""
    control = directives(headers)
    if "no-cache" in control or "no-store" in control:
        return 0
    for name in ("s-maxage", "max-age"):  # we serve many: the first is for such as us
        if name in control:
            return min(_whole(control[name]) or 0, LIFETIME_MAX_S)
    if "Expires" in headers:
        expires_s = dates.seconds(headers["Expires"])  # None for "0", which means: at once
        return 0 if expires_s is None else min(max(0, expires_s - _made_s(headers, now_s)), LIFETIME_MAX_S)
    changed_s = dates.seconds(headers.get("Last-Modified", ""))
    if changed_s is None:
        return FRESH_S
    return min(max(FRESH_S, (_made_s(headers, now_s) - changed_s) // FRESH_FACTOR), FRESH_MAX_S)


def age_s(headers):
    """How old a response was when it came: other caches may stand between."""
    return min(_whole(headers.get("Age", "")) or 0, LIFETIME_MAX_S)


def retry_after_s(headers, now_s):
    """How long a server that refused wants to be left alone, 0 where it does not say."""
    text = headers.get("Retry-After", "").strip()
    wait_s = _whole(text)
    if wait_s is None:
        wait_s = (dates.seconds(text) or now_s) - now_s
    return min(max(0, wait_s), RETRY_AFTER_MAX_S)


def _made_s(headers, now_s):
    made_s = dates.seconds(headers.get("Date", ""))
    return now_s if made_s is None else made_s


def _whole(text):
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
