"""Peering: two administrators compare a fingerprint, each confirms, the nodes tell each other."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, keys, mirror, queries
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.flows.following import follow
from chorsu.flows.looking import Dishonest
from chorsu.flows.software import SOFTWARE
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may, node_institution_id, own_institutions
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.node import (
    MAX_NODE_BYTES,
    WELL_KNOWN_PATH,
    NodeDocument,
    open_node_file,
    parse_address,
    parse_node,
    sign_node,
)
from chorsu.wire.requests import verify_signature

PULL_JOB = "chorsu.jobs.tasks.pull_peer"
TELL_JOB = "chorsu.jobs.tasks.tell_peer"
PING_PATH = "/exchange/ping"
PEERING_PATH = "/exchange/peering"
PING_TIMEOUT_S = 5
NEW_KEY_PAUSE = timedelta(seconds=10)


class OwnAddress(Exception):  # noqa: N818 - says what is wrong
    """The address is this node's own."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came; `path` with its query, `headers` as sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def url(self) -> str:
        """What the sender must have signed: this node's own address, whatever Host says."""
        return f"{settings.NODE_ADDRESS}{self.path}"


def own_document() -> NodeDocument:
    """What this node says of itself."""
    return NodeDocument(
        name=settings.NODE_NAME,
        vkey=keys.signing_key().vkey,
        address=settings.NODE_ADDRESS,
        institutions=tuple(view.id for view in own_institutions()),
        software=SOFTWARE,
    )


def own_file() -> bytes:
    """The same, signed, to be carried to where no network reaches."""
    return sign_node(own_document(), keys.signing_key())


# What an administrator does; `by` is None for somebody at the node's own command line.


def look(*, address: str) -> NodeDocument:
    """Ask the node at an address who it is; what it says is worth nothing until confirmed.

    Raises `WireError` (`node-malformed` for a bad address too), `PeerTrouble`, `OwnAddress`.
    """
    document = _ask_document(parse_address(address.strip().rstrip("/")))
    if document.address != address:
        # Requests are signed for the address a node has for itself, so that one must work.
        document = _ask_document(document.address)
    if document.name == settings.NODE_NAME:
        raise OwnAddress(document.name)
    return document


def add(*, address: str, by: Person | None, now: datetime) -> NodeDocument:
    """Keep the node at an address as one to be confirmed; raises as `look`, and `KeyDiffers`."""
    _only_administrators(by)
    document = look(address=address)
    state = queries.pull_state(document.name)
    if state is not None and state.key.vkey != document.vkey:
        _follow(document.address, state, now)
    with transaction.atomic():
        actions.add_peer(document=document, now=now)
        _audit("peer.added", document.name, by, now, vkey=document.vkey)
    return document


def add_from_file(*, data: bytes, by: Person | None, now: datetime) -> NodeDocument:
    """Keep the node that such a file describes as one to be confirmed; nobody is asked for it.

    Bundles are carried to and from it, until an administrator says that the network reaches it.
    Raises `WireError`, `OwnAddress`, `KeyDiffers`.
    """
    _only_administrators(by)
    document = open_node_file(data)
    if document.name == settings.NODE_NAME:
        raise OwnAddress(document.name)
    with transaction.atomic():
        actions.add_peer(document=document, now=now, carried=True)
        _audit("peer.added", document.name, by, now, vkey=document.vkey)
    return document


def reach(*, name: str, carried: bool, by: Person | None, now: datetime) -> None:
    """Decide whether a peer is reached by bundles alone, or by the network. Raises `NotThere`."""
    _only_administrators(by)
    with transaction.atomic():
        actions.set_carried(name=name, carried=carried)
        _audit("peer.carried" if carried else "peer.by-network", name, by, now)
        if not carried:
            transaction.on_commit(lambda: actions.defer(TELL_JOB, once=name, peer_name=name))
            transaction.on_commit(lambda: look_now(name=name, now=now))


def confirm(*, name: str, vkey: str, by: Person | None, now: datetime) -> None:
    """Trust the key that was shown and compared; the peer is told, and read from now on.

    Raises `KeyDiffers`, `NotThere`, `NotAllowed`.
    """
    _only_administrators(by)
    with transaction.atomic():
        actions.confirm_peer(name=name, vkey=vkey, now=now)
        _audit("peer.confirmed", name, by, now, vkey=vkey)
        transaction.on_commit(lambda: actions.defer(TELL_JOB, once=name, peer_name=name))
        transaction.on_commit(lambda: look_now(name=name, now=now))


def refuse(*, name: str, by: Person | None, now: datetime) -> None:
    """Trust the peer no more; nothing of it is read, nothing for the network is shown to it."""
    _only_administrators(by)
    with transaction.atomic():
        actions.refuse_peer(name=name)
        _audit("peer.refused", name, by, now)


def forget(*, name: str, by: Person | None, now: datetime) -> None:
    """Drop what is kept of the peer's log; records accepted from it stay readable."""
    _only_administrators(by)
    with transaction.atomic():
        actions.forget_peer(name=name)
        _audit("peer.forgotten", name, by, now)


def set_policy(
    *,
    name: str,
    files: str,
    ahead_max_mb: int | None,
    max_kb_per_second: int | None,
    by: Person | None,
    now: datetime,
) -> None:
    """Decide when the peer's files are fetched and how fast; a look follows. Raises `NotThere`."""
    _only_administrators(by)
    with transaction.atomic():
        actions.set_policy(
            name=name,
            files=files,
            ahead_max_mb=ahead_max_mb,
            max_kb_per_second=max_kb_per_second,
        )
        said = {"ahead_max_mb": ahead_max_mb, "max_kb_per_second": max_kb_per_second}
        given = {key: str(value) for key, value in said.items() if value is not None}
        _audit("peer.policy-set", name, by, now, files=files, **given)
        transaction.on_commit(lambda: look_now(name=name, now=now))


