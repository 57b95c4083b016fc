"""Somebody arrives from a learning system that opens this node as its tool by LTI 1.3.

The way of a launch: the system sends the browser to `begin`, which sends it back with a question;
the system answers it with a signed message (`receive`). A learner's browser then comes to `come_in`
with a ticket and the proof that it is the one that began; somebody who teaches chooses what a link
is to open (`choices`, `choose`) and needs no account for that.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction

from chorsu.flows.jwks import checked_by_keys
from chorsu.flows.scoring import note_results
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Person
from chorsu.institutions.rules import LEARNING_SYSTEM
from chorsu.tools.actions.platforms import digest, keep_arrival, open_cohort, take_arrival
from chorsu.tools.actions.scores import keep_column_line, keep_line
from chorsu.tools.claims import (
    CHOOSE_PATH,
    DEEP_LINK,
    LAUNCH_PATH,
    Asked,
    Launched,
    PlatformView,
    Target,
    chosen_claims,
    guest_subject,
    parse_asked,
    parse_launch,
    parse_target,
)
from chorsu.tools.keys import own_pem
from chorsu.tools.messages import read_message
from chorsu.tools.queries import platforms as queries
from chorsu.tools.queries.platforms import NoSuchPlatform
from chorsu.tools.rules import CLAIM, MAX_TEXT, LtiRefused
from chorsu.tools.tokens import sign
from chorsu.training.actions.joining import join
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCohortState
from chorsu.training.queries.cohorts import manages
from chorsu.training.queries.learning import LEARNING
from chorsu.training.queries.scores import (
    GRADED,
    Linkable,
    enrolment_state,
    has_result,
    linkable,
)
from chorsu.wire.identity import Identity

ON_THE_WAY = timedelta(minutes=10)
"""For which a launch may be under way between this node and the learning system."""
CHOOSING_S = 3600
MAX_HINT = 4_000
_STATE, _CHOICE = "chorsu.lti.state", "chorsu.lti.choice"


class NotOpen(Exception):  # noqa: N818 - says what is wrong
    """The link leads nowhere for this person; `code`: no-target, not-offered, closed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SomebodyElse(Exception):  # noqa: N818 - says what is wrong
    """The browser is signed in as somebody else, who is asked first; the ticket is good still."""

    def __init__(self, platform: PlatformView) -> None:
        super().__init__(platform.name)
        self.platform = platform


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and the secret by which it is known when it is back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A launch that was believed waits for its browser, which holds the ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Choosing:
    """Somebody is to choose what a link opens; `sealed` goes through their browser unread."""

    sealed: str
    asked: Asked
    platform: PlatformView


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came: a learner with their enrolment, or somebody who teaches, whom nothing is kept of.

    `waits`: they are not admitted yet; the cohort is full.
    """

    platform: PlatformView
    target: Target
    person: Person | None = None
    enrolment: uuid.UUID | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the browser carries back to the learning system, by POST."""

    return_url: str
    token: str


def address(path: str) -> str:
    """A full address of this node."""
    return f"{settings.NODE_ADDRESS}{path}"


def asks_to_choose(asked: Mapping[str, str]) -> bool:
    """Whether a login initiation is for choosing, which needs no cookie and may be in a frame."""
    return asked.get("target_link_uri", "") == address(CHOOSE_PATH)


