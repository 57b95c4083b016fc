"""Who is asking for a page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from chorsu.institutions.queries import is_member, reading_languages
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.records.viewer import Viewer
from chorsu.web.locales import page_language

_BROWSER_TAGS = {language.django_code.split("-")[0]: language.tag for language in LANGUAGES}


def viewer_of(request: HttpRequest) -> Viewer:
    """The reader: a member if signed in; their languages, best first, without repeats.

    Of a person who listed languages those come first; of anybody else the page's, then the
    browser's. The page's and the node's language close the list.
    """
    here = page_language().tag
    node = settings.NODE.text("node.language")
    first = reading_languages(request.user) or [here, *browser_languages(request)]
    languages = tuple(dict.fromkeys([*first, here, node]))
    return Viewer(member=is_member(request.user), languages=languages)


def browser_languages(request: HttpRequest) -> list[str]:
    """The working languages that the browser asks for, best first."""
    header = request.headers.get("Accept-Language", "")[:500]
    wanted = [code.split("-")[0] for code, _ in parse_accept_lang_header(header)]
    return [tag for code in wanted if (tag := _BROWSER_TAGS.get(code)) in TAGS]
