"""What a harvester asks: six verbs, the arguments each takes, and how each is spelt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from django.http import HttpRequest

from chorsu.flows.offering import KINDS
from chorsu.institutions.queries import own_institutions
from chorsu.kernel.clock import InvalidTime, parse_time
from chorsu.kernel.languages import TAGS
from chorsu.records.themes import themes
from chorsu.web.oai.refusals import Refusal

Arguments = Mapping[str, str]
SetKind = Literal["institution", "theme", "language", "kind"]
FACETS: tuple[SetKind, ...] = get_args(SetKind)
PREFIXES = ("oai_dc", "chorsu")
MAX_VALUE = 1000
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX = re.compile(r"[A-Za-z0-9_.!~*'()-]+", re.ASCII)
_SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(?::[A-Za-z0-9_.!~*'()-]+)*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes; one that gives a list takes a resumption token in place of all else."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    resumes: bool = False


_LIST = Verb(frozenset(("metadataPrefix",)), frozenset(("from", "until", "set")), resumes=True)
VERBS: Mapping[str, Verb] = {
    "GetRecord": Verb(frozenset(("identifier", "metadataPrefix"))),
    "Identify": Verb(),
    "ListIdentifiers": _LIST,
    "ListMetadataFormats": Verb(optional=frozenset(("identifier",))),
    "ListRecords": _LIST,
    "ListSets": Verb(resumes=True),
}


def arguments_of(request: HttpRequest) -> dict[str, str]:
    """The arguments of a request by GET or POST; raises `badVerb` and `badArgument`."""
    given = [(name, value) for name, values in request.GET.lists() for value in values]
    if request.method == "POST":
        given += [(name, value) for name, values in request.POST.lists() for value in values]
    verbs = [value for name, value in given if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Refusal("badVerb", f"one verb is needed, of {', '.join(VERBS)}")
    arguments = dict(given)
    if len(arguments) != len(given):
        raise Refusal("badArgument", "an argument is repeated")
    _check_names(VERBS[verbs[0]], arguments.keys() - {"verb"})
    if any(len(value) > MAX_VALUE or _NOT_XML.search(value) for value in arguments.values()):
        raise Refusal("badArgument", f"a value is over {MAX_VALUE} characters or not text")
    return arguments


def _check_names(verb: Verb, names: set[str]) -> None:
    if verb.resumes and "resumptionToken" in names:
        if len(names) > 1:
            raise Refusal("badArgument", "a resumptionToken stands alone")
        return
    if unknown := names - verb.required - verb.optional:
        shown = ", ".join(sorted(name[:40] for name in unknown if not _NOT_XML.search(name)))
        raise Refusal("badArgument", f"not an argument of this verb: {shown}")
    if missing := verb.required - names:
        raise Refusal("badArgument", f"missing: {', '.join(sorted(missing))}")


def check_prefix(prefix: str) -> str:
    """A format that is offered; raises `badArgument`, `cannotDisseminateFormat`."""
    if not _PREFIX.fullmatch(prefix):
        raise Refusal("badArgument", "metadataPrefix is misspelt")
    if prefix not in PREFIXES:
        raise Refusal("cannotDisseminateFormat", f"offered are {', '.join(PREFIXES)}")
    return prefix


def read_times(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """`from` and `until`, empty if not given, as times that are both within.

    Raises `badArgument` for another spelling, two granularities, or an end before the beginning.
    """
    if since and until and len(since) != len(until):
        raise Refusal("badArgument", "from and until differ in granularity")
    first = _moment(since, "00:00:00") if since else None
    last = _moment(until, "23:59:59") if until else None
    if first and last and first > last:
        raise Refusal("badArgument", "from is later than until")
    return first, last


def _moment(text: str, time_of_day: str) -> datetime:
    try:
        return parse_time(f"{text}T{time_of_day}Z" if _DAY.fullmatch(text) else text)
    except InvalidTime:
        message = "times are written 2026-11-24 or 2026-11-24T02:08:43Z"
        raise Refusal("badArgument", message) from None


def read_set(spec: str) -> tuple[SetKind | None, str]:
    """Facet and code of a set; no facet: everything. Raises `badArgument`, `noRecordsMatch`."""
    if spec and not _SET.fullmatch(spec):
        raise Refusal("badArgument", "set is misspelt")
    name, _, code = spec.partition(":")
    if not spec or spec in FACETS:
        # Every record has an institution, a theme, a language and a kind.
        return None, ""
    for facet in FACETS:
        if name == facet and code in codes(facet):
            return facet, code
    raise Refusal("noRecordsMatch", "there is no such set")


def codes(facet: SetKind) -> list[str]:
    """The codes that a facet's sets have at this node."""
    if facet == "institution":
        return [view.id for view in own_institutions()]
    if facet == "theme":
        return [theme.code for theme in themes()]
    return list(KINDS) if facet == "kind" else list(TAGS)
