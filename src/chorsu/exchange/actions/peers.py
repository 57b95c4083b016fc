"""Deciding on peers, and remembering how looking at them went."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from chorsu.exchange.models import Peer, SeenNonce
from chorsu.exchange.queries import NotThere
from chorsu.wire.checkpoint import Cosignature
from chorsu.wire.node import NodeDocument
from chorsu.wire.requests import DEFAULT_WINDOW_S

State = Peer.State
MAX_ASKING = 50


class KeyDiffers(Exception):  # noqa: N818 - says what is wrong
    """The key is not the one this node keeps for that name; nothing was changed."""


class PeeringRefused(Exception):  # noqa: N818 - says what is wrong
    """The request is not taken: that peer was refused, or too many ask at once."""


@transaction.atomic
def add_peer(*, document: NodeDocument, now: datetime, carried: bool = False) -> None:
    """Keep a node that an administrator looked at, not yet confirmed. Raises `KeyDiffers`.

    `carried`: nobody asked it, its document came as a file; one that is known stays reached as it
    was.
    """
    row = _locked(document.name)
    if row is None:
        _create(document, State.ADDED, now, carried=carried)
        return
    if row.vkey != document.vkey and row.state not in (State.ASKED_US, State.ADDED):
        raise KeyDiffers(document.name)
    _describe(row, document)
    row.carried = row.carried and carried
    if row.state == State.REFUSED:
        row.state = State.ADDED
    row.save()


@transaction.atomic
def confirm_peer(*, name: str, vkey: str, now: datetime) -> None:
    """Trust a peer's key, the one that was shown: raises `KeyDiffers` for another, `NotThere`."""
    row = _locked(name)
    if row is None:
        raise NotThere(name)
    if row.vkey != vkey:
        raise KeyDiffers(name)
    if row.state != State.SET_ASIDE:
        row.state = State.CONFIRMED
        row.confirmed_at = row.confirmed_at or now
        row.save()


@transaction.atomic
def asked_by_peer(*, document: NodeDocument, now: datetime) -> bool:
    """Note that a node has confirmed this one; its request was signed by the document's key.

    A stranger is kept as asking: an administrator decides. Returns whether this node has
    confirmed it too. Raises `KeyDiffers` if the name is known by another key, `PeeringRefused`.
    """
    row = _locked(document.name)
    if row is None:
        if Peer.objects.filter(state=State.ASKED_US).count() >= MAX_ASKING:
            raise PeeringRefused("too many nodes ask at once")
        row = _create(document, State.ASKED_US, now)
    elif row.state == State.REFUSED:
        raise PeeringRefused("refused by an administrator")
    elif row.vkey != document.vkey and row.state != State.ASKED_US:
        raise KeyDiffers(document.name)
    _describe(row, document)
    row.confirmed_by_peer = True
    row.save()
    return row.state == State.CONFIRMED


def confirmed_there(*, name: str) -> None:
    """The peer says that it has confirmed this node."""
    Peer.objects.filter(name=name).update(confirmed_by_peer=True)


@transaction.atomic
def refuse_peer(*, name: str) -> None:
    """Trust a peer no more, or not at all; what came from it stays. Raises `NotThere`."""
    row = _locked(name)
    if row is None:
        raise NotThere(name)
    row.state = State.REFUSED
    row.save()


@transaction.atomic
def forget_peer(*, name: str) -> None:
    """Drop a peer with all that is kept of its feed, as if never met; accepted records stay."""
    deleted, _ = Peer.objects.filter(name=name).delete()
    if not deleted:
        raise NotThere(name)


@transaction.atomic
def set_policy(
    *, name: str, files: str, ahead_max_mb: int | None, max_kb_per_second: int | None
) -> None:
    """When files of a peer's records are fetched, and how fast; None: no cap, the setting.

    Raises `NotThere`.
    """
    row = _locked(name)
    if row is None:
        raise NotThere(name)
    row.files = Peer.Files(files)
    row.ahead_max_mb, row.max_kb_per_second = ahead_max_mb, max_kb_per_second
    row.save(update_fields=["files", "ahead_max_mb", "max_kb_per_second"])


