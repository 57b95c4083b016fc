"""Somebody opens an external tool by LTI 1.3.

The way of a launch: a page of this node (`begin`) sends the browser to the tool's login
initiation, the tool sends it to `launch`, and that hands the tool a signed token. Learners open
the units of their course; whoever runs a cohort opens them as a teacher, and an author those of a
draft. What the tool's own server asks afterwards is answered by `tool_services`; what an author
chooses there for a unit is taken by `choosing_content`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.tools import actions, queries
from chorsu.tools.content import choosing_claims
from chorsu.tools.keys import own_pem
from chorsu.tools.queries import NoSuchTool
from chorsu.tools.rules import (
    ADMINISTRATOR,
    AUTHOR,
    INSTRUCTOR,
    LEARNER,
    MAX_TEXT,
    SECTION,
    TEMPLATE,
    LtiRefused,
    Placement,
    ToolView,
    launch_claims,
    pairwise,
)
from chorsu.tools.tokens import sign
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.errors.courses import NoSuchCourseDraft
from chorsu.training.queries import courses, learning
from chorsu.training.queries.cohorts import manages
from chorsu.training.queries.learning import CourseInHand, NotEnrolled, NothingToTeach
from chorsu.training.queries.outside import cohort_teachers
from chorsu.training.rules.outline import PlacedUnit, find_unit, placed

HINT_S = 600
"""For which a launch may be under way between this node and the tool."""
CONTENT_PATH = "/lti/content"
LEARN, TEACH, WRITE, CHOOSE = "learn", "teach", "write", "choose"
"""As what somebody opens a tool: a learner or a teacher of a cohort; an author of a draft, to look
at the unit or to choose there what it is to open.
"""
_HINT, _CHOICE = "chorsu.lti.hint", "chorsu.lti.content"


@dataclass(frozen=True, slots=True)
class Launch:
    """What the browser carries to the tool, by POST."""

    tool: str
    redirect_url: str
    id_token: str
    state: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a hint opens, looked up anew; `draft`: of the course that it is chosen for, whose author
    reads the language `reads`.
    """

    roles: Sequence[str]
    place: Placement
    one: PlacedUnit
    services: Mapping[str, str] = field(default_factory=dict)
    draft: str = ""
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """For whom and for what a tool was asked to choose, as this node signed it.

    `language`: a tag, of the pages that they read.
    """

    id: str
    tool_id: int
    person_id: int
    draft_id: uuid.UUID
    unit: str
    language: str


def address(path: str) -> str:
    """A full address of this node."""
    return f"{settings.NODE_ADDRESS}{path}"


def begin(
    *,
    tool: ToolView,
    person_id: int,
    at: uuid.UUID | str,
    one: PlacedUnit,
    way: str = LEARN,
    language: str = "",
) -> str:
    """Where a browser goes to open the tool: the tool's login initiation (LTI Core 5.1.1.1).

    `at`: the cohort, of an author the draft; `language`: a tag, of the page to which somebody who
    chooses comes back. The hint is signed and can be read: it holds nothing
    that the tool is not told anyway.
    """
    user = pairwise(settings.SECRET_KEY.encode(), tool.client_id, person_id)
    hint = {"c": str(at), "u": one.key, "t": tool.id, "p": user}
    if way != LEARN:
        hint |= {"k": way, "l": language}
    query = {
        "iss": settings.NODE_ADDRESS,
        "target_link_uri": tool.choose_url if way == CHOOSE else one.unit["tool"],
        "login_hint": user,
        "lti_message_hint": signing.dumps(hint, salt=_HINT, compress=True),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment,
    }
    joint = "&" if "?" in tool.login_url else "?"
    return f"{tool.login_url}{joint}{urlencode(query)}"


def launch(
    *, asked: Mapping[str, str], person: Person, languages: Sequence[str], now: datetime
) -> Launch:
    """Answer a tool's authentication request (LTI Core 5.1.1.2) for the person signed in.

    Raises `LtiRefused`. A nonce is taken once.
    """
    try:
        tool = queries.tool_by_client(asked.get("client_id", ""))
    except NoSuchTool as error:
        raise LtiRefused("unauthorized_client", "client_id") from error
    redirect_url = asked.get("redirect_uri", "")
    if redirect_url not in tool.redirect_urls:
        raise LtiRefused("invalid_request", "redirect_uri is not registered")
    wanted = {
        "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
    }  # fmt: skip
    for name, value in wanted.items():
        if asked.get(name) != value:
            raise LtiRefused("invalid_request", name)
    if "openid" not in asked.get("scope", "").split():
        raise LtiRefused("invalid_scope", "scope")
    nonce, state = asked.get("nonce", ""), asked.get("state", "")
    if not 0 < len(nonce) <= MAX_TEXT or len(state) > 4 * MAX_TEXT:
        raise LtiRefused("invalid_request", "nonce or state")
    user = pairwise(settings.SECRET_KEY.encode(), tool.client_id, person.pk)
    if asked.get("login_hint") != user:
        raise LtiRefused("login_required", "login_hint is of somebody else")
    opened = _hinted(asked.get("lti_message_hint", ""), tool, person, user, languages)
    actions.spend(tool_id=tool.id, kind="nonce", value=nonce, until=now + timedelta(seconds=HINT_S))
    claims = _claims(opened, tool, person, user, nonce, now)
    return Launch(tool.name, redirect_url, sign(claims, own_pem()), state)


