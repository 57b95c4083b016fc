"""Atom feeds (RFC 4287): the newest practices and courses of an institution, in the page's
language.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urljoin
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from chorsu.exchange.rules import PEER_SET_ASIDE
from chorsu.institutions.queries import InstitutionView, find_institution
from chorsu.institutions.queries import institution as institution_named
from chorsu.kernel.clock import format_time
from chorsu.practices.queries import practices
from chorsu.practices.shapes import Filters, PracticeCard
from chorsu.records.themes import theme
from chorsu.records.viewer import Viewer
from chorsu.training.queries.courses import courses
from chorsu.training.shapes.courses import CourseCard, CourseFilters
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.web.cards import set_aside_of
from chorsu.web.locales import page_language
from chorsu.web.templatetags.chorsu import html_lang

ENTRIES = 30
EPOCH = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
"""When an institution's feed without entries was last changed."""
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

ElementTree.register_namespace("", NAMESPACE)
ElementTree.register_namespace("xhtml", XHTML)


@require_safe
@conditional_page
def institution(request: HttpRequest, institution_id: str) -> HttpResponse:
    """The institution's newest public practices and courses; feed readers sign in nowhere."""
    view = find_institution(institution_id)
    if view is None:
        raise Http404
    viewer = Viewer(member=False, languages=(page_language().tag,))
    found: list[PracticeCard | CourseCard] = [
        *practices(viewer, Filters(institution=institution_id), limit=ENTRIES).items,
        *courses(viewer, CourseFilters(institution=institution_id), limit=ENTRIES).items,
    ]
    found.sort(key=lambda one: one.updated_at, reverse=True)
    feed = _feed(view, found[:ENTRIES], request.path)
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    response = HttpResponse(body, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "public, max-age=300"
    return response


def _feed(
    view: InstitutionView, items: Sequence[PracticeCard | CourseCard], path: str
) -> ElementTree.Element:
    here = page_language()
    name = view.name(here.tag)
    feed = ElementTree.Element(f"{{{NAMESPACE}}}feed", {XML_LANG: here.html_lang})
    add(feed, "id", f"tag:{settings.NODE_NAME},2026:institution:{view.id}:{here.tag}")
    add(feed, "title", _("Practices and courses: %(institution)s") % {"institution": name})
    add(feed, "updated", format_time(max((one.updated_at for one in items), default=EPOCH)))
    add(feed, "link", rel="self", href=absolute(path))
    page = absolute(reverse("institution", args=[view.id]))
    add(feed, "link", rel="alternate", type="text/html", href=page)
    add(add(feed, "author"), "name", name)
    aside = set_aside_of(items)
    for one in items:
        entry(feed, one, aside)
    return feed


def entry(
    feed: ElementTree.Element, one: PracticeCard | CourseCard, aside: Collection[str]
) -> None:
    """Add a record to a feed; with a warning if one of the peers set aside published it. A course
    has the category `course`.
    """
    is_course = isinstance(one, CourseCard)
    set_aside = next((name for name in (one.origin, one.supplied_by) if name in aside), "")
    here = page_language().tag
    made = add(feed, "entry")
    add(made, "id", f"urn:uuid:{one.id}")
    add(made, "title", one.title).set(XML_LANG, html_lang(one.text_language))
    if set_aside:
        _warned_summary(made, one, set_aside)
    else:
        add(made, "summary", one.summary).set(XML_LANG, html_lang(one.text_language))
    add(made, "published", format_time(one.published_at))
    add(made, "updated", format_time(one.updated_at))
    url = absolute(reverse("course" if is_course else "practice", args=[one.id]))
    add(made, "link", rel="alternate", type="text/html", href=url)
    add(add(made, "author"), "name", institution_named(one.institution_id).name(here))
    for code in one.themes:
        known = theme(code)
        add(made, "category", term=code, label=known.name(here) if known else code)
    if is_course:
        add(made, "category", term=COURSE, label=_("Course"))
    if set_aside:
        add(made, "category", term=PEER_SET_ASIDE, label=_("Peer set aside"))


def _warned_summary(
    made: ElementTree.Element, one: PracticeCard | CourseCard, set_aside: str
) -> None:
    """The summary behind a warning: two paragraphs, each in its language."""
    warning = _("This node has set that node aside: its log does not add up.")
    said = [
        (f"{set_aside}: {warning}", page_language().html_lang),
        (one.summary, html_lang(one.text_language)),
    ]
    part = ElementTree.SubElement(add(made, "summary", type="xhtml"), f"{{{XHTML}}}div")
    for text, language in said:
        ElementTree.SubElement(part, f"{{{XHTML}}}p", {XML_LANG: language}).text = text


def add(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    """Add an element with its text; returns it."""
    child = ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    child.text = text or None
    return child


def absolute(path: str) -> str:
    """The full address of a path of this node."""
    return urljoin(settings.NODE_ADDRESS, path)
