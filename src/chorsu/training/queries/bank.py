"""The questions of a course: as quizzes draw and ask them, and as their editors see them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import may_edit
from chorsu.kernel.languages import TAGS
from chorsu.records.fields import FieldError
from chorsu.training.analysis import TableRow
from chorsu.training.errors.bank import NoSuchBank, NoSuchQuestion
from chorsu.training.formats.questions import Found, Trouble
from chorsu.training.items import (
    Candidate,
    Item,
    ItemText,
    gaps_agree,
    missing_words,
    text_in,
    undescribed,
)
from chorsu.training.items.pictures import in_words
from chorsu.training.items.showing import GAP
from chorsu.training.models import (
    Answer,
    Attempt,
    BankItem,
    Course,
    CourseDraft,
    CourseText,
    QuestionImport,
)
from chorsu.training.shapes.bank import (
    BankLine,
    BankPlace,
    ImportView,
    LanguageOfItem,
    OldTrouble,
    QuestionView,
)

TITLE_SHOWN = 120
MAX_ANSWERS = 200_000
"""Of the newest that an analysis looks at."""
_MARKS = re.compile(r"[*_`\\>#]+")
_KEPT = 4096
_cache: dict[tuple[int, str, int], Item] = {}


def candidates(course_id: uuid.UUID) -> list[Candidate]:
    """What a quiz of this course may draw. One query."""
    rows = BankItem.objects.filter(course_id=course_id, current=True)
    return [
        Candidate(str(item), version, competence)
        for item, version, competence in rows.values_list("item", "version", "competence")
    ]


def item_versions(asked: Sequence[tuple[str, int]]) -> dict[str, Item]:
    """Id -> question, each in the version asked for. A version never changes but by being erased,
    so that a process keeps for a minute what it has read: no query then, else one.
    """
    minute = int(time.monotonic() // 60)
    found = {one: _cache.get((minute, *one)) for one in asked}
    if missing := [one for one, item in found.items() if item is None]:
        oldest = next(iter(_cache), None)
        if len(_cache) > _KEPT or (oldest is not None and oldest[0] != minute):
            _cache.clear()
        wanted = Q()
        for item, version in missing:
            wanted |= Q(item=item, version=version)
        for row in BankItem.objects.filter(wanted):
            one = (str(row.item), row.version)
            found[one] = _cache[minute, *one] = item_of(row)
    return {one[0]: item for one, item in found.items() if item is not None}


def place(course_id: str) -> BankPlace:
    """The course or draft that a bank belongs to; a draft's title goes before what is published.
    At most two queries. Raises `NoSuchBank`.
    """
    key = _as_uuid(course_id)
    draft = CourseDraft.objects.filter(pk=key).first()
    if draft is not None:
        title = str(draft.words.get("title", ""))
        return BankPlace(str(key), draft.institution_id, title, draft.language, is_own=True)
    course = Course.objects.filter(pk=key, withdrawn_at=None).first()
    if course is None:
        raise NoSuchBank(course_id[:50])
    language = course.original_language
    titles = CourseText.objects.filter(course=course, provenance="original")
    title = titles.values_list("title", flat=True).first() or ""
    return BankPlace(str(key), course.institution_id, title, language, is_own=course.is_own)


def editable(course_id: str, person: Person) -> BankPlace:
    """The place of a bank for somebody who may edit it; raises `NoSuchBank` or `NotAllowed`."""
    found = place(course_id)
    if not found.is_own or not may_edit(person, found.institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)
    return found


def lines(course_id: str) -> list[BankLine]:
    """The questions of a bank, the retired ones last, by competence and age. One query."""
    rows = BankItem.objects.filter(course_id=_as_uuid(course_id))
    newest = rows.order_by("item", "-version").distinct("item")
    found = [line_of(item_of(row), retired=not row.current) for row in newest]
    return sorted(found, key=lambda one: (one.retired, one.competence, one.item))


def question(course_id: str, item: str) -> QuestionView:
    """The newest version of a question of a bank. One query. Raises `NoSuchQuestion`."""
    row = newest_row(course_id, item)
    return QuestionView(
        item=item_of(row),
        course_id=str(row.course_id),
        retired=not row.current,
        saved_by=row.saved_by.name if row.saved_by else "",
        saved_at=row.saved_at,
    )


def newest_row(course_id: str, item: str, *, locked: bool = False) -> BankItem:
    """The row of the newest version, with `locked` held; raises `NoSuchQuestion`."""
    rows = BankItem.objects.filter(course_id=_as_uuid(course_id), item=_as_uuid(item))
    rows = rows.select_for_update(of=("self",)) if locked else rows
    row = rows.select_related("saved_by").order_by("-version").first()
    if row is None:
        raise NoSuchQuestion(item[:50])
    return row


def current_items(course_id: str) -> list[Item]:
    """The questions that may be drawn, by age. One query."""
    return list(each_current_item(course_id))


def each_current_item(course_id: str) -> Iterator[Item]:
    """As `current_items`, a hundred in memory at a time."""
    rows = BankItem.objects.filter(course_id=_as_uuid(course_id), current=True)
    yield from map(item_of, rows.order_by("item").iterator(chunk_size=100))


def imports(course_id: str) -> list[ImportView]:
    """The files of a bank that wait to be kept, newest first. One query."""
    rows = QuestionImport.objects.filter(course_id=_as_uuid(course_id))
    return [import_view(row) for row in rows.select_related("made_by").order_by("-made_at")[:50]]


def question_import(course_id: str, import_id: str) -> ImportView:
    """A file that waits; raises `NoSuchQuestion`."""
    rows = QuestionImport.objects.filter(course_id=_as_uuid(course_id), pk=_as_uuid(import_id))
    row = rows.select_related("made_by").first()
    if row is None:
        raise NoSuchQuestion(import_id[:50])
    return import_view(row)


def answer_table(course_id: str) -> list[TableRow]:
    """The scored answers to the current questions of a bank, in every cohort, without anybody's
    name: learners are told apart by their attempt alone. Three queries.

    An answer counts if what was asked is what is asked now: the same facts, and the same words in
    the language in which it was read. Of a question that was put right, only what came after.
    """
    rows = BankItem.objects.filter(course_id=_as_uuid(course_id))
    items = {(str(row.item), row.version): item_of(row) for row in rows}
    now = {str(row.item): items[str(row.item), row.version] for row in rows if row.current}
    attempts = Attempt.objects.filter(
        enrolment__cohort__course=_as_uuid(course_id), handed_in_at__isnull=False
    )
    asked = {
        (attempt, item): version
        for attempt, drawn, versions in attempts.values_list("pk", "items", "versions")
        for item, version in zip(drawn, versions, strict=True)
    }
    answers = Answer.objects.filter(
        attempt__in=attempts, points__isnull=False, item__in=list(now)
    ).order_by("-saved_at")
    table = []
    for attempt, item, points, response, language in answers.values_list(
        "attempt_id", "item", "points", "response", "language"
    )[:MAX_ANSWERS]:
        was = items.get((item, asked.get((attempt, item), 0)))
        if was is None or not _asks_the_same(was, now[item], language):
            continue
        most = float(was.facts["points"])
        share = min(max(float(points or 0) / most, 0.0), 1.0)
        table.append(TableRow(str(attempt), item, share, _chosen(was, response), language))
    return table


def _asks_the_same(was: Item, item: Item, language: str) -> bool:
    _, then = text_in(was, language)
    _, today = text_in(item, language)
    return was.facts == item.facts and then.words == today.words


def item_of(row: BankItem) -> Item:
    """A row as a value."""
    return Item(
        id=str(row.item),
        version=row.version,
        original_language=row.original_language,
        facts=row.facts,
        texts={
            tag: ItemText(text["words"], text["provenance"], text["based_on"])
            for tag, text in row.texts.items()
        },
    )


def import_view(row: QuestionImport) -> ImportView:
    """A row as a value."""
    return ImportView(
        id=str(row.pk),
        course_id=str(row.course_id),
        name=row.name,
        competence=row.competence,
        found=[Found(one["place"], one["facts"], one["texts"]) for one in row.found],
        troubles=[_trouble(one) for one in row.troubles],
        made_by=row.made_by.name if row.made_by else "",
        made_at=row.made_at,
    )


def _trouble(kept: Mapping[str, Any]) -> Trouble | OldTrouble:
    if "params" not in kept:
        return OldTrouble(kept["place"], kept["code"], kept["detail"])
    errors = tuple(FieldError(one["field"], one["code"], one["params"]) for one in kept["errors"])
    return Trouble(kept["place"], kept["code"], kept["params"], errors)


def language_state(item: Item, language: str) -> LanguageOfItem:
    """How a question stands in a language."""
    text = item.texts.get(language)
    if text is None or not text.words:
        return LanguageOfItem(language, "", "")
    whole = (
        not missing_words(item.facts, text.words)
        and gaps_agree(item.facts, text.words)
        and not undescribed(item.facts, text.words)
    )
    stale = text.based_on < item.texts[item.original_language].based_on
    state = "stale" if stale else "complete" if whole else "partial"
    return LanguageOfItem(language, state, text.provenance)


def told(words: Mapping[str, str]) -> str:
    """What a question is called in a list: its name, or the beginning of its stem as plain text."""
    text = words.get("title") or _MARKS.sub("", in_words(GAP.sub("…", words.get("stem", ""))))
    line = " ".join(text.split())
    return line if len(line) <= TITLE_SHOWN else f"{line[:TITLE_SHOWN]}…"


def line_of(item: Item, *, retired: bool = False) -> BankLine:
    """A question as a list tells it."""
    return BankLine(
        item=item.id,
        version=item.version,
        type=item.facts["type"],
        competence=item.facts["competence"],
        difficulty=item.facts["difficulty"],
        points=item.facts["points"],
        title=told(item.texts[item.original_language].words),
        title_language=item.original_language,
        retired=retired,
        languages=[language_state(item, tag) for tag in TAGS],
    )


def _chosen(was: Item, response: Mapping[str, object]) -> tuple[str, ...]:
    """The options that a response chose, as `field.key`; what was typed could name somebody."""
    found = []
    for field in was.facts["fields"]:
        key, said = field["key"], response.get(field["key"])
        if field["kind"] == "choice" and isinstance(said, str):
            found.append(f"{key}.{said}")
        elif field["kind"] in ("choices", "order") and isinstance(said, list):
            found += [f"{key}.{one}" for one in said]
    return tuple(found)


def _as_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NoSuchBank(text[:50]) from None
