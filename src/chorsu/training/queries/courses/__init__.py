"""Reading courses: what is published, what is in work, what a cohort is taught, what search is
given.
"""

from chorsu.training.queries.courses.erasing import (
    erased_reason,
    file_places,
    file_shown,
    files_named,
    left_of,
    origin_of,
    original_titles,
    says_now,
)
from chorsu.training.queries.courses.listing import counts, courses, courses_by_id, latest
from chorsu.training.queries.courses.published import (
    course,
    file_of,
    history,
    taught,
    texts,
)
from chorsu.training.queries.courses.serving import (
    course_for_services,
    document_for_search,
    revisions_by_language,
    text_records,
)
from chorsu.training.queries.courses.showing import courses_showing
from chorsu.training.queries.courses.work import (
    draft,
    draft_version,
    draft_versions,
    drafts_for,
    language_states,
    practices_shown,
    texts_beside,
    translation,
)

__all__ = [
    "counts",
    "course",
    "course_for_services",
    "courses",
    "courses_by_id",
    "courses_showing",
    "document_for_search",
    "draft",
    "draft_version",
    "draft_versions",
    "drafts_for",
    "erased_reason",
    "file_of",
    "file_places",
    "file_shown",
    "files_named",
    "history",
    "language_states",
    "latest",
    "left_of",
    "origin_of",
    "original_titles",
    "practices_shown",
    "revisions_by_language",
    "says_now",
    "taught",
    "text_records",
    "texts",
    "texts_beside",
    "translation",
]
