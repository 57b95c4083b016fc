"""The node's own key: made once, kept in the data folder, read by nobody but the node's user.

Beside it lies the chain of successions from the node's first key to its present one (`successions`,
as served). The chain says which key is the present one, so whoever has the folder has both, and
changing the key is one rename: of the chain. `node.key` is the present key, or, if the change was
cut short behind that rename, the one before; `next.key` is the present one then.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chorsu.wire.checkpoint import Checkpoint, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey
from chorsu.wire.note import parse_note
from chorsu.wire.succession import Succession, parse_chain, print_chain

SEED_BYTES = 32
OLD_PATTERN = "old-*.key"


class UnusableKey(Exception):  # noqa: N818 - says what is wrong
    """The node's key file cannot be used; put the kept copy back, or peers will refuse the node."""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The present key, and how the node came to it."""

    key: SigningKey
    chain: tuple[Succession, ...]


def key_path() -> Path:
    """Where the key lies: 32 bytes, mode 0600."""
    return Path(settings.DATA_DIR) / "keys" / "node.key"


def chain_path() -> Path:
    """Where the chain of successions lies; no file while the node has its first key."""
    return key_path().with_name("successions")


def signing_key() -> SigningKey:
    """The node's present key, made at first use. Raises `UnusableKey` for a damaged file."""
    return own_keys().key


def chain() -> tuple[Succession, ...]:
    """The successions from the node's first key to its present one."""
    return own_keys().chain


def own_keys() -> OwnKeys:
    """Key and chain as they are on the disk now; read again only when a file there has changed."""
    path, name = key_path(), settings.NODE_NAME
    if not path.exists() and not chain_path().exists():
        _make(path, name)
    own = _read(path, name, (_mark(path), _mark(chain_path())))
    if _seed_in(path) != own.key.seed:
        # A change was cut short behind the rename that counts: end it.
        with suppress(OSError):
            _settle(own)
    return own


def unsealing_keys() -> list[SigningKey]:
    """The present key and the replaced ones that are kept to open what was sealed to them."""
    own = own_keys()
    rows = sorted(key_path().parent.glob(OLD_PATTERN))
    return [own.key, *(_key_in(path, own.key.name) for path in rows)]


def replaced_signers() -> set[tuple[str, int]]:
    """Name and key id of the node's replaced keys, as signature lines give them."""
    return {(one.name, one.old.key_id) for one in chain()}


def ended_by_change(note: bytes, own: OwnKeys) -> Checkpoint | None:
    """The own checkpoint if the last change of the key came before it was signed anew, else None.

    The key counts from one moment on and the database hears of it in the next.
    """
    parsed = parse_note(note)
    signers = {one.key_id for one in parsed.signatures if one.name == own.key.name}
    if not own.chain or own.key.key_id in signers:
        return None
    last, found = own.chain[-1], parse_checkpoint(parsed.text)
    replaced = any(one.old.key_id in signers for one in own.chain)
    return found if replaced and (found.size, found.root) == (last.size, last.root) else None


def goes_on_with(note: bytes) -> bool:
    """Whether the log with this own checkpoint (empty: none yet) goes on with the key at hand."""
    own = own_keys()
    if not note or ended_by_change(note, own) is not None:
        return True
    signers = {(one.name, one.key_id) for one in parse_note(note).signatures}
    return (own.key.name, own.key.key_id) in signers


def change(new: SigningKey, succession: Succession) -> None:
    """Make `new` the present key, for good; whoever calls it holds the lock of the feed.

    Killed before the chain has its new name, nothing has changed; after it, all has. The replaced
    key is kept to open what was sealed to it, or destroyed with all before it if it was revoked.
    """
    own, folder = own_keys(), key_path().parent
    _settle(own)
    _write(folder / "next.key", new.seed)
    _write(folder / "next.successions", print_chain((*own.chain, succession)))
    if not succession.revoked:
        _write(_old_path(own.key.verify_key), own.key.seed)
    (folder / "next.successions").replace(chain_path())
    _sync(folder)
    _settle(own_keys())


def _settle(own: OwnKeys) -> None:
    """End a change that was cut short: the present key gets its name, revoked ones go."""
    folder = key_path().parent
    if own.chain and own.chain[-1].revoked:
        # With what a killed change may have left of them.
        for path in (*folder.glob(OLD_PATTERN), *folder.glob(f".{OLD_PATTERN}.*")):
            path.unlink(missing_ok=True)
    if _seed_in(key_path()) != own.key.seed:
        # Another process may have been quicker.
        with suppress(FileNotFoundError):
            (folder / "next.key").replace(key_path())
    _sync(folder)


@lru_cache(maxsize=16)
def _read(path: Path, name: str, marks: tuple[object, ...]) -> OwnKeys:
    folder = path.parent
    try:
        links = parse_chain((folder / "successions").read_bytes()) if marks[1] else ()
        if not links:
            return OwnKeys(_key_in(path, name), ())
        for one in (path, folder / "next.key"):
            if one.exists() and (key := _key_in(one, name)).verify_key == links[-1].new:
                return OwnKeys(key, links)
    except WireError as error:
        raise UnusableKey(f"{folder}: {error.detail}") from error
    wanted = links[-1].new.fingerprint
    raise UnusableKey(f"{folder}: the key with the fingerprint {wanted} is not there")


def _key_in(path: Path, name: str) -> SigningKey:
    try:
        return SigningKey.from_bytes(path.read_bytes(), name)
    except WireError as error:
        raise UnusableKey(f"{path}: {error.detail}") from error


def _seed_in(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _old_path(key: VerifyKey) -> Path:
    return key_path().with_name(f"old-{key.public.hex()[:16]}.key")


def _mark(path: Path) -> tuple[int, ...]:
    """What tells a file from the one that takes its place; empty for none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _make(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _draft(path, SigningKey.generate(name).seed)
    try:
        # A link, not a rename: of two processes that start at once, the first one's key stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(path: Path, data: bytes) -> None:
    """A file that has its name only when it is whole and on the disk."""
    _draft(path, data).replace(path)
    _sync(path.parent)


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    """The names in a folder, on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
