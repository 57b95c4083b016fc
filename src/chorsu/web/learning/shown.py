"""A course as a learner reads it: outline and units in words, for the player and for a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from chorsu.training.queries.learning import CourseInHand, StateView
from chorsu.training.rules.outline import PlacedUnit, placed
from chorsu.training.rules.surveys import SCALE, choices
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.lab_names import lab_name
from chorsu.web.labels import label
from chorsu.web.learning.glossary import Term, Terms
from chorsu.web.locales import language_name, page_language
from chorsu.web.markdown import Figure, to_html


@dataclass(frozen=True, slots=True)
class Line:
    """A unit in the outline; `url` is empty where it cannot be opened."""

    key: str
    number: int
    title: str
    language: str
    kind: str
    minutes: int
    url: str
    done: bool
    bookmarked: bool
    percent: object


@dataclass(frozen=True, slots=True)
class Part:
    """A module in the outline with its units."""

    number: int
    title: str
    language: str
    about: SafeString
    lines: Sequence[Line]
    minutes: int


@dataclass(frozen=True, slots=True)
class Track:
    """Captions of a video in one language."""

    url: str
    language: str
    name: str
    default: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the sizes a video comes in, the smallest first."""

    url: str
    current: bool
    choose: str


@dataclass(frozen=True, slots=True)
class FilmToKeep:
    """The smallest variant of a video with its captions: what a device keeps; `size` in bytes."""

    files: Sequence[str]
    size: int


@dataclass(frozen=True, slots=True)
class Film:
    """A video as the page plays it: one variant, the others to choose, captions.

    `keep` is None where the size of a file is not known.
    """

    url: str
    variants: Sequence[Variant]
    tracks: Sequence[Track]
    keep: FilmToKeep | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a survey: (value, words) of what it offers; none for a free text."""

    key: str
    kind: str
    text: str
    language: str
    offers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit in words. `language` is that of the body, which may not be that of the title."""

    place: PlacedUnit
    kind: str
    title: str
    title_language: str
    body: SafeString
    language: str
    points: SafeString
    points_language: str
    terms: Sequence[Term]
    module: str
    module_language: str
    film: Film | None
    questions: Sequence[Question]
    tool: str
    lab: str


def outline(
    course: CourseInHand,
    address: str,
    states: Mapping[str, StateView],
    percents: Mapping[str, object],
) -> list[Part]:
    """The modules with their units; `address` is a unit's with `{}` for its key, empty: none."""
    by_module: dict[str, list[PlacedUnit]] = {}
    for one in placed(course.facts):
        by_module.setdefault(one.module, []).append(one)
    return [
        _part(
            course,
            module["key"],
            number,
            by_module.get(module["key"], []),
            address,
            states,
            percents,
        )
        for number, module in enumerate(course.facts["modules"], 1)
    ]


def _part(
    course: CourseInHand,
    key: str,
    number: int,
    units: Sequence[PlacedUnit],
    address: str,
    states: Mapping[str, StateView],
    percents: Mapping[str, object],
) -> Part:
    title, language = course.word(f"modules.{key}.title")
    about, _ = course.word(f"modules.{key}.about")
    return Part(
        number=number,
        title=title,
        language=language,
        about=to_html(about),
        lines=[line(course, one, address, states, percents) for one in units],
        minutes=sum(one.minutes for one in units),
    )


def line(
    course: CourseInHand,
    one: PlacedUnit,
    address: str,
    states: Mapping[str, StateView],
    percents: Mapping[str, object],
) -> Line:
    """One unit as an outline or a list names it."""
    title, language = course.word(f"units.{one.key}.title")
    state = states.get(one.key, StateView())
    return Line(
        key=one.key,
        number=one.number,
        title=title,
        language=language,
        kind=label(UNIT_KINDS, one.kind),
        minutes=one.minutes,
        url=address.replace("{}", one.key),
        done=state.done_at is not None,
        bookmarked=state.bookmarked,
        percent=percents.get(one.key),
    )


def unit_page(
    course: CourseInHand, one: PlacedUnit, figures: Mapping[str, Figure], variant: int = 0
) -> UnitPage:
    """A unit as its page shows it; `variant`: which size of a video, from 0, the smallest."""
    terms = Terms(_terms(course))
    body, language = course.word(f"units.{one.key}.body")
    html = terms.buttons(to_html(body, write=terms.write, heading=2, figures=figures))
    points, points_language = course.word(f"units.{one.key}.key_points")
    title, title_language = course.word(f"units.{one.key}.title")
    module, module_language = course.word(f"modules.{one.module}.title")
    return UnitPage(
        place=one,
        kind=label(UNIT_KINDS, one.kind),
        title=title,
        title_language=title_language,
        body=html,
        language=language,
        points=to_html(points),
        points_language=points_language,
        terms=terms.found,
        module=module,
        module_language=module_language,
        film=_film(one, course, variant),
        questions=survey_questions(course, one),
        tool=one.unit["tool"],
        lab=lab_name(one.unit["lab"]) if one.kind == "lab" else "",
    )


def _terms(course: CourseInHand) -> list[Term]:
    found = []
    for key in course.facts["terms"]:
        name, language = course.word(f"terms.{key}.name")
        meaning, _ = course.word(f"terms.{key}.meaning")
        found.append(Term(key, name, meaning, language))
    return found


def _film(one: PlacedUnit, course: CourseInHand, variant: int) -> Film | None:
    video = one.unit["video"]
    if video is None or not video["variants"]:
        return None
    chosen = variant if variant < len(video["variants"]) else 0
    here = page_language().tag
    wanted = [course.language, here, course.original_language]
    spoken = [caption["language"] for caption in video["captions"]]
    default = next((tag for tag in wanted if tag in spoken), "")
    return Film(
        url=reverse("blob", args=[video["variants"][chosen]]),
        variants=[
            Variant(reverse("blob", args=[sha256]), place == chosen, f"?variant={place}")
            for place, sha256 in enumerate(video["variants"])
        ],
        tracks=[
            Track(
                reverse("blob", args=[caption["sha256"]]),
                caption["language"],
                language_name(caption["language"], here),
                caption["language"] == default,
            )
            for caption in video["captions"]
        ],
        keep=_to_keep(
            [video["variants"][0], *(one["sha256"] for one in video["captions"])], course
        ),
    )


def _to_keep(hashes: Sequence[str], course: CourseInHand) -> FilmToKeep | None:
    sizes = {one.sha256: one.size for one in course.files}
    if not sizes.keys() >= set(hashes):
        return None
    files = [reverse("blob", args=[sha256]) for sha256 in hashes]
    return FilmToKeep(files, sum(sizes[sha256] for sha256 in hashes))


def survey_questions(course: CourseInHand, one: PlacedUnit) -> list[Question]:
    """What the survey of a unit asks; nothing of other units."""
    found = []
    for question in one.unit["survey"] or []:
        key = question["key"]
        text, language = course.word(f"questions.{key}.text")
        offers = [(value, value) for value in SCALE] if question["kind"] == "scale" else []
        if question["kind"] == "choice":
            words = course.words if language == course.language else course.original
            lines = choices(words, key)
            offers = [(str(number), words) for number, words in enumerate(lines, 1)]
        found.append(Question(key, question["kind"], text, language, offers))
    return found
