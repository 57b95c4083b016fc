"""Erasing what this node published, and deciding on what peers ask it to erase. Administrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chorsu.exchange import erasures as exchange
from chorsu.exchange.erasures import Answer, PeerAnswer, RequestView
from chorsu.flows import erasing, heeding
from chorsu.flows.erasing import InvalidReason, NotErasable, Reason, Target
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.web.access import node_administrator
from chorsu.web.drafting.messages import message
from chorsu.web.erased import GROUNDS, WHATS
from chorsu.web.labels import label
from chorsu.web.locales import colon, language_name, page_language
from chorsu.wire.erasing import MAX_WORDS

LISTED = 100
TONES = ("ok", "wait", "trouble")
KEPT: Mapping[str, str | Promise] = {
    exchange.USED_HERE: gettext_lazy("the node that was asked uses it itself"),
    exchange.USED_BY_OTHER: gettext_lazy("a record of another node uses it too"),
    exchange.NOT_NAMED: gettext_lazy("the log and records of the asking node do not name it"),
    exchange.PRESENT: gettext_lazy("it is what the record says now"),
    exchange.DECIDED: gettext_lazy("an administrator decided so"),
}
PRESENT: Mapping[str, str | Promise] = {
    PRACTICE: gettext_lazy(
        "It is what the practice says now. Publish a new revision or withdraw the practice first."
    ),
    COURSE: gettext_lazy(
        "It is what the course says now. Publish a new revision or withdraw the course first."
    ),
}


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What one peer said; `tone` is ok, wait or trouble."""

    peer: str
    words: str
    tone: str
    answer: PeerAnswer


@dataclass(frozen=True, slots=True)
class ErasureCard:
    """One erasure on the list, with what peers said or what this node answered."""

    request: RequestView
    what: str
    title: str
    title_language: str
    url: str
    answers: Sequence[AnswerLine] = ()
    kept: str = ""


