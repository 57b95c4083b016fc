"""Who published a text that was made elsewhere than at its record's origin."""

from __future__ import annotations

from dataclasses import dataclass

from chorsu.institutions.queries import InstitutionView, institutions
from chorsu.records.shapes import TextLine


@dataclass(frozen=True, slots=True)
class Credit:
    """Who translated and who published it, in the page's language; empty: nothing to say."""

    translator: str
    supplier: str


def credit_of(text: TextLine, origin: str, here: str) -> Credit:
    """What is said of a text beside a record of this origin."""
    supplier = _supplier(text.supplied_by, origin)
    # An academy that signed as its own translator is named once, in the reader's language.
    by_itself = supplier is not None and text.translated_by in supplier.names.values()
    return Credit(
        translator="" if by_itself else text.translated_by,
        supplier=supplier_name(text.supplied_by, origin, here),
    )


def supplier_name(supplied_by: str, origin: str, here: str) -> str:
    """The institution of the node that published a text, or the node; empty if it is the origin."""
    supplier = _supplier(supplied_by, origin)
    if supplier is not None:
        return supplier.name(here)
    return "" if supplied_by == origin else supplied_by


def _supplier(supplied_by: str, origin: str) -> InstitutionView | None:
    if supplied_by == origin:
        return None
    hosts = (one for one in institutions() if one.node == supplied_by and not one.parent_id)
    return next(hosts, None)
