"""uvicorn's settings as `chorsu serve` needs them.

A worker process takes them up before Django is ready: nothing of the product is imported here.
"""

from __future__ import annotations

import socket

import uvicorn


class ServerConfig(uvicorn.Config):
    """As uvicorn's, with a socket whose connections send each piece of an answer at once.

    asyncio asks for that only of sockets it opened itself. On the one that several workers share,
    the body would wait for the reader to acknowledge the head: 40 ms for each page on a connection
    that is kept. What is accepted inherits the option.
    """

    def bind_socket(self) -> socket.socket:
        """The socket on which all workers accept."""
        bound = super().bind_socket()
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