def begin(*, asked: Mapping[str, str], browser: str) -> Departure:
    """Answer a login initiation (IMS Security Framework 5.1.1.1): back with a question.

    `browser` is the secret it already holds, or empty. Raises `LtiRefused`.
    """
    try:
        platform = queries.platform_that_asks(asked.get("iss", ""), asked.get("client_id", ""))
    except NoSuchPlatform as error:
        raise LtiRefused("unauthorized_client", "iss or client_id is not registered") from error
    deployment = asked.get("lti_deployment_id", "")
    if deployment and deployment not in platform.deployments:
        raise LtiRefused("unauthorized_client", "lti_deployment_id is not registered")
    hint, message_hint = asked.get("login_hint", ""), asked.get("lti_message_hint", "")
    if not 0 < len(hint) <= MAX_HINT or len(message_hint) > MAX_HINT:
        raise LtiRefused("invalid_request", "login_hint or lti_message_hint")
    browser = browser or secrets.token_urlsafe(24)
    nonce = secrets.token_urlsafe(24)
    state = {"p": platform.id, "n": nonce, "b": digest(browser)}
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": address(LAUNCH_PATH),
        "login_hint": hint,
        "nonce": nonce,
        "state": signing.dumps(state, salt=_STATE, compress=True),
    }
    if message_hint:
        query["lti_message_hint"] = message_hint
    joint = "&" if "?" in platform.auth_url else "?"
    return Departure(f"{platform.auth_url}{joint}{urlencode(query)}", browser)


def receive(*, form: Mapping[str, str], now: datetime) -> Waiting | Choosing:
    """Take the learning system's message, once. Raises `LtiRefused`."""
    try:
        state = signing.loads(form.get("state", ""), salt=_STATE, max_age=ON_THE_WAY)
        platform = queries.active_platform(state["p"])
    except (signing.BadSignature, NoSuchPlatform) as error:
        raise LtiRefused("invalid_request", "state") from error
    if "error" in form:
        raise LtiRefused("access_denied", form["error"][:MAX_TEXT])
    token, nonce = form.get("id_token", ""), state["n"]
    claims = checked_by_keys(
        platform.keys_url,
        lambda keys: read_message(token, platform, keys, nonce=nonce, now=now),
        code="temporarily_unavailable",
        now=now,
    )
    kept: dict[str, Any] = {
        "platform_id": platform.id, "nonce": nonce, "until": now + ON_THE_WAY,
    }  # fmt: skip
    if claims.get(f"{CLAIM}message_type") == DEEP_LINK:
        asked = parse_asked(claims)
        keep_arrival(ticket="", browser="", claims={}, **kept)
        return Choosing(_sealed(platform, asked), asked, platform)
    launched = parse_launch(claims, settings.NODE_ADDRESS)
    ticket = secrets.token_urlsafe(24)
    keep_arrival(ticket=ticket, browser=state["b"], claims=_stored(launched), **kept)
    return Waiting(ticket)


def _stored(launched: Launched) -> dict[str, object]:
    target = launched.target
    place = None if target is None else [str(target.cohort), target.unit]
    return {**asdict(launched), "target": place}


def _restored(kept: Mapping[str, Any]) -> Launched:
    place = kept["target"]
    target = None if place is None else Target(uuid.UUID(place[0]), place[1])
    return Launched(**{**kept, "target": target})


def come_in(*, ticket: str, browser: str, taken: bool = False, now: datetime) -> Arrived:
    """The browser is here: a learner becomes a guest of the node and joins the cohort.

    `taken`: it is signed in as somebody whom no learner is to replace unasked. Raises
    `SomebodyElse`, `LtiRefused`, `NotOpen`, `GuestShutOut`.
    """
    with transaction.atomic():
        platform, kept = take_arrival(ticket=ticket, browser=browser, now=now)
        launched = _restored(kept)
        if taken and not launched.teaches:
            raise SomebodyElse(platform)
    target = launched.target or _only(platform)
    if target is None:
        raise NotOpen("no-target")
    if target.cohort not in platform.cohorts:
        raise NotOpen("not-offered")
    if launched.teaches:
        return Arrived(platform, target)
    return _admitted(platform, launched, target, now)


def _only(platform: PlatformView) -> Target | None:
    """What a link opens that names nothing: the one cohort there is for it."""
    return Target(platform.cohorts[0]) if len(platform.cohorts) == 1 else None


