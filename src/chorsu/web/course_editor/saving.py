"""Saving what a page of the editor holds, beside whoever saves other pages of the same draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import CourseDraftConflict
from chorsu.training.queries import courses as queries
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import Facts, clean_words
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_editor.desk import Desk
from chorsu.web.course_editor.scopes import Mark, said
from chorsu.web.drafting.merging import Copy

_TRIES = 5
"""Saves of other pages that may come between a look at the draft and this save of it."""


class PartConflict(Exception):  # noqa: N818 - says what is wrong
    """Somebody else saved the same page in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: CourseDraftView) -> None:
        super().__init__(f"{current.id} version {current.version}")
        self.current = current


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """Words and facts that are right, of no save yet."""

    words: Mapping[str, str]
    facts: Facts


def save_part(desk: Desk, part: Copy, mark: Mark, person: Person) -> CourseDraftView:
    """Put a page's part into the newest save, if that part says there what the page was read with.

    Raises `PartConflict`, `InvalidRecord`, `NoSuchCourseDraft`, `NotAllowed`.
    """
    draft = desk.draft
    for _try in range(_TRIES):
        draft = queries.draft(draft.id, person)
        here = desk.on(draft)
        if said(here.scope.take(draft, here.record)) != mark.said:
            raise PartConflict(draft)
        words, facts = desk.scope.put(part, draft)
        try:
            return actions.save_draft(
                draft_id=draft.id,
                version=draft.version,
                words=words,
                facts=facts,
                audience=part.record.get("audience") or None,
                licence=part.record.get("licence") or None,
                note=part.record.get("note"),
                by=person,
                now=utc_now(),
            )
        except CourseDraftConflict:
            continue
    raise PartConflict(draft)


def cleaned(desk: Desk, part: Copy) -> Copy:
    """A part as it would be saved into the draft of the desk; raises `InvalidRecord`."""
    words, facts = desk.scope.put(part, desk.draft)
    errors: list[FieldError] = []
    clean: dict[str, object] = {}
    for name, rule, raw in (("words", clean_words, words), ("facts", clean_facts, facts)):
        try:
            clean[name] = rule(raw)
        except InvalidRecord as invalid:
            errors += invalid.errors
    if errors:
        raise InvalidRecord(errors)
    whole = _Cleaned(cast("Mapping[str, str]", clean["words"]), cast("Facts", clean["facts"]))
    return desk.scope.take(whole, part.record)