def trust_again(*, name: str, by: Person | None, now: datetime) -> None:
    """Read a peer again that was set aside."""
    _only_administrators(by)
    with transaction.atomic():
        actions.trust_again(name=name)
        _audit("peer.trusted-again", name, by, now)
        transaction.on_commit(lambda: look_now(name=name, now=now))


def look_now(*, name: str, now: datetime) -> None:
    """Have a worker read the peer; one that reads it already goes on with another look."""
    actions.want_look(name=name, now=now)
    actions.defer(PULL_JOB, once=name, peer_name=name)


# What nodes tell each other


def tell(*, name: str) -> None:
    """Tell a confirmed peer, if the network reaches it, that it is confirmed here.

    Raises `PeerTrouble`.
    """
    address = dict(queries.peers_by_network()).get(name)
    if address is None:
        return
    with PeerClient(address, key=keys.signing_key()) as client:
        if client.post(PEERING_PATH, own_document().to_bytes()) == 200:
            actions.confirmed_there(name=name)


def ping_all() -> None:
    """Tell every confirmed peer that there is something new; who can't be told looks anyway."""
    addresses = [address for _, address in queries.peers_by_network()]
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(_ping, addresses))


def receive_peering(request: SignedRequest, now: datetime) -> bool:
    """Another node says that it confirmed this one; returns whether that is so here too.

    Raises `WireError` (`request-signature` for a replay too), `KeyDiffers`, `PeeringRefused`.
    """
    document = parse_node(request.body)
    own = {document.name: document.verify_key}
    verified = verify_signature(
        request.method, request.url, request.headers, request.body, own.get, now
    )
    if document.name == settings.NODE_NAME:
        raise actions.PeeringRefused("this node's own name")
    try:
        return _asked(document, verified.nonce, now)
    except actions.KeyDiffers:
        # It tries again; by then this node may have found what leads to its new key.
        _look_for_new_key(document.name, now)
        raise


@transaction.atomic
def _asked(document: NodeDocument, nonce: str, now: datetime) -> bool:
    known = {view.name for view in queries.peers()}
    confirmed = actions.asked_by_peer(document=document, now=now)
    # One recorded before the peer moved would set its old address again.
    _once(document.name, nonce, now)
    if document.name not in known:
        _audit("peer.asked", document.name, None, now, vkey=document.vkey)
    return confirmed


def receive_ping(request: SignedRequest, now: datetime) -> str:
    """A peer says that it has something new: a worker looks. Returns the peer's name."""
    name = authenticate(request, now)
    look_now(name=name, now=now)
    return name


def authenticate(request: SignedRequest, now: datetime) -> str:
    """The name of the confirmed peer that signed a request, once: a replay is refused.

    Raises `WireError`, `request-signature` for a nonce seen before.
    """
    claimed: set[str] = set()

    def known(name: str) -> VerifyKey | None:
        claimed.add(name)
        return queries.peer_key(name)

    try:
        verified = verify_signature(
            request.method, request.url, request.headers, request.body, known, now
        )
    except WireError as error:
        if error.code == "request-signature":
            for name in claimed:
                _look_for_new_key(name, now)
        raise
    _once(verified.key.name, verified.nonce, now)
    return verified.key.name


def authenticate_origin(request: SignedRequest, now: datetime) -> str:
    """As `authenticate`, of a peer that asks for its own log back: also one that is set aside."""
    verified = verify_signature(
        request.method, request.url, request.headers, request.body, mirror.origin_key, now
    )
    _once(verified.key.name, verified.nonce, now)
    return verified.key.name


def _once(name: str, nonce: str, now: datetime) -> None:
    if not actions.remember_nonce(name=name, nonce=nonce, now=now):
        raise WireError("request-signature", "a replay: the nonce was used before")


def _look_for_new_key(name: str, now: datetime) -> None:
    """Have a peer read whose key may have changed: what it signs is not by the known one.

    Anybody can bring that about, so never sooner than `NEW_KEY_PAUSE` after the last look.
    """
    if queries.looked_at_before(name, now - NEW_KEY_PAUSE):
        actions.defer(PULL_JOB, once=name, peer_name=name)


def _follow(address: str, state: PullState, now: datetime) -> None:
    """Take up a peer's new key if its successions lead there; else it is `KeyDiffers`."""
    try:
        with PeerClient(address, key=keys.signing_key()) as client:
            follow(client, state, now)
    except (WireError, Dishonest, actions.Overtaken) as refusal:
        raise actions.KeyDiffers(state.name) from refusal


def _ask_document(address: str) -> NodeDocument:
    with PeerClient(address, key=keys.signing_key()) as client:
        return parse_node(client.get(WELL_KNOWN_PATH, max_bytes=MAX_NODE_BYTES))


def _ping(address: str) -> None:
    try:
        with PeerClient(address, key=keys.signing_key(), timeout_s=PING_TIMEOUT_S) as client:
            client.post(PING_PATH, b"")
    except PeerTrouble:
        # The peer's own timer makes up for a ping that was lost.
        return


def _only_administrators(by: Person | None) -> None:
    if by is not None and not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)


def _audit(action: str, name: str, by: Person | None, now: datetime, **detail: str) -> None:
    record_event(
        person=by, action=action, subject_kind="peer", subject_id=name, detail=detail, now=now
    )
