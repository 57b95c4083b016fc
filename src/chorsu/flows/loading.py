"""Loading: which log a bundle carries, with what: the own one, or a peer's for it to have back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from chorsu.exchange import cargo, erasures, keys, mirror, queries, sightings, witnesses
from chorsu.exchange.cargo import Load
from chorsu.exchange.queries import NotThere
from chorsu.wire.bundle import (
    ANSWERS_FOLDER,
    CHECKPOINT,
    ERASURES_FOLDER,
    KEYS,
    successions_of,
    witness_of,
)
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.erasing import MAX_ANSWERS, sign_answers
from chorsu.wire.keys import VerifyKey
from chorsu.wire.note import parse_note
from chorsu.wire.succession import print_chain
from chorsu.wire.tiles import Tile
from chorsu.wire.zips import MAX_NAME_BYTES

MOST_ANSWERS = 10_000


class NotPacked(Exception):  # noqa: N818 - says what is wrong
    """The bundle can't be made; `code` is of `troubles.BUNDLE_TROUBLES`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: entries from `since` on, for a peer, in parts of at most `max_bytes`.

    `mirror`: of the peer's own log, as it is kept here, for the peer to restore from.
    """

    recipient: str
    key: VerifyKey
    since: int
    max_bytes: int
    now: datetime
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """A log of `size` entries, and what of it may be carried.

    `signed` are the small members that a signature covers, by name. `loads` gives the blobs of a
    stretch of entries, `leaf_bytes` the bytes of their bundles. `sealed`: only encrypted.
    """

    origin: str
    size: int
    signed: Mapping[str, bytes]
    sealed: bool
    tile: Callable[[Tile], bytes]
    loads: Callable[[int, int], Iterator[Load]]
    leaf_bytes: Callable[[int, int], int]


def own_log(order: Order) -> Log:
    """The log of this node.

    What is for the network leaves the node only encrypted, and only for who is confirmed.
    """
    note = witnesses.carried_checkpoint()
    said = _said(order.recipient)
    size = _size(note)
    sealed = cargo.is_confirmed(order.recipient) and (
        bool(said) or cargo.holds_network_records(order.since, size)
    )
    return _own(order.recipient, note, said, sealed=sealed)


def beside_sealed(order: Order) -> Log | None:
    """Of the own log a part of no entries that is not encrypted; None where none is needed.

    Who was put back with a key that it had replaced can't open what is encrypted to the newer one,
    and learns by this that there is one.
    """
    try:
        if not queries.chain_of(order.recipient):
            return None
    except NotThere:
        return None
    return _own(order.recipient, witnesses.carried_checkpoint(), {}, sealed=False)


def mirrored_log(order: Order) -> Log:
    """The log of the peer itself, as it is kept here, with all that this node would give back to
    it over the network. Raises `NotPacked`.
    """
    origin = order.recipient
    try:
        note = mirror.mirrored_note(origin)
    except NotThere as error:
        raise NotPacked("bundle-no-copy", origin) from error
    size = _size(note)
    if queries.peer(origin).verified_size < size:
        raise NotPacked("bundle-no-copy", f"{queries.peer(origin).verified_size} of {size}")
    # One that is set aside has its copy back all the same, without a word on how it was seen.
    with suppress(NotThere):
        note = witnesses.cosigned(origin)
    return Log(
        origin=origin,
        size=size,
        signed={CHECKPOINT: note},
        sealed=True,
        tile=partial(mirror.mirrored_tile, origin),
        loads=partial(cargo.mirrored_loads, origin, may_have=mirror.mirrored_blobs),
        leaf_bytes=partial(cargo.entry_bundles_bytes, origin=origin),
    )


def _own(recipient: str, note: bytes, said: Mapping[str, bytes], *, sealed: bool) -> Log:
    chain = print_chain(keys.chain())
    words = {CHECKPOINT: note, **({KEYS: chain} if chain else {}), **_known(recipient), **said}
    return Log(
        origin=str(settings.NODE_NAME),
        size=_size(note),
        signed=words,
        sealed=sealed,
        tile=queries.tile_bytes,
        loads=partial(cargo.loads, network=sealed),
        leaf_bytes=cargo.entry_bundles_bytes,
    )


def _size(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _said(recipient: str) -> dict[str, bytes]:
    """Members by which a confirmed peer learns what was erased here, and what was done about its
    own erasures; over the network it would sign for asking.
    """
    if not cargo.is_confirmed(recipient):
        return {}
    key = keys.signing_key()
    lists = {f"{ERASURES_FOLDER}{one.after}": one.to_bytes(key) for one in erasures.own_lists()}
    answers = erasures.untold(recipient, MOST_ANSWERS)
    chunks = [answers[at : at + MAX_ANSWERS] for at in range(0, len(answers), MAX_ANSWERS)]
    notes = [sign_answers(chunk, origin=recipient, key=key) for chunk in chunks]
    return lists | {f"{ANSWERS_FOLDER}{number}": note for number, note in enumerate(notes)}


def _known(recipient: str) -> dict[str, bytes]:
    """Members by which anybody learns what this node answers over the network to who asks it: how
    the recipient came to its key, which logs were seen here how far, and what others have shown
    here of the recipient's.
    """
    found = {}
    with suppress(NotThere):
        found[successions_of(recipient)] = queries.chain_of(recipient)
    shown = {one.witness: one.note for one in sightings.sightings_of(recipient)}
    found |= {witness_of(recipient, witness): note for witness, note in shown.items()}
    seen = witnesses.all_cosigned()
    found |= {witness_of(log, str(settings.NODE_NAME)): note for log, note in seen.items()}
    return {name: data for name, data in found.items() if data and len(name) <= MAX_NAME_BYTES}
