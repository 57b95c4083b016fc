"""Bodies of requests are capped while they come, before Django sees any of them.

Django's ASGI handler writes the whole body of a request into a temporary file and asks the view
only then. A stranger could fill the disk with a body that never ends, at any address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

EXCHANGE = "/exchange/"
CARRIED = "/node/bundles/take-in/"
_HEAD: Message = {
    "type": "http.response.start",
    "status": 413,
    "headers": [(b"content-length", b"0"), (b"connection", b"close")],
}


class CappedBodies:
    """An application that is given no more of a body than the cap of its path, in bytes.

    One that is announced as longer is not read: the view knows the length too and says so in its
    own way. One that proves longer, as a chunked one may, is answered with 413.
    """

    def __init__(
        self, app: App, *, exchange_bytes: int, carried_bytes: int, other_bytes: int
    ) -> None:
        self._app = app
        self._exchange_bytes = exchange_bytes
        self._carried_bytes = carried_bytes
        self._other_bytes = other_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cap = self._cap(scope["path"])
        body = _unread(receive) if _announced(scope) > cap else _counted(receive, send, cap)
        await self._app(scope, body, send)

    def _cap(self, path: str) -> int:
        if path.startswith(EXCHANGE):
            return self._exchange_bytes
        return self._carried_bytes if path.endswith(CARRIED) else self._other_bytes


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _unread(receive: Receive) -> Receive:
    """No body at all; what comes of it is dropped until the other side goes."""
    begun = False

    async def given() -> Message:
        nonlocal begun
        if not begun:
            begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] == "http.request":
            pass
        return message

    return given


def _counted(receive: Receive, send: Send, cap: int) -> Receive:
    taken = 0

    async def given() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken <= cap:
            return message
        await send(_HEAD)
        await send({"type": "http.response.body", "body": b""})
        return {"type": "http.disconnect"}

    return given
