"""What every page knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import (
    administered_institutions,
    institution,
    may,
    node_institution_id,
    own_institutions,
    roles,
)
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.web.alarms import alarms
from chorsu.web.locales import page_language


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The page that is being shown, in one of the languages."""

    tag: str
    html_lang: str
    endonym: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation."""

    url: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Node:
    """The node that serves the page."""

    name: str
    address: str
    institution_name: str


def page(request: HttpRequest) -> dict[str, object]:
    """Template context of every page."""
    language = page_language()
    own = institution(settings.NODE.text("node.institution"))
    return {
        "html_lang": language.html_lang,
        "language_links": language_links(request),
        "nav": _nav(request),
        "account_nav": account_nav(request),
        "alarms": SimpleLazyObject(lambda: alarms(request)),
        "node": Node(settings.NODE_NAME, settings.NODE_ADDRESS, own.name(language.tag)),
    }


def language_links(request: HttpRequest) -> list[LanguageLink]:
    """The page, with its query, in each working language; home where a page has no language."""
    here = page_language()
    # A form that came back with errors is at an address that need not answer a GET of its query.
    query = request.META.get("QUERY_STRING", "") if request.method in {"GET", "HEAD"} else ""
    first, _slash, rest = request.path.lstrip("/").partition("/")
    if all(language.django_code != first for language in LANGUAGES):
        rest = query = ""
    tail = f"{rest}?{query}" if query else rest
    return [
        LanguageLink(
            language.tag,
            language.html_lang,
            language.endonym,
            f"/{language.django_code}/{tail}",
            language == here,
        )
        for language in LANGUAGES
    ]


def page_in(tag: str, name: str, *arguments: str) -> str:
    """The address of the page `name` in the language of this tag."""
    code = next(language.django_code for language in LANGUAGES if language.tag == tag)
    with override(code):
        return reverse(name, args=arguments)


def page_in_any(name: str, *arguments: str) -> str:
    """The address of the page `name` without a language: it sends each reader on to theirs."""
    _language, _slash, rest = page_in(TAGS[0], name, *arguments).lstrip("/").partition("/")
    return f"/{rest}"


def _nav(request: HttpRequest) -> list[NavItem]:
    entries = [
        ("practices", _("Practices")),
        ("courses", _("Courses")),
        ("institutions", _("Institutions")),
        ("search", pgettext("navigation", "Search")),
        ("node", pgettext("navigation", "Network")),
        ("help", _("Help")),
    ]
    if _works(request.user):
        entries.insert(4, ("work", _("My work")))
    return _items(request, entries)


def account_nav(request: HttpRequest) -> list[NavItem]:
    """What the account menu holds besides the account: the doors the person's roles open."""
    if not isinstance(request.user, Person):
        return []
    entries = [("learning", _("My learning"))]
    entries.append(("my-training", _("My training")))
    entries.append(("certificates", _("My certificates")))
    if _trains(request.user):
        entries.append(("cohorts", _("Cohorts")))
    if any(may(request.user, Role.COORDINATOR, view.id) for view in own_institutions()):
        entries.append(("certificates-issuing", _("Issue certificates")))
    if administered_institutions(request.user):
        entries.append(("people", _("People")))
    if may(request.user, Role.ADMINISTRATOR, node_institution_id()):
        entries += [("audit", _("Audit log")), ("peers", _("Peers"))]
    return _items(request, entries)


def _trains(user: Person) -> bool:
    """Whether the person teaches or answers for training in any institution of this node."""
    training = {Role.TEACHER, Role.TRAINING_OFFICER}
    return any(training & roles(user, view.id) for view in own_institutions())


def _works(user: Person | AnonymousUser) -> bool:
    """Whether the person writes, reviews or translates in any institution of this node."""
    working = {Role.CONTRIBUTOR, Role.EDITOR, Role.TRANSLATOR}
    return any(roles(user, view.id) & working for view in own_institutions())


def _items(request: HttpRequest, entries: list[tuple[str, str]]) -> list[NavItem]:
    items = []
    for name, label in entries:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        current = request.path == url or request.path.startswith(url)
        items.append(NavItem(url, label, current))
    return items
