"""Pictures of questions: at addresses that only who is shown the question gets to know.

What is right may be seen in a picture, so nobody gets one by its hash alone: the address holds a
mark that this node makes for one reader. It stays the same, so that a browser keeps what it has.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.core.signing import Signer
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from chorsu.training.items import Facts, Item, pictures_shown
from chorsu.web.access import signed_in
from chorsu.web.exchange import private_blob
from chorsu.web.markdown import Figure

_SALT = "chorsu.question-picture"


def figures_of(item: Item, reader_id: int) -> dict[str, Figure]:
    """The pictures of a question by name, for one reader. A translation that does not say what one
    shows has the words of the original.
    """
    return figures_in(item.facts, item.texts[item.original_language].words, reader_id)


def figures_in(facts: Facts, original: Mapping[str, str], reader_id: int) -> dict[str, Figure]:
    """As `figures_of`, of facts and the words of the original."""
    pictures = facts.get("pictures", [])
    if not pictures:
        return {}
    said = {name: words for _word, name, words in pictures_shown(facts, dict(original)) if words}
    return {
        one["name"]: Figure(
            url=picture_url(one["sha256"], reader_id),
            description=said.get(one["name"], ""),
            width=one["width"],
            height=one["height"],
        )
        for one in pictures
    }


def picture_url(sha256: str, reader_id: int) -> str:
    """The address of a picture for a reader who may see it."""
    return reverse("question-picture", args=[sha256, _mark(sha256, reader_id)])


@login_required
@require_safe
def show(request: HttpRequest, sha256: str, mark: str) -> HttpResponseBase:
    """A picture, for the reader for whom its address was made."""
    if not constant_time_compare(mark, _mark(sha256, signed_in(request).pk)):
        raise Http404
    return private_blob(request, sha256)


def _mark(sha256: str, reader_id: int) -> str:
    return Signer(salt=_SALT).signature(f"{reader_id}:{sha256}")