def _claims(
    opened: _Opened,
    tool: ToolView,
    person: Person,
    user: str,
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    if opened.draft:
        sealed = signing.dumps(
            [
                secrets.token_urlsafe(16),
                tool.id,
                person.pk,
                opened.draft,
                opened.one.key,
                opened.reads,
            ],
            salt=_CHOICE,
            compress=True,
        )
        return choosing_claims(
            tool, issuer=settings.NODE_ADDRESS, user=user, name=person.name, roles=opened.roles,
            place=opened.place, return_url=address(CONTENT_PATH), data=sealed, nonce=nonce, now=now,
        )  # fmt: skip
    return launch_claims(
        tool, issuer=settings.NODE_ADDRESS, user=user, name=person.name, roles=opened.roles,
        place=opened.place, url=opened.one.unit["tool"],
        services={**opened.services, "return": address("/")},
        custom=opened.one.unit.get("custom", {}), nonce=nonce, now=now,
    )  # fmt: skip


def asked_for(data: str, lasts: timedelta) -> Choice:
    """What this node sealed when it asked a tool to choose. Raises `LtiRefused`."""
    try:
        told = signing.loads(data, salt=_CHOICE, max_age=lasts)
    except signing.BadSignature as error:
        raise LtiRefused("invalid_request", "data") from error
    once, tool_id, person_id, draft, unit, language = told
    return Choice(once, tool_id, person_id, uuid.UUID(draft), unit, language)


def _hinted(
    hint: str, tool: ToolView, person: Person, user: str, languages: Sequence[str]
) -> _Opened:
    """Who opens what, as `begin` signed it; all of it is looked up again."""
    try:
        told = signing.loads(hint, salt=_HINT, max_age=HINT_S)
    except signing.BadSignature as error:
        raise LtiRefused("invalid_request", "lti_message_hint") from error
    if told["t"] != tool.id or told["p"] != user:
        raise LtiRefused("login_required", "lti_message_hint is of somebody else")
    way, place = told.get("k", LEARN), uuid.UUID(told["c"])
    if way in (WRITE, CHOOSE):
        return _by_author(tool, person, place, told["u"], way, told["l"] or languages[0])
    try:
        if way == TEACH:
            course = learning.cohort_in_hand(place, languages)
            roles = _teaching(person, place)
        else:
            learner = learning.learner_in(place, person.pk)
            course, roles = learning.course_in_hand(learner, languages), [LEARNER]
    except (NotEnrolled, NothingToTeach, NoSuchCohort) as error:
        raise LtiRefused("access_denied", "no such course") from error
    return _in_cohort(tool, course, place, told["u"], roles, languages[0])


def _teaching(person: Person, cohort_id: uuid.UUID) -> list[str]:
    """The roles of whoever runs a cohort: its teachers, and those who answer for training."""
    if not manages(person, cohort_id):
        raise LtiRefused("access_denied", "does not run this cohort")
    teaches = any(one.person_id == person.pk for one in cohort_teachers(cohort_id))
    return [INSTRUCTOR] if teaches else [ADMINISTRATOR]


def _in_cohort(
    tool: ToolView,
    course: CourseInHand,
    cohort_id: uuid.UUID,
    unit: str,
    roles: Sequence[str],
    language: str,
) -> _Opened:
    one = find_unit(placed(course.facts), unit)
    if one is None or not is_of(tool, one):
        raise LtiRefused("access_denied", "no such unit")
    items = address(f"/lti/cohorts/{cohort_id}/lineitems")
    return _Opened(
        roles,
        Placement(
            context=str(cohort_id),
            kind=SECTION,
            course_title=course.word("title")[0],
            unit=one.key,
            unit_title=course.word(f"units.{one.key}.title")[0],
            language=language,
        ),
        one,
        services={
            "lineitems": items,
            "lineitem": f"{items}/{one.key}",
            "members": address(f"/lti/cohorts/{cohort_id}/members"),
        },
    )


def _by_author(
    tool: ToolView, person: Person, draft_id: uuid.UUID, unit: str, way: str, reads: str
) -> _Opened:
    """A unit of a draft: there are no learners, so nothing of them is offered."""
    try:
        draft = courses.draft(str(draft_id), person)
    except (NoSuchCourseDraft, NotAllowed) as error:
        raise LtiRefused("access_denied", "no such draft") from error
    one = find_unit(placed(draft.facts), unit)
    if one is None or one.kind != "tool" or not (way == CHOOSE or is_of(tool, one)):
        raise LtiRefused("access_denied", "no such unit")
    if way == CHOOSE and not tool.choose_url:
        raise LtiRefused("access_denied", "nothing can be chosen in this tool")
    place = Placement(
        context=draft.id,
        kind=TEMPLATE,
        course_title=draft.words.get("title", ""),
        unit=one.key,
        unit_title=draft.words.get(f"units.{one.key}.title", ""),
        language=draft.language,
    )
    chosen_for = draft.id if way == CHOOSE else ""
    return _Opened([INSTRUCTOR, AUTHOR], place, one, draft=chosen_for, reads=reads)


def is_of(tool: ToolView, one: PlacedUnit) -> bool:
    """Whether a unit launches this tool."""
    if one.kind != "tool" or not one.unit["tool"]:
        return False
    nearest = queries.tool_for(one.unit["tool"])
    return nearest is not None and nearest.id == tool.id
