"""Reading practices: what is published, what is in work, and what search is given."""

from chorsu.practices.queries.counting import counts
from chorsu.practices.queries.indexing import (
    document_for_search,
    practice_for_services,
    text_records,
    texts_by_language,
)
from chorsu.practices.queries.offering import Facet, ids_in, offered, places_of_gone
from chorsu.practices.queries.published import (
    file_names,
    file_of,
    history,
    latest,
    practice,
    practices,
    practices_by_id,
    revision,
    texts,
)
from chorsu.practices.queries.work import (
    beginning,
    draft,
    draft_version,
    draft_versions,
    drafts_for,
    may_edit,
    moved_draft,
    translation,
)

__all__ = [
    "Facet",
    "beginning",
    "counts",
    "document_for_search",
    "draft",
    "draft_version",
    "draft_versions",
    "drafts_for",
    "file_names",
    "file_of",
    "history",
    "ids_in",
    "latest",
    "may_edit",
    "moved_draft",
    "offered",
    "places_of_gone",
    "practice",
    "practice_for_services",
    "practices",
    "practices_by_id",
    "revision",
    "text_records",
    "texts",
    "texts_by_language",
    "translation",
]
