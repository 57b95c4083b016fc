"""What a phone or a desktop installs a node by: a manifest in each language, and its icons.

The icons are drawn from the one mark of the node when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import institution
from chorsu.web.locales import page_language

GROUND, PAPER = "#17335f", "#faf7f1"
_MARK = "chorsu/img/favicon.svg"
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Icon:
    """A square picture of the mark: `size` pixels, the mark on `share` of each side.

    `ground`: filled to the edge, for systems that cut a shape of their own out of it; else the
    corners are the mark's own and what is outside them is clear.
    """

    size: int
    purpose: str
    ground: bool = False
    share: float = 1.0


ICONS: Mapping[str, Icon] = {
    "192": Icon(192, "any"),
    "512": Icon(512, "any"),
    # The middle four fifths are never cut off (W3C Web Application Manifest, "maskable").
    "maskable-192": Icon(192, "maskable", ground=True, share=0.72),
    "maskable-512": Icon(512, "maskable", ground=True, share=0.72),
    "apple-180": Icon(180, "", ground=True, share=0.88),
}
"""By the name in the address; those without a purpose are not in the manifest."""


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """By which a node is installed as an application, in the language of the page that names it
    (W3C Web Application Manifest).
    """
    here = page_language()
    own = institution(settings.NODE.text("node.institution"))
    drawn = [
        {
            "src": reverse("app-icon", args=[name]),
            "sizes": f"{icon.size}x{icon.size}",
            "type": "image/png",
            "purpose": icon.purpose,
        }
        for name, icon in ICONS.items()
        if icon.purpose
    ]
    plain = {"src": static(_MARK), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    found = {
        # One application, whichever language it was installed in.
        "id": "/learning/",
        "lang": here.html_lang,
        "dir": "ltr",
        "name": f"Chorsu · {own.short(here.tag)}",
        "short_name": "Chorsu",
        "description": _("Courses, practices and certificates of the network's academies."),
        "start_url": reverse("learning"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": GROUND,
        "icons": [*drawn, plain],
    }
    answer = JsonResponse(found, content_type="application/manifest+json")
    answer["Cache-Control"] = f"max-age={_DAY_S}"
    return answer


@require_safe
def icon(request: HttpRequest, name: str) -> HttpResponse:
    """One of the icons, as PNG."""
    if name not in ICONS:
        raise Http404
    answer = HttpResponse(drawn(name), "image/png")
    answer["Cache-Control"] = f"public, max-age={_DAY_S}"
    return answer


@cache
def drawn(name: str) -> bytes:
    """The bytes of an icon."""
    found = finders.find(_MARK)
    if not isinstance(found, str):
        raise Http404
    one = ICONS[name]
    fill = f'rgb("{GROUND}")' if one.ground else "none"
    # A point is a pixel at 72 to the inch.
    page = (
        f"#set page(width: {one.size}pt, height: {one.size}pt, margin: 0pt, fill: {fill})\n"
        "#place(center + horizon, "
        f'image(bytes(sys.inputs.mark), format: "svg", width: {one.share:.0%}))'
    )
    mark = Path(found).read_text(encoding="utf-8")
    made = typst.compile(page.encode(), format="png", ppi=72.0, sys_inputs={"mark": mark})
    if not isinstance(made, bytes):
        raise TypeError("an icon is one picture")
    return made
