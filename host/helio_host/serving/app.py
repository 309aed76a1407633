"""What boards and people ask `helio serve` for, over HTTP.

`/feeds/NAME` and `/weather/NAME` are small documents, `/feeds/` and `/weather/` say which there are,
one a line, and `/` is a page for people.
"""

import asyncio
import hashlib
from urllib.parse import quote

from aiohttp import web

from helio import __version__
from helio.errors import BadArgument
from helio_host.serving.pages import page

KINDS = ("feeds", "weather")
_SERVER = "helio/%s" % __version__
_STALE = '111 helio "Revalidation Failed"'  # RFC 7234 section 5.5.2
_PAGE_HEADERS = {
    "Server": _SERVER,
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def make_app(served):
    """The aiohttp Application for a `served.Served`."""
    views = Views(served)
    app = web.Application(middlewares=[_in_words(served.report)])
    app.router.add_get("/", views.page)
    for kind in KINDS:
        app.router.add_get("/%s/" % kind, views.listing)
        app.router.add_get("/%s/{name}" % kind, views.document)
        app.router.add_get("/%s/{name}/{file}" % kind, views.document)
    return app


def _in_words(report):
    """Errors as one line of text."""

    @web.middleware
    async def answer(request, handler):
        try:
            return await handler(request)
        except web.HTTPException as error:
            text = {404: "there is no such page: / says what there is", 405: "only GET and HEAD are answered here"}
            headers = {name: value for name, value in error.headers.items() if name == "Allow"}
            return refusal(error.status, text.get(error.status, error.reason), **headers)
        except Exception as error:
            report(request.path, "it could not be answered (%r): please report this" % error)
            return refusal(500, "this could not be answered, by a mistake of helio serve")

    return answer


def refusal(status, text, **headers):
    """A response of one line that says what is wrong."""
    headers = {"Server": _SERVER, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers}
    return web.Response(status=status, text=text + "\n", headers=headers)


class Views:
    """The handlers of the requests."""

    def __init__(self, served):
        self._served = served

    async def page(self, request):
        """What is served, for people."""
        folders = await self._served.look_into_folders()
        return web.Response(text=page(self._served, folders), content_type="text/html", headers=_PAGE_HEADERS)

    async def listing(self, request):
        """The addresses there are of this kind, relative to this one, a line each."""
        kind = request.path.strip("/")
        copies = self._served.copies
        await asyncio.gather(*[copy.refresh() for copy in copies.values() if copy.digest is None and not copy.problem])
        lines = []
        for name, copy in copies.items():
            if _is(copy, kind):
                lines.append(name)
        for name, files in (await self._served.look_into_folders()).items():
            lines += ["%s/%s" % (name, quote(file)) for file, copy in files.items() if _is(copy, kind)]
        return web.Response(text="".join([line + "\n" for line in lines]), headers=_PAGE_HEADERS)

    async def document(self, request):
        """A small document, or why there is none."""
        name = request.match_info["name"]
        file = request.match_info.get("file")
        copy = self._served.copy(name, file)
        if copy is None:
            return self._no_copy(name, file)
        if not copy.is_fresh():
            await copy.refresh()
        if copy.digest is None:
            wait = {"Retry-After": str(copy.retry_s)} if copy.retry_s else {}
            return refusal(503, "%s cannot be had now: %s" % (name, copy.problem or "it is still waited for"), **wait)
        kind = request.path[1:].partition("/")[0]
        if copy.digest.kind != kind:
            return refusal(404, "%s is not under /%s/ but under /%s/" % (name, kind, copy.digest.kind))
        try:
            body, etag = copy.rendered(request.query_string, lambda digest: _render(digest, copy.choice, request.query))
        except BadArgument as error:
            return refusal(400, str(error))
        headers = {
            "Server": _SERVER,
            "ETag": etag,
            "Age": str(copy.age_s),
            "Cache-Control": "max-age=%d" % copy.lifetime_s if copy.lifetime_s else "no-cache",
        }
        if copy.is_stale:
            headers["Warning"] = _STALE
        asked = request.headers.get("If-None-Match")
        if asked is not None and (asked == etag or _matches(asked, etag)):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = copy.digest.content_type
        headers["Accept-Ranges"] = "none"
        headers["X-Content-Type-Options"] = "nosniff"
        return web.Response(body=body, headers=headers)

    def _no_copy(self, name, file):
        source = self._served.sources.get(name)
        if source is None:
            return refusal(404, "nothing here is called so: / says what there is")
        if source.problem:
            return refusal(503, "%s cannot be served: %s" % (name, source.problem))
        if name in self._served.folders:
            if file is None:
                return refusal(404, "%s is a folder: add the name of a file in it, as %s/news.xml" % (name, name))
            return refusal(404, "there is no such file in %s" % name)
        return refusal(404, "%s is no folder" % name)


def _is(copy, kind):
    return copy.digest is not None and copy.digest.kind == kind


def _render(digest, choice, query):
    body = digest.small(choice.changed(query.items()))
    return body, '"%s"' % hashlib.sha256(body).hexdigest()[:16]


def _matches(asked, etag):
    """Whether If-None-Match names that ETag, by weak comparison (RFC 9110 section 13.1.2)."""
    found = [one.strip() for one in asked.split(",")]
    return etag in [one[2:] if one.startswith("W/") else one for one in found] or asked.strip() == "*"
