"""Reading who: institutions, roles, people, invitations, the audit log."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Prefetch, Q, QuerySet, prefetch_related_objects

from chorsu.institutions.errors import InvitationState
from chorsu.institutions.models import AuditEvent, Institution, Invitation, Membership, Person, Role
from chorsu.institutions.rules import LEARNING_SYSTEM
from chorsu.kernel.languages import TAGS

# Institutions change a few times a year and stand on every page: each process keeps them this long.
CACHE_SECONDS = 30.0
MOST_GUESTS = 500


@dataclass(frozen=True, slots=True)
class InstitutionView:
    """An institution as pages show it; `names` and `shorts` are keyed by language tag.

    `known` is False for an institution that only a peer's records name: then its id is its name.
    """

    id: str
    parent_id: str | None
    kind: str
    country: str
    node: str
    website: str
    names: Mapping[str, str]
    shorts: Mapping[str, str]
    version: int = 1
    known: bool = True

    def name(self, language: str) -> str:
        """The name in the language of this tag, else in English, else in any, else the id."""
        return _best(self.names, language) or self.id

    def short(self, language: str) -> str:
        """The short name, chosen as `name` is; without one, the name."""
        here = self.shorts.get(language) or self.names.get(language)
        return here or _best(self.shorts, language) or self.name(language)


def _best(names: Mapping[str, str], language: str) -> str:
    for tag in (language, "en", *TAGS):
        if names.get(tag):
            return names[tag]
    return ""


@dataclass(slots=True)
class _Cache:
    """The institutions in this process, by id in list order, until `until` (monotonic seconds)."""

    until: float = 0.0
    views: dict[str, InstitutionView] = field(default_factory=dict)


_cache = _Cache()


def forget_institutions() -> None:
    """Make this process read the institutions anew; others follow within `CACHE_SECONDS`."""
    _cache.until = 0.0


def _by_id() -> dict[str, InstitutionView]:
    if time.monotonic() >= _cache.until:
        rows = Institution.objects.order_by("position", "id").prefetch_related("names")
        _cache.views = {row.id: row for row in _branches_after([_view(row) for row in rows], None)}
        _cache.until = time.monotonic() + CACHE_SECONDS
    return _cache.views


def _branches_after(rows: list[InstitutionView], parent: str | None) -> Iterator[InstitutionView]:
    for row in rows:
        if row.parent_id == parent:
            yield row
            yield from _branches_after(rows, row.id)


def _view(row: Institution) -> InstitutionView:
    names = list(row.names.all())
    return InstitutionView(
        id=row.id,
        parent_id=row.parent_id,
        kind=row.kind,
        country=row.country,
        node=row.node,
        website=row.website,
        names=MappingProxyType({name.language: name.name for name in names}),
        shorts=MappingProxyType({name.language: name.short for name in names}),
        version=row.version,
    )


def institutions() -> list[InstitutionView]:
    """All institutions the node knows, in list order, branches after their parent."""
    return list(_by_id().values())


def find_institution(institution_id: str) -> InstitutionView | None:
    """The institution with this id, or None."""
    return _by_id().get(institution_id)


def institution(institution_id: str) -> InstitutionView:
    """The institution with this id; one this node does not know comes back with `known=False`."""
    return _by_id().get(institution_id) or InstitutionView(
        institution_id,
        None,
        "",
        "",
        "",
        "",
        MappingProxyType({}),
        MappingProxyType({}),
        0,
        known=False,
    )


def stored_institution(institution_id: str) -> InstitutionView | None:
    """The institution as the database has it now: for an edit, where an old version would cost."""
    row = Institution.objects.prefetch_related("names").filter(pk=institution_id).first()
    return None if row is None else _view(row)


def node_institution_id() -> str:
    """Id of the institution this node hosts."""
    return settings.NODE.text("node.institution")


def own_institutions() -> list[InstitutionView]:
    """The institution this node hosts and its branches at any depth, the parent first."""
    found = _by_id()
    own = {node_institution_id()} & found.keys()
    while True:
        more = {view.id for view in found.values() if view.parent_id in own} - own
        if not more:
            return [view for view in found.values() if view.id in own]
        own |= more


def chain(institution_id: str) -> list[str]:
    """The institution's id, its parent's, and so on up; roles in any of them hold in it."""
    found = _by_id()
    ids: list[str] = []
    current: str | None = institution_id
    while current is not None and current not in ids:
        ids.append(current)
        view = found.get(current)
        current = view.parent_id if view else None
    return ids


def is_member(user: Person | AnonymousUser) -> bool:
    """Whether this is a signed-in, active person of this node. A guest from another is none, nor
    is somebody who was only nominated.
    """
    return (
        user.is_authenticated and user.is_active and not user.is_guest and not user.only_nominated
    )


def roles(person: Person | AnonymousUser, institution_id: str) -> set[Role]:
    """The roles a person holds in an institution, those held in its parents included.

    Memberships are read once for each `Person` object (one query a request).
    """
    if isinstance(person, AnonymousUser) or not is_member(person):
        return set()
    # A page asks a dozen times; being told that nothing is to be read takes its time too.
    if "memberships" not in getattr(person, "_prefetched_objects_cache", {}):
        prefetch_related_objects([person], "memberships")
    reach = chain(institution_id)
    return {Role(held.role) for held in person.memberships.all() if held.institution_id in reach}


def may(person: Person | AnonymousUser, role: Role, institution_id: str) -> bool:
    """Whether the person holds `role` there; no role implies another."""
    return role in roles(person, institution_id)


def may_edit_institution(person: Person | AnonymousUser, institution_id: str) -> bool:
    """Whether the person may change an institution's entry at this node.

    Administrators edit their own; the entries of other nodes' institutions, as this node shows
    them, are for administrators of the institution that the node hosts.
    """
    own = {view.id for view in own_institutions()}
    place = institution_id if institution_id in own else node_institution_id()
    return may(person, Role.ADMINISTRATOR, place)


def administered_institutions(person: Person | AnonymousUser) -> list[InstitutionView]:
    """The own institutions in which the person is an administrator."""
    return [view for view in own_institutions() if may(person, Role.ADMINISTRATOR, view.id)]


@dataclass(frozen=True, slots=True)
class GuestView:
    """A guest as this node knows them: the identifier and what they agreed to tell, no more."""

    id: int
    home: str
    subject: str
    name: str
    told: Mapping[str, str]
    languages: tuple[str, ...]
    since: datetime
    last_login: datetime | None
    is_active: bool

    @property
    def came_by_launch(self) -> bool:
        """Whether they came by a learning system's link: no home will ask to forget them."""
        return self.home.startswith(LEARNING_SYSTEM)


