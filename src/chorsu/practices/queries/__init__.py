"""Reading practices: what is published, what is in work, and what search is given."""

from chorsu.practices.queries.counting import counts
from chorsu.practices.queries.erasing import (
    erased_reason,
    file_places,
    file_shown,
    files_named,
    left_of,
    origin_of,
    original_title,
    original_titles,
    says_now,
)
from chorsu.practices.queries.indexing import (
    document_for_search,
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
    "erased_reason",
    "file_names",
    "file_of",
    "file_places",
    "file_shown",
    "files_named",
    "history",
    "ids_in",
    "latest",
    "left_of",
    "may_edit",
    "moved_draft",
    "offered",
    "origin_of",
    "original_title",
    "original_titles",
    "places_of_gone",
    "practice",
    "practices",
    "practices_by_id",
    "revision",
    "says_now",
    "text_records",
    "texts",
    "texts_by_language",
    "translation",
]