class ReasonForm(forms.Form):
    """Why something is erased, and that the person knows what that means."""

    ground = forms.ChoiceField(
        label=pgettext_lazy("erasure", "Ground"),
        choices=[("", "—"), *GROUNDS.items()],
    )
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=MAX_WORDS,
        help_text=gettext_lazy(
            "Readers and all peers see these words. Do not name persons and do not repeat what is "
            "to be erased."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of these words"))
    named = forms.BooleanField(
        label=gettext_lazy("Go on showing the name and description of the file"), required=False
    )
    sure = forms.BooleanField(label=gettext_lazy("I know that this can't be undone"))

    def __init__(self, data: object, target: Target) -> None:
        here = page_language().tag
        super().__init__(data, initial={"language": here, "named": True})  # type: ignore[arg-type]
        names = [(one.tag, language_name(one.tag, here)) for one in LANGUAGES]
        self.fields["language"].choices = names  # type: ignore[attr-defined]
        if target.what != "file":
            del self.fields["named"]

    def reason(self) -> Reason:
        """What a valid form says."""
        given = self.cleaned_data
        named = bool(given.get("named", True))
        return Reason(given["ground"], given["words"], given["language"], named=named)


@login_required
@require_safe
def practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """What of a practice of this node can be erased."""
    return _targets(request, PRACTICE, practice_id)


@login_required
@require_safe
def course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """What of a course of this node can be erased."""
    return _targets(request, COURSE, course_id)


@login_required
def erase_of_practice(request: HttpRequest, practice_id: UUID, blob: str) -> HttpResponse:
    """Erase something of a practice."""
    return _erase(request, PRACTICE, practice_id, blob)


@login_required
def erase_of_course(request: HttpRequest, course_id: UUID, blob: str) -> HttpResponse:
    """Erase something of a course."""
    return _erase(request, COURSE, course_id, blob)


def _targets(request: HttpRequest, kind: str, record_id: UUID) -> HttpResponse:
    node_administrator(request)
    targets = [one for one in erasing.targets_of(record_id) if one.kind == kind]
    if not targets:
        raise Http404
    context = {
        "kind": kind,
        "record_id": record_id,
        "named": erasing.titles_of([record_id]).get(record_id),
        "files": [one for one in targets if one.what == "file"],
        "revisions": [one for one in targets if one.what == "record"],
        "reasons": [one for one in targets if one.what == "reason"],
        "present": label(PRESENT, kind),
    }
    return render(request, "exchange/erase.html", context)


def _erase(request: HttpRequest, kind: str, record_id: UUID, blob: str) -> HttpResponse:
    """Ask why, say what follows, and erase (POST)."""
    person = node_administrator(request)
    try:
        told = erasing.consequence(record_id, blob)
    except NotErasable as refused:
        return _not_erasable(request, kind, record_id, refused)
    if told.target.kind != kind:
        raise Http404
    form = ReasonForm(request.POST or None, told.target)
    if request.method == "POST" and form.is_valid():
        try:
            erasing.erase(
                record_id=record_id, blob=blob, reason=form.reason(), by=person, now=utc_now()
            )
        except NotErasable as refused:
            return _not_erasable(request, kind, record_id, refused)
        except InvalidReason as invalid:
            for error in invalid.errors:
                form.add_error(error.field, message(error))
        else:
            messages.success(request, _("Erased. Peers read the request when they next look."))
            return redirect("erasures")
    context = {
        "form": form,
        "kind": kind,
        "told": told,
        "what": label(WHATS, told.target.what),
        "record_id": record_id,
        "translations": [language_name(tag, page_language().tag) for tag in told.left.translations],
    }
    status = 400 if form.errors else 200
    return render(request, "exchange/erase_blob.html", context, status=status)


@login_required
@require_safe
def erasures(request: HttpRequest) -> HttpResponse:
    """What was erased here with what each peer said, and what peers ask of this node."""
    node_administrator(request)
    context = {
        "own": _cards(exchange.own_erasures(LISTED)),
        "waiting": _cards([(one, ()) for one in exchange.requests(LISTED, waiting=True)]),
        "settled": _cards([(one, ()) for one in exchange.requests(LISTED, waiting=False)]),
    }
    return render(request, "exchange/erasures.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Erase what a peer asks for, or keep it: the button's value says which."""
    person = node_administrator(request)
    wish = request.POST.get("decision", "")
    if wish in ("erase", "keep"):
        try:
            heeding.decide(request_id=number, erase=wish == "erase", by=person, now=utc_now())
        except heeding.NotWaiting:
            messages.error(request, _("That was decided meanwhile."))
        else:
            messages.success(request, _("Decided. The node that asks is told at the next look."))
    return redirect("erasures")


def _not_erasable(
    request: HttpRequest, kind: str, record_id: UUID, refused: NotErasable
) -> HttpResponse:
    if refused.code == "unknown":
        raise Http404
    said = label(PRESENT, kind) if refused.code == "present" else _("It is erased already.")
    messages.error(request, said)
    return redirect(reverse(f"{kind}-erase", args=[record_id]))


def _cards(found: Sequence[tuple[RequestView, Sequence[PeerAnswer]]]) -> list[ErasureCard]:
    """A card for each thing erased: the blobs of one revision, erased together, are one."""
    titles = erasing.titles_of([one.record_id for one, _answers in found])
    together: dict[object, list[tuple[RequestView, Sequence[PeerAnswer]]]] = {}
    for one, answers in found:
        alone = one.blob if one.what == "file" or one.answer == Answer.WAITING else ""
        key = (one.origin, one.record_id, one.what, one.revision, one.answer, one.code, alone)
        together.setdefault(key, []).append((one, answers))
    cards = []
    for group in together.values():
        first = group[0][0]
        named = titles.get(first.record_id)
        cards.append(
            ErasureCard(
                request=first,
                what=label(WHATS, first.what),
                title=named.title if named else "",
                title_language=named.language if named else "",
                url=reverse(named.kind, args=[named.record_id]) if named else "",
                answers=_worst([[_line(one) for one in answers] for _first, answers in group]),
                kept=_kept(first.code) if first.answer == Answer.KEPT else "",
            )
        )
    return cards


def _worst(lines: Sequence[Sequence[AnswerLine]]) -> list[AnswerLine]:
    """Of each peer the answer that is furthest from done."""
    by_peer: dict[str, AnswerLine] = {}
    for line in (one for some in lines for one in some):
        before = by_peer.get(line.peer)
        if before is None or TONES.index(line.tone) > TONES.index(before.tone):
            by_peer[line.peer] = line
    return list(by_peer.values())


def _line(one: PeerAnswer) -> AnswerLine:
    if one.answer == Answer.ERASED:
        return AnswerLine(one.peer, _("Erased"), "ok", one)
    if one.answer == Answer.KEPT:
        return AnswerLine(
            one.peer, f"{_('Kept')}{colon(page_language().tag)}{_kept(one.code)}", "trouble", one
        )
    if one.answer == Answer.WAITING:
        return AnswerLine(one.peer, _("An administrator there has yet to decide"), "wait", one)
    if one.asked_at is not None:
        return AnswerLine(one.peer, _("Asked, no answer yet"), "wait", one)
    if one.knows is False:
        words = _("Does not know such requests: its software is older")
        return AnswerLine(one.peer, words, "trouble", one)
    return AnswerLine(one.peer, _("Not asked yet: it has not looked since"), "wait", one)


def _kept(code: str) -> str:
    """Why something is kept; a code of other software stands as it is."""
    return label(KEPT, code)
