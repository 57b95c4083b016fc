"""Answers that are sent as they are read or made. An async server would gather a plain iterator
whole in memory first, so it is given one of its own sort.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK_BYTES = 1 << 16


def part_of(request: HttpRequest, file: BinaryIO, length: int) -> PlainPart | AsyncPart:
    """So many bytes of a file from where it stands, for this server; closes the file."""
    kind = AsyncPart if isinstance(request, ASGIRequest) else PlainPart
    return kind(file, length)


def as_made(request: HttpRequest, pieces: Iterator[str]) -> Iterator[str] | AsyncIterator[str]:
    """Pieces of a text that are made when they are asked for, one at a time."""
    return _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces


def whole_file(
    request: HttpRequest, file: BinaryIO, *, name: str, content_type: str
) -> HttpResponseBase:
    """All of an open file, to be saved under a name; closes it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": disposition or "attachment",
        "Content-Length": str(size),
    }
    if request.method == "HEAD":
        file.close()
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(part_of(request, file, size), headers=headers)


class _Part:
    """So many bytes of a file from where it stands; closed with the response, read or not."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length
        self.close = file.close

    def next(self) -> bytes:
        """The next chunk; empty at the end."""
        chunk = self._file.read(min(CHUNK_BYTES, self._left))
        self._left -= len(chunk)
        return chunk


class PlainPart(_Part):
    """For a server that waits for each chunk."""

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.next():
            yield chunk


class AsyncPart(_Part):
    """For a server that does other things meanwhile."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await sync_to_async(self.next, thread_sensitive=False)():
            yield chunk


async def _one_by_one(pieces: Iterator[str]) -> AsyncIterator[str]:
    def following() -> str | None:
        return next(pieces, None)

    # In the thread of the page: what makes them may ask the database.
    while (piece := await sync_to_async(following)()) is not None:
        yield piece
