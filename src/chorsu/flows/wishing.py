"""Wishing: a reader opens a file that is not here yet; its origin is asked for it at once.

Who asks may read the practice, and wishes are bounded: the peer is asked about one file no more
than once a minute, whoever asks and however often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, wanting
from chorsu.exchange.actions import Wish
from chorsu.exchange.wanting import MB, ComingFile
from chorsu.flows.peering import look_now
from chorsu.practices import queries
from chorsu.practices.shapes import PracticeView
from chorsu.records.shapes import FileView
from chorsu.records.viewer import Viewer
from chorsu.wire.entry import NETWORK, PUBLIC


class NoSuchFile(LookupError):  # noqa: N818 - says what is wrong
    """The practice, as it is now, has no such file."""


@dataclass(frozen=True, slots=True)
class WishedFile:
    """A file of a practice; `coming` is None when it is here, or nobody can be asked for it."""

    practice: PracticeView
    file: FileView
    coming: ComingFile | None
    too_many: bool = False
    too_large: bool = False


def wish_file(*, practice_id: str, sha256: str, viewer: Viewer, now: datetime) -> WishedFile:
    """Have a file fetched that the reader wants, if it is not here; says how it stands.

    Raises `NoSuchFile`, and as `practices.queries.practice` for who may not read it.
    """
    practice = queries.practice(practice_id, viewer)
    file = next((one for one in practice.files if one.sha256 == sha256), None)
    if file is None:
        raise NoSuchFile(sha256)
    if file.size > settings.NODE.number("files.max_mb") * MB:
        coming = wanting.coming_files(practice.id).get(sha256)
        return WishedFile(practice, file, coming, too_large=True)
    with transaction.atomic():
        came_of_it, peer_name = actions.wish(
            record_id=practice.id, sha256=sha256, member=viewer.member, now=now
        )
        if came_of_it is Wish.NOTED:
            transaction.on_commit(lambda: look_now(name=peer_name, now=now))
    coming = wanting.coming_files(practice.id).get(sha256)
    return WishedFile(practice, file, coming, too_many=came_of_it is Wish.TOO_MANY)


def where_to_wish(*, sha256: str, member: bool) -> str | None:
    """The id of a practice whose reader may wish for this blob, or None."""
    audiences = (PUBLIC, NETWORK) if member else (PUBLIC,)
    record = wanting.record_wanting(sha256, audiences=audiences)
    return None if record is None else str(record)