def guests(home: str = "") -> list[GuestView]:
    """The guests of this node, or those of one home, who came last first; at most `MOST_GUESTS`.
    One query.
    """
    rows = Person.objects.exclude(home="")
    rows = rows.filter(home=home) if home else rows
    return [
        GuestView(
            row.pk, row.home, row.home_subject, row.name, dict(row.told), tuple(row.languages),
            row.created_at, row.last_login, row.is_active,
        )
        for row in rows.order_by(F("last_login").desc(nulls_last=True), "-pk")[:MOST_GUESTS]
    ]  # fmt: skip


def homes_of_guests() -> list[tuple[str, int]]:
    """(node, how many guests) of every home, by name. One query."""
    rows = Person.objects.exclude(home="").order_by().values("home")
    return sorted(rows.annotate(number=Count("pk")).values_list("home", "number"))


def reading_languages(person: Person | AnonymousUser) -> list[str]:
    """The person's reading languages as tags, best first; empty: as the page."""
    if isinstance(person, AnonymousUser) or not person.is_authenticated:
        return []
    return [tag for tag in person.languages if tag in TAGS]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as an administrator of one institution sees them; `roles` are those held there."""

    id: int
    name: str
    email: str
    is_active: bool
    last_login: datetime | None
    only_nominated: bool
    position: str
    roles: frozenset[Role]

    @property
    def role_list(self) -> list[Role]:
        """The roles in the order in which pages list them."""
        return [role for role in Role if role in self.roles]


def people(institution_id: str) -> list[PersonView]:
    """The people with a role in this very institution, by name; two queries.

    For the institution that the node hosts, also those who have no role anywhere.
    """
    here = Q(memberships__institution_id=institution_id)
    if institution_id == node_institution_id():
        here |= Q(memberships__isnull=True, home="")
    held = Membership.objects.filter(institution_id=institution_id)
    rows = (
        Person.objects.filter(here)
        .distinct()
        .order_by("-is_active", "name", "email")
        .prefetch_related(Prefetch("memberships", queryset=held, to_attr="held_here"))
    )
    return [
        PersonView(
            row.pk,
            row.name,
            row.email,
            row.is_active,
            row.last_login,
            row.only_nominated,
            row.position,
            frozenset(Role(one.role) for one in getattr(row, "held_here")),  # noqa: B009
        )
        for row in rows
    ]


def held_roles(person_id: int, institution_id: str) -> set[str]:
    """The codes of the roles a person holds in this very institution, as stored now."""
    held = Membership.objects.filter(person_id=person_id, institution_id=institution_id)
    return set(held.values_list("role", flat=True))


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation; `state` is as of the moment asked about."""

    id: int
    email: str
    institution_id: str
    roles: tuple[Role, ...]
    language: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    state: InvitationState


