"""The private Atom feed of a saved search: who has its secret address reads what is new."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from chorsu.flows.alerting import RecordOf, new_for, search_query
from chorsu.kernel.clock import format_time
from chorsu.search.errors import NoSuchSavedSearch
from chorsu.search.saved import SavedView, by_token
from chorsu.web.atom import ENTRIES, MEDIA_TYPE, NAMESPACE, XML_LANG, absolute, add, entry
from chorsu.web.cards import set_aside_of
from chorsu.web.locales import page_language
from chorsu.web.saved_names import name_of


@require_safe
@conditional_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What is new for a saved search and its person may see now, the newest first."""
    try:
        saved = by_token(token, "feed")
    except NoSuchSavedSearch:
        raise Http404 from None
    element = _feed(
        saved, new_for(saved, language=page_language().tag, limit=ENTRIES), request.path
    )
    body = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    response = HttpResponse(body, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


def _feed(saved: SavedView, items: Sequence[RecordOf], path: str) -> ElementTree.Element:
    element = ElementTree.Element(f"{{{NAMESPACE}}}feed", {XML_LANG: page_language().html_lang})
    add(element, "id", f"tag:{settings.NODE_NAME},2026:saved-search:{saved.id}")
    add(element, "title", _("New for your search: %(search)s") % {"search": name_of(saved)})
    latest = max((one.updated_at for one in items), default=saved.created_at)
    add(element, "updated", format_time(latest))
    add(element, "link", rel="self", href=absolute(path))
    page = absolute(reverse("search")) + search_query(saved)
    add(element, "link", rel="alternate", type="text/html", href=page)
    add(add(element, "author"), "name", settings.NODE_NAME)
    aside = set_aside_of(items)
    for one in items:
        entry(element, one, aside)
    return element
