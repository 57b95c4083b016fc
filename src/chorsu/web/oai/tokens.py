"""Resumption tokens: a place in the log and what was asked, in the open. Nothing is kept of them.

Fields joined by `/`: verb (`r` records, `i` identifiers), index of the last entry given, records
given so far, size of the list when it was first asked for, metadataPrefix, set, from, until. There
is one spelling: what is read must print as it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chorsu.web.oai.arguments import check_prefix, read_set, read_times
from chorsu.web.oai.refusals import Refusal

MAX_TOKEN = 200
_LETTERS = {"ListRecords": "r", "ListIdentifiers": "i"}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands; `after` is an index of the log. The last four are as they were asked."""

    verb: str
    after: int
    given: int
    total: int
    prefix: str
    set_spec: str = ""
    since: str = ""
    until: str = ""

    def token(self) -> str:
        """As a harvester gets it."""
        numbers = (str(self.after), str(self.given), str(self.total))
        asked = (self.prefix, self.set_spec, self.since, self.until)
        return "/".join((_LETTERS[self.verb], *numbers, *asked))


def read_token(verb: str, token: str) -> Place:
    """The place a token of this verb names; raises `badResumptionToken`."""
    parts = token.split("/")
    if len(token) > MAX_TOKEN or len(parts) != 8 or parts[0] != _LETTERS.get(verb):
        raise Refusal("badResumptionToken", "not a token of this verb")
    if not all(_NUMBER.fullmatch(part) for part in parts[1:4]):
        raise Refusal("badResumptionToken", "a number is misspelt")
    after, given, total = (int(part) for part in parts[1:4])
    try:
        check_prefix(parts[4])
        read_set(parts[5])
        read_times(parts[6], parts[7])
    except Refusal as refusal:
        raise Refusal("badResumptionToken", str(refusal)) from None
    return Place(verb, after, given, total, *parts[4:])
