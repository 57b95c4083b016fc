"""What a person wrote of practices that are in work, for them to take away."""

from __future__ import annotations

from chorsu.institutions.models import Person
from chorsu.institutions.personal import Row, columns
from chorsu.practices.models import Comment, Draft, DraftVersion, TranslationDraft


def kept_on(person: Person) -> dict[str, list[Row]]:
    """Drafts they saved last, their saves of any, their remarks, their translations; of a draft
    they only began that they did: what is in it by now others may have written.

    Who wrote what was published the audit log alone knows. Five queries.
    """
    return {
        "drafts_begun": columns(Draft, "created_by", person, "id", "institution_id", "created_at"),
        "drafts": columns(Draft, "saved_by", person),
        "saves_of_drafts": columns(DraftVersion, "saved_by", person),
        "remarks": columns(Comment, "person", person),
        "translations": columns(TranslationDraft, "saved_by", person),
    }