@transaction.atomic
def set_carried(*, name: str, carried: bool) -> None:
    """Reach a peer by bundles alone from now on, or by the network. Raises `NotThere`.

    What was wrong at the last look is no trouble of a peer that is looked at no more.
    """
    row = _locked(name)
    if row is None:
        raise NotThere(name)
    row.carried = carried
    if carried and row.state != State.SET_ASIDE:
        row.trouble = row.trouble_detail = ""
    row.save(update_fields=["carried", "trouble", "trouble_detail"])


def record_carried(*, name: str, now: datetime) -> None:
    """A part of a bundle of the peer's log was taken in."""
    Peer.objects.filter(name=name).update(carried_at=now)


@transaction.atomic
def set_aside(*, name: str, code: str, evidence: str, now: datetime) -> bool:
    """Stop reading a peer whose feed does not add up; False if that was done already.

    `evidence` holds the two signed notes that contradict each other, for people to show around.
    """
    row = _locked(name)
    if row is None or row.state == State.SET_ASIDE:
        return False
    row.state = State.SET_ASIDE
    row.trouble, row.trouble_detail = code, evidence
    row.looked_at = now
    row.save()
    return True


@transaction.atomic
def trust_again(*, name: str) -> None:
    """Read a peer again that was set aside: a person has spoken with its people."""
    row = _locked(name)
    if row is None:
        raise NotThere(name)
    if row.state == State.SET_ASIDE:
        row.state = State.CONFIRMED
        row.trouble = row.trouble_detail = ""
        row.save()


def record_offer(*, name: str, size: int) -> None:
    """The peer's newest signed checkpoint has this size."""
    Peer.objects.filter(name=name).update(offered_size=size)


def want_look(*, name: str, now: datetime) -> None:
    """Somebody wants the peer looked at from now on: see `queries.look_is_wanted`."""
    Peer.objects.filter(name=name).update(look_wanted_at=now)


def record_look(*, name: str, now: datetime) -> None:
    """The peer answered, and all it offered was read to the end."""
    rows = Peer.objects.filter(name=name)
    rows.update(looked_at=now, answered_at=now, checkpoint_at=now, trouble="", trouble_detail="")


def record_trouble(*, name: str, code: str, detail: str, now: datetime) -> None:
    """Looking at the peer failed, for now."""
    rows = Peer.objects.filter(name=name, carried=False).exclude(state=State.SET_ASIDE)
    rows.update(looked_at=now, trouble=code, trouble_detail=detail[:2000])


def remember_nonce(*, name: str, nonce: str, now: datetime) -> bool:
    """Remember the nonce of a signed request; False if it was seen before: a replay."""
    row = Peer.objects.filter(name=name).first()
    if row is None:
        return False
    try:
        with transaction.atomic():
            SeenNonce.objects.create(peer=row, nonce=nonce, at=now)
    except IntegrityError:
        return False
    return True


def record_witness(*, name: str, seen: Cosignature, note: bytes) -> None:
    """A peer has cosigned this node's own log, which contains what it saw.

    What it said before of a longer log stands: an old note sent again takes nothing back.
    """
    Peer.objects.filter(name=name, witnessed_size__lte=seen.checkpoint.size).update(
        witnessed_size=seen.checkpoint.size, witnessed_at=seen.time, witnessed_note=note
    )


def clean_up(*, now: datetime) -> int:
    """Forget nonces whose requests would be refused as too old by now; returns how many."""
    window = timedelta(seconds=2 * DEFAULT_WINDOW_S)
    deleted, _ = SeenNonce.objects.filter(at__lt=now - window).delete()
    return deleted


def _locked(name: str) -> Peer | None:
    return Peer.objects.select_for_update().filter(name=name).first()


def _create(
    document: NodeDocument, state: Peer.State, now: datetime, *, carried: bool = False
) -> Peer:
    return Peer.objects.create(
        name=document.name,
        address=document.address,
        vkey=document.vkey,
        institutions=list(document.institutions),
        state=state,
        carried=carried,
        added_at=now,
        files=settings.NODE.text("exchange.files"),
    )


def _describe(row: Peer, document: NodeDocument) -> None:
    row.address = document.address
    row.vkey = document.vkey
    row.institutions = list(document.institutions)