@transaction.atomic
def _admitted(platform: PlatformView, launched: Launched, target: Target, now: datetime) -> Arrived:
    subject = guest_subject(settings.SECRET_KEY.encode(), platform.key, launched.user)
    identity = Identity(
        subject, name=launched.name, email=launched.email, language=launched.language
    )
    person = welcome_guest(node=f"{LEARNING_SYSTEM}{platform.key}", identity=identity, now=now)
    try:
        enrolment = join(cohort_id=target.cohort, person=person, now=now)
    except (NoSuchCohort, WrongCohortState) as error:
        raise NotOpen("closed") from error
    if launched.line_item:
        keep_line(
            platform_id=platform.id, person_id=person.pk, cohort_id=target.cohort,
            unit=target.unit, line_item=launched.line_item, user=launched.user,
        )  # fmt: skip
        note_results(enrolment_id=enrolment, now=now)
    elif launched.line_items and has_result(target.cohort, target.unit):
        keep_column_line(
            platform_id=platform.id, person_id=person.pk, cohort_id=target.cohort,
            unit=target.unit, collection=launched.line_items, link=launched.link,
            user=launched.user,
        )  # fmt: skip
        note_results(enrolment_id=enrolment, now=now)
    waits = enrolment_state(enrolment) not in LEARNING
    return Arrived(platform, target, person, enrolment, waits)


def choices(*, choosing: Choosing, languages: Sequence[str]) -> list[Linkable]:
    """What a link of this learning system may open, in the reader's languages."""
    return linkable(choosing.platform.cohorts, languages)


def choosing(sealed: str) -> Choosing:
    """What `receive` sealed, looked up anew. Raises `LtiRefused`."""
    try:
        told = signing.loads(sealed, salt=_CHOICE, max_age=CHOOSING_S)
        platform = queries.active_platform(told["p"])
    except (signing.BadSignature, NoSuchPlatform) as error:
        raise LtiRefused("invalid_request", "too late, or not from here") from error
    return Choosing(sealed, Asked(*told["a"]), platform)


def _sealed(platform: PlatformView, asked: Asked) -> str:
    told = {"p": platform.id, "a": [asked.deployment, asked.return_url, asked.data]}
    return signing.dumps(told, salt=_CHOICE, compress=True)


def choose(*, choosing: Choosing, choice: str, languages: Sequence[str], now: datetime) -> Chosen:
    """The signed answer: a link to what was chosen, `choice` as `Target.path` gives it.

    Raises `NotOpen` if that is none of the choices.
    """
    target = parse_target(address(choice), settings.NODE_ADDRESS)
    offered = linkable(choosing.platform.cohorts, languages)
    one = next((one for one in offered if target and one.cohort_id == target.cohort), None)
    if target is None or one is None:
        raise NotOpen("not-offered")
    title, graded = one.course.word("title")[0], True
    if target.unit:
        unit = next((unit for unit in one.units if unit.key == target.unit), None)
        if unit is None:
            raise NotOpen("not-offered")
        title, graded = one.course.word(f"units.{unit.key}.title")[0], unit.kind in GRADED
    claims = chosen_claims(
        choosing.platform, choosing.asked, url=address(target.path), title=title,
        resource=f"{target.cohort}/{target.unit}".rstrip("/"), graded=graded,
        nonce=secrets.token_urlsafe(24), now=now,
    )  # fmt: skip
    return Chosen(choosing.asked.return_url, sign(claims, own_pem()))


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a content security policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def offer(*, cohort_id: uuid.UUID, platform_ids: Sequence[int], by: Person, now: datetime) -> None:
    """Let links of these learning systems open the cohort, and of no others.

    Raises `NoSuchCohort`, `PermissionError` for whoever does not run the cohort.
    """
    if not manages(by, cohort_id):
        raise PermissionError(cohort_id)
    open_cohort(cohort_id=cohort_id, platform_ids=platform_ids, by=by, now=now)
