"""A bare aiohttp handler that answers every conditional request with 304, for `serving.py`.

serve_bare.py SHARED    (prints the port it answers on)
"""

import asyncio
import socket

from aiohttp import web

ETAG = '"0123456789abcdef"'
BODY = bytes(1500)


async def document(request):
    if request.headers.get("If-None-Match") == ETAG:
        return web.Response(status=304, headers={"ETag": ETAG})
    return web.Response(body=BODY, headers={"ETag": ETAG})


async def main():
    app = web.Application()
    app.router.add_get("/feeds/{name}", document)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as sock:
        await web.SockSite(runner, sock).start()
        print(sock.getsockname()[1], flush=True)
        await asyncio.Event().wait()


asyncio.run(main())
