"""What queries and actions of every kind of record hand out: frozen values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from chorsu.records.fields import Words


@dataclass(frozen=True, slots=True)
class ErasedView:
    """Why something is gone, as readers are told; `ground` is empty if its node did not say."""

    blob: str
    origin: str
    what: str
    record_id: uuid.UUID
    revision: int
    ground: str
    words: str
    language: str
    named: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text without its words. `revision` is that of the original it gives."""

    language: str
    provenance: str
    revision: int
    translated_by: str
    translated_on: date | None
    supplied_by: str
    stale: bool


@dataclass(frozen=True, slots=True)
class TextView(TextLine):
    """A text with its words."""

    title: str
    summary: str
    words: Words


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a record or draft; its bytes are the blob `sha256`.

    `erased`: why they are gone. Its name is empty then if it may not be shown.
    """

    sha256: str
    name: str
    media_type: str
    size: int
    language: str
    width: int | None
    height: int | None
    erased: ErasedView | None = None

    @property
    def is_image(self) -> bool:
        """Whether a page may show it in place."""
        return self.media_type in ("image/jpeg", "image/png", "image/webp")


class RecordColumns(TypedDict):
    """What every record says of itself, but for its texts; `is_own`: this node is the origin."""

    id: str
    origin: str
    is_own: bool
    institution_id: str
    revision: int
    audience: str
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    arrived_at: datetime
    blob: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its page shows it: the text chosen for the reader, and the original."""

    id: str
    origin: str
    is_own: bool
    institution_id: str
    revision: int
    audience: str
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    arrived_at: datetime
    blob: str
    text: TextView
    original: TextView
    texts: Sequence[TextLine]
    files: Sequence[FileView]


class CardColumns(TypedDict):
    """What a card says of every record, but for the text chosen."""

    id: str
    origin: str
    institution_id: str
    revision: int
    audience: str
    original_language: str
    published_at: datetime
    updated_at: datetime


class CardText(TypedDict):
    """What a card says of the text chosen for the reader, and the languages there are."""

    text_language: str
    provenance: str
    supplied_by: str
    stale: bool
    title: str
    summary: str
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class RecordCard:
    """A record in a list: the title and summary chosen for the reader.

    `supplied_by` is the node that published the chosen text, as `origin` is the record's.
    """

    id: str
    origin: str
    institution_id: str
    revision: int
    audience: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    country: str
    themes: Sequence[str]
    text_language: str
    provenance: str
    supplied_by: str
    stale: bool
    title: str
    summary: str
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfferedText:
    """A text of one's own record for the rest of the world; `words` is empty where not asked."""

    language: str
    provenance: str
    revision: int
    translated_by: str
    translated_on: date | None
    title: str
    summary: str
    place: str
    words: Words


@dataclass(frozen=True, slots=True)
class OfferedRecord:
    """One's own public record with the texts that this node published, the original first."""

    id: str
    institution_id: str
    revision: int
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    texts: Sequence[OfferedText]
    files: Sequence[FileView]


@dataclass(frozen=True, slots=True)
class Left:
    """What stays of a revision's words elsewhere after it is erased.

    `translations`: languages whose text in the present revision is still of that one; `drafts`:
    how many drafts hold its text.
    """

    translations: Sequence[str]
    drafts: int


@dataclass(frozen=True, slots=True)
class CommentView:
    """A remark on a field of a draft; `field` is empty for the whole draft."""

    id: int
    field: str
    text: str
    person: str
    at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """An earlier save of a draft."""

    version: int
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a log's entry published, with what the entry says; `payload` has the hash `blob`.

    An empty `payload` is a withdrawal whose reason is not to be had. `index` is the entry's.
    """

    payload: bytes
    record_id: str
    revision: int
    audience: str
    index: int
    at: datetime
    blob: str

    @property
    def named(self) -> tuple[str, int, str]:
        """What a published form has to say too: id, revision and audience."""
        return self.record_id, self.revision, self.audience


@dataclass(frozen=True, slots=True)
class ForServices:
    """A record as the services ask after it; `texts`: language -> newest revision given in it."""

    revision: int
    original_language: str
    withdrawn: bool
    texts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OrphanedText:
    """A translation, a record of its own, whose record was withdrawn or has outgrown it.

    `withdrawal` is the blob with which this node withdraws it; empty if a peer published it.
    """

    kind: str
    record_id: str
    revision: int
    audience: str
    withdrawal: bytes


@dataclass(frozen=True, slots=True)
class RetoldText:
    """A translation of this node, to be published again: its record has other readers now."""

    kind: str
    record_id: str
    revision: int
    audience: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class ApprovedTranslation:
    """What the feed needs to know: the record again (one's own), or a text record of its own.

    `translated` is the id of what readers see.
    """

    translated: str
    kind: str
    record_id: str
    revision: int
    audience: str
    payload: bytes
    files: Sequence[str] = ()


ACCEPTED, SUPERSEDED = "accepted", "superseded"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of something a peer published.

    `outcome` is `accepted`, or `superseded` when a later entry is in already (nothing changed).
    `record_id` is what readers see: of a translation, the record that it translates. `texts` maps
    language to the revision its best text gives; both serve the steps that follow. `orphans` and
    `retold` are what this node has to say of translations.
    """

    record_id: str
    outcome: str
    revision: int = 0
    original_language: str = ""
    texts: Mapping[str, int] | None = None
    files: Sequence[tuple[str, int, str]] = ()  # sha256, bytes, media type: blobs to be fetched
    orphans: Sequence[OrphanedText] = ()
    retold: Sequence[RetoldText] = ()
