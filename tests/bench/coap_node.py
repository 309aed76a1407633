"""CoAP servers for `coap_server.py` and `coap_pair.py`: `GET /temperature` by a helio Node or by
aiocoap, a bare UDP echo beside them. Both interpreters run the first and the last.

    coap_node.py SHARED node|aiocoap|echo    (prints the port it answers on)
"""

import sys

sys.path.insert(0, sys.argv[1])

ADDRESS = "127.0.0.1"


def announce(port):
    print(port)
    if hasattr(sys.stdout, "flush"):  # MicroPython's has none, and keeps nothing back
        sys.stdout.flush()


def node():
    from helio import runtime
    from helio.node import Node

    async def say_port(node):
        announce(node.coap_port)

    runtime.services[:] = [say_port]
    server = Node("bench", address=ADDRESS, port=None, coap_port=0)
    server.publish("temperature", 21.5)
    server.run()


def aiocoap():
    import asyncio
    import socket

    from aiocoap import Context, Message
    from aiocoap.resource import Resource, Site

    class Temperature(Resource):
        async def render_get(self, request):
            return Message(payload=b"21.5", content_format=50)

    async def run():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((ADDRESS, 0))
            port = sock.getsockname()[1]
        site = Site()
        site.add_resource(["temperature"], Temperature())
        await Context.create_server_context(site, bind=(ADDRESS, port))
        announce(port)
        await asyncio.get_running_loop().create_future()

    asyncio.run(run())


def echo():
    from helio import runtime

    sock, port = runtime.open_any_port(ADDRESS)
    sock.setblocking(True)
    announce(port)
    while True:
        data, sender = sock.recvfrom(1281)
        sock.sendto(data, sender)


{"node": node, "aiocoap": aiocoap, "echo": echo}[sys.argv[2]]()
