"""Forking: a course of one's own begun from a published one, in all the languages that it has."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from chorsu.exchange import blobs
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution, institutions
from chorsu.institutions.writing import ready_text, require_own, require_writer
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import by_tag
from chorsu.language.rules import best_by_language, in_language_order
from chorsu.records.content import Content
from chorsu.records.fields import TRANSLATED_BY_MAX, InvalidRecord, Words
from chorsu.records.forms import PublishedText
from chorsu.training.actions.courses.drafting import begun
from chorsu.training.actions.courses.guards import locked_course
from chorsu.training.actions.courses.storing import give_files, hand_to_translators, store_text
from chorsu.training.errors.courses import NoSuchCourse
from chorsu.training.models import Course, CourseDraft, CourseDraftText, CourseFile, CourseText
from chorsu.training.rules.fields import Facts, Source, TakenText
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.wire.entry import PUBLIC


@transaction.atomic
def fork(
    *, course_id: str, institution_id: str, language: str, by: Person, now: datetime
) -> CourseDraftView:
    """A draft of a new course of this node with the outline, files and texts of a published one,
    one's own or a peer's; `facts.forked_from` says which. Its words are the text in `language`,
    in which the new course is then written; the texts in other languages wait to be published
    with it. Its readers are those of the published one, until an editor decides otherwise. Files
    that are not here yet are left out.

    Raises `NoSuchCourse` (also without a text in the language), `CourseWithdrawn`, `NotAllowed`.
    """
    require_own(institution_id, Role.CONTRIBUTOR)
    require_writer(by, institution_id)
    row = locked_course(course_id)
    best = best_by_language(in_language_order(row.texts.all()), row.original_language)
    text = best.get(by_tag(language).tag)
    if text is None:
        raise NoSuchCourse(f"{course_id} has no text in {language}")
    facts: Facts = row.facts
    draft = CourseDraft(
        id=uuid.UUID(new_id()),
        institution_id=institution_id,
        language=text.language,
        audience=row.audience,
        licence=row.licence,
        facts=Facts(**{**facts, "forked_from": _source(row, text)}),
        words=text.words,
    )
    _take_files(row, draft)
    view = begun(draft, by, now, "course-draft.forked", **{"from": str(row.pk)})
    for one in best.values():
        taken = CourseDraftText(draft=draft, supplied_by=one.supplied_by, audience=row.audience)
        taken.become(_told(one, row))
        taken.save()
    return view


@dataclass(frozen=True, slots=True)
class Carried:
    """Texts that a draft brings along, made to fit what is published now.

    Its words as they were taken over count as revision 1 of the new course. `behind` is 1 if they
    were changed since, so that the texts which give that revision are out of date; else 0.
    `texts` are published, `held` are for translators to look at first.
    """

    texts: tuple[PublishedText, ...]
    held: tuple[PublishedText, ...]
    behind: int


def carried_by(draft: CourseDraft, content: Content[Facts]) -> Carried:
    """The texts that a draft brings along; none if it is no fork that is published first.

    Held back is one that names a person of this node, or that was for the network when the course
    becomes public.
    """
    rows = {row.language: row for row in draft.texts.all()}
    own = rows.pop(content.language, None)
    if own is None:
        return Carried((), (), 0)
    same = {row.language for row in rows.values() if row.revision == own.revision}
    if any(own.words.get(name) != text for name, text in content.words.items()):
        same = set()
    behind = int(same != rows.keys())
    texts, held = [], []
    for tag, row in rows.items():
        words = {name: text for name, text in row.words.items() if name in content.words}
        text = replace(row.published(), revision=1 + behind * (tag in same), words=words)
        fit = _fit(text, words, content.language)
        if fit is None or (row.audience != PUBLIC and content.audience == PUBLIC):
            held.append(text)
        else:
            texts.append(fit)
    return Carried(tuple(texts), tuple(held), behind)


def publish_carried(row: Course, carried: Carried, now: datetime) -> None:
    """Make the texts those of the course, or work for its translators."""
    for text in carried.texts:
        store_text(row, text)
    for text in carried.held:
        hand_to_translators(row, text, now)


def _fit(text: PublishedText, words: Words, original_language: str) -> PublishedText | None:
    """The text as `publish` lets it pass; None if it doesn't."""
    try:
        return ready_text(text, words, original_language)
    except InvalidRecord:
        return None


def _source(row: Course, text: CourseText) -> Source:
    source = Source(course=str(row.pk), revision=text.revision, origin=row.origin)
    if text.language != row.original_language:
        source["text"] = TakenText(
            language=text.language,
            provenance=text.provenance,
            translated_by=_translator(text),
        )
    return source


def _translator(text: CourseText) -> str:
    """Who translated; of what another node made and signed with no name, its institution."""
    if text.translated_by or text.record_id is None:
        return text.translated_by
    hosts = (one for one in institutions() if one.node == text.supplied_by and not one.parent_id)
    host = next(hosts, None)
    named = host.name(text.language) if host else text.supplied_by
    return named[:TRANSLATED_BY_MAX]


def _told(text: CourseText, row: Course) -> PublishedText:
    """A text as one of the new course; the words of the source's author are its institution's."""
    told = text.published()
    if text.language != row.original_language:
        return replace(told, translated_by=_translator(text))
    named = institution(row.institution_id).name(text.language)[:TRANSLATED_BY_MAX]
    return replace(told, provenance="human", translated_by=named)


def _take_files(row: Course, draft: CourseDraft) -> None:
    files = list(CourseFile.objects.filter(course_id=row.pk, current=True))
    here = blobs.hold(blobs.all_here([file.sha256 for file in files]))
    give_files((file for file in files if file.sha256 in here), draft.pk)
