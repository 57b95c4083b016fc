"""A public practice as schema.org JSON-LD, for search engines and reference managers."""

from __future__ import annotations

import json

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from chorsu.exchange.rules import PEER_SET_ASIDE
from chorsu.institutions.queries import institution
from chorsu.practices.shapes import PracticeView
from chorsu.records.themes import theme
from chorsu.web.labels import LICENCES

# The characters by which text could leave the script element that holds it.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def json_ld(view: PracticeView, url: str, *, set_aside: bool) -> SafeString:
    """The content of `<script type="application/ld+json">`; empty for what is not public.

    `url` is the absolute address of the page; `set_aside`: the practice's origin is, at this node.
    """
    if view.audience != "public":
        return SafeString("")
    language = view.text.language
    publisher = institution(view.institution_id)
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Report",
        "@id": f"urn:uuid:{view.id}",
        "url": url,
        "headline": view.text.title,
        "abstract": view.text.summary,
        "inLanguage": language,
        "datePublished": view.published_at.date().isoformat(),
        "dateModified": view.updated_at.date().isoformat(),
        "version": str(view.revision),
        "isAccessibleForFree": True,
        "publisher": {"@type": "Organization", "name": publisher.name(language)},
        "about": [known.name(language) for code in view.facts["themes"] if (known := theme(code))],
        "spatialCoverage": {"@type": "Country", "identifier": view.facts["country"]},
        "license": LICENCES.get(view.licence, view.licence),
    }
    if set_aside:
        data["creativeWorkStatus"] = {
            "@type": "DefinedTerm",
            "termCode": PEER_SET_ASIDE,
            "name": gettext("This node has set that node aside: its log does not add up."),
        }
    if publisher.website:
        data["publisher"] = {
            "@type": "Organization",
            "name": publisher.name(language),
            "url": publisher.website,
        }
    if language != view.original_language:
        data["translationOfWork"] = {
            "@type": "Report",
            "headline": view.original.title,
            "inLanguage": view.original_language,
        }
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308