def token_hash(token: str) -> str:
    """What is stored of an invitation's token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def state_of(row: Invitation, now: datetime) -> InvitationState:
    """Whether an invitation can be used at `now`."""
    if row.accepted_at is not None:
        return InvitationState.USED
    if row.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if now < row.expires_at else InvitationState.EXPIRED


def _invitation_view(row: Invitation, now: datetime) -> InvitationView:
    return InvitationView(
        row.pk,
        row.email,
        row.institution_id,
        tuple(Role(role) for role in row.roles),
        row.language,
        str(row.invited_by or ""),
        row.created_at,
        row.expires_at,
        state_of(row, now),
    )


def open_invitations(institution_id: str, *, now: datetime) -> list[InvitationView]:
    """Invitations that were neither used nor revoked, newest first: open and expired ones."""
    rows = Invitation.objects.filter(
        institution_id=institution_id, accepted_at=None, revoked_at=None
    ).select_related("invited_by")
    return [_invitation_view(row, now) for row in rows[:200]]


def invitation_for(token: str, *, now: datetime) -> InvitationView | None:
    """The invitation that a mailed token opens, whatever its state; None if there is none."""
    row = (
        Invitation.objects.filter(token_hash=token_hash(token)).select_related("invited_by").first()
    )
    return None if row is None else _invitation_view(row, now)


def person_by_email(email: str) -> Person | None:
    """The person who signs in with this address, in whatever letter case; active or not.

    Also a guest, by their `address`.
    """
    subject, _at, home = email.strip().partition("@")
    is_guest = Q(home=home.lower(), home_subject__iexact=subject) & ~Q(home="")
    return Person.objects.filter(Q(email__iexact=email.strip(), home="") | is_guest).first()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show of the audit log; empty parts do not filter. Times are aware, `until` is out."""

    person: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """One line of the audit log."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, object]


def _audit_rows(wanted: AuditFilter) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.order_by("-at", "-id")
    if wanted.person:
        rows = rows.filter(actor__icontains=wanted.person)
    if wanted.action:
        rows = rows.filter(action=wanted.action)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _audit_view(row: AuditEvent) -> AuditView:
    return AuditView(
        row.pk, row.at, row.actor, row.action, row.subject_kind, row.subject_id, row.detail
    )


def audit_events(
    wanted: AuditFilter, *, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[AuditView]:
    """The newest events that match, at most `limit`; `before` is (`at`, `id`) of the last seen."""
    rows = _audit_rows(wanted)
    if before is not None:
        at, event_id = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=event_id))
    return [_audit_view(row) for row in rows[:limit]]


def every_audit_event(wanted: AuditFilter) -> Iterator[AuditView]:
    """All events that match, newest first, read in portions: for an export of any length."""
    portion = audit_events(wanted, limit=1000)
    while portion:
        yield from portion
        last = portion[-1]
        portion = audit_events(wanted, before=(last.at, last.id), limit=1000)


def audit_actions() -> list[str]:
    """The action codes that occur in the log, sorted."""
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())
