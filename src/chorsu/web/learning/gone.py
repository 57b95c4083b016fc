"""What stands where a question was whose words were erased: what it was, when it went and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from chorsu.training.items.fields import Item
from chorsu.training.queries.shared_banks import erasures_of
from chorsu.web.erased import ground_label
from chorsu.web.labels import label
from chorsu.web.question_bank.labels import TYPES


@dataclass(frozen=True, slots=True)
class Gone:
    """`said`: what was there; `ground` and what follows are empty if its node did not say why.

    `words` are those of who erased it, in `language`.
    """

    said: str
    ground: str = ""
    words: str = ""
    language: str = ""
    when: datetime | None = None
    who: str = ""


def gone_questions(items: Iterable[Item]) -> dict[str, Gone]:
    """Id -> what to show in its place, of the questions without words. Queries: `erasures_of`."""
    listed = [item for item in items if not item.has_words]
    why = erasures_of(listed)
    found = {}
    for item in listed:
        said = _("Here was a question (%(kind)s). It was erased.") % {
            "kind": label(TYPES, item.facts["type"])
        }
        view = why.get(item.id)
        found[item.id] = (
            Gone(said)
            if view is None
            else Gone(
                said, ground_label(view.ground), view.words, view.language, view.at, view.origin
            )
        )
    return found
