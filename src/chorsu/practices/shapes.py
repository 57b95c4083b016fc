"""What queries and actions hand out: frozen values, no rows of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chorsu.exchange.erasures import ErasedView
from chorsu.practices.rules import Facts, Words


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
    """A file of a practice or draft; its bytes are the blob `sha256`.

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


@dataclass(frozen=True, slots=True)
class PracticeView:
    """A practice as its page shows it: the text chosen for the reader, and the original."""

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
    facts: Facts
    text: TextView
    original: TextView
    texts: Sequence[TextLine]
    files: Sequence[FileView]
    blob: str


@dataclass(frozen=True, slots=True)
class OfferedText:
    """A text of one's own practice for the rest of the world; `words` is empty where not asked."""

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
class OfferedPractice:
    """One's own public practice with the texts that this node published, the original first."""

    id: str
    institution_id: str
    revision: int
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    facts: Facts
    texts: Sequence[OfferedText]
    files: Sequence[FileView]


@dataclass(frozen=True, slots=True)
class PracticeCard:
    """A practice in a list: the title and summary chosen for the reader.

    `supplied_by` is the node that published the chosen text, as `origin` is the practice's.
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
    level: str
    status: str
    themes: Sequence[str]
    goals: Sequence[int]
    year_from: int | None
    year_to: int | None
    text_language: str
    provenance: str
    supplied_by: str
    stale: bool
    title: str
    summary: str
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `next_cursor` is empty at the end."""

    items: Sequence[PracticeCard]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of practices is narrowed to; empty: not narrowed. A year: it ran in that year."""

    theme: str = ""
    goal: int | None = None
    country: str = ""
    institution: str = ""
    level: str = ""
    language: str = ""
    year: int | None = None
    status: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Visible practices by facet; a practice counts once in `total`, in `year` in every
    year in which it ran, up to this one.
    """

    total: int
    theme: Mapping[str, int]
    goal: Mapping[str, int]
    country: Mapping[str, int]
    institution: Mapping[str, int]
    level: Mapping[str, int]
    language: Mapping[str, int]
    year: Mapping[str, int]
    status: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One revision in a history; `is_here` is False if this node never had its words.

    `is_closed`: it was published to the network, and this reader may not read it. `erased`: why
    its words are gone.
    """

    revision: int
    published_at: datetime
    note: str
    is_here: bool
    is_closed: bool
    erased: ErasedView | None


@dataclass(frozen=True, slots=True)
class RevisionView(RevisionLine):
    """What one revision's original said."""

    language: str
    facts: Facts
    words: Words


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
class Beginning:
    """The practice of one's own institution with whose text a draft of a new one is begun."""

    practice_id: str
    institution_id: str
    revision: int
    language: str
    title: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a work list. A title that is refused for now still says what it is."""

    id: str
    institution_id: str
    state: str
    version: int
    based_on: int
    language: str
    title: str
    saved_by: str
    saved_at: datetime
    open_comments: int
    began: Beginning | None


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its page shows it. `based_on` is the published revision; 0: not yet published.

    `refused`: what was typed and the rules refuse, by path (`rules.with_refused`).
    """

    id: str
    institution_id: str
    state: str
    version: int
    based_on: int
    language: str
    audience: str
    licence: str
    note: str
    facts: Facts
    words: Words
    refused: Mapping[str, str]
    began: Beginning | None
    created_by: str
    saved_by: str
    created_at: datetime
    saved_at: datetime
    files: Sequence[FileView]
    comments: Sequence[CommentView]


@dataclass(frozen=True, slots=True)
class DraftVersionView(VersionLine):
    """What an earlier save of a draft said."""

    words: Words
    facts: Facts
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A translation beside what it is made from.

    `version` is 0 before the first save. `source` is the original as published now. `words` are
    those in work, or else the published text's, or none. `published` is the text readers have.
    """

    practice_id: str
    language: str
    version: int
    provenance: str
    translated_by: str
    revision: int
    words: Words
    saved_by: str
    saved_at: datetime | None
    source: TextView
    published: TextView | None


@dataclass(frozen=True, slots=True)
class OrphanedText:
    """A translation, a record of its own, whose practice was withdrawn or has outgrown it.

    `withdrawal` is the blob with which this node withdraws it; empty if a peer published it.
    """

    record_id: str
    revision: int
    audience: str
    withdrawal: bytes


@dataclass(frozen=True, slots=True)
class RetoldText:
    """A translation of this node, to be published again: its practice has other readers now."""

    record_id: str
    revision: int
    audience: str
    payload: bytes


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
class AcceptedPractice:
    """What became of something a peer published.

    `outcome` is `accepted`, or `superseded` when a later entry is in already (nothing changed).
    `texts` maps language to the revision its best text gives; both serve the steps that follow.
    """

    practice_id: str
    outcome: str
    revision: int = 0
    original_language: str = ""
    texts: Mapping[str, int] | None = None
    files: Sequence[tuple[str, int, str]] = ()  # sha256, bytes, media type: blobs to be fetched
    orphans: Sequence[OrphanedText] = ()
    retold: Sequence[RetoldText] = ()
