"""A record saved as one file with its proof, and what such a file proves. All rules, numbered.

The file is canonical JSON, format 1, with the members `entry` (the leaf), `record` (the blob, or
null where it was left out or erased), `proof` (a `wire.proof.Proof` as text, without extra data)
and `keys` (verifier keys of who signed, as the file claims: never trusted for being there). Entry
and record are canonical JSON themselves, so printing either canonically gives the bytes hashed.

1. The file is of this form and no other, within its cap. Else `saved-malformed`, `saved-format`,
   a `json-...` code, or what the readers of its parts raise.
2. The entry is a leaf. One of a kind or format nobody here knows proves as much as any other.
   Else `entry-malformed`, `entry-too-large`.
3. The record is the blob that the entry names, length and hash. Else `blob-size`, `blob-hash`.
4. What the record says of itself is what the entry says: `kind` and `id`; a record that names
   its `origin` is of the log's origin and repeats `revision` and `audience`. Else `saved-mismatch`.
5. The checkpoint is signed by a key of its origin that the reader knows. Else `wrong-key`,
   `bad-signature`. Where the reader knows no key that answers to that name, a key
   of the file may stand in: then the verdict says `trusted=False`, and all it proves is that
   whoever has the key with that fingerprint published this. What a replaced key signed counts up
   to the size at which it was replaced. What a revoked one signed needs more, for a thief can give
   an old size: a cosignature of a witness the reader knows, or that the reader has that very entry
   in a copy of the log. Else `old-key`.
6. The entry is the leaf at its index in the tree of that checkpoint. Else `proof-invalid`.
7. A cosignature of a key the reader knows must hold. Else `bad-signature`,
   `cosignature-malformed`. Others are told apart and prove nothing: those that hold by a key of
   the file, and those of strangers. The origin is no witness of itself, and one key is one witness.
8. The entry's time is the origin's word; a witness's time is the witness's. What a witness saw
   before the time the entry states was not published at that time (`time_contradicted`).

A verdict holds as of its checkpoint: it does not say that nothing came later.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.wire.checkpoint import Checkpoint, Cosignature, cosignature_in, parse_checkpoint
from chorsu.wire.entry import MAX_ENTRY_BYTES, Entry, UnknownEntry, parse_entry
from chorsu.wire.envelope import Json, JsonValue, canonical_json, check_blob, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import leaf_hash, verify_inclusion
from chorsu.wire.note import MAX_SIGNATURES, Note, Signature, open_parsed
from chorsu.wire.proof import Proof, parse_proof, split_note
from chorsu.wire.succession import KnownKey, OldKey, public_key

SAVED_FORMAT = 1
MEDIA_TYPE = "application/vnd.chorsu.saved+json"
EXTENSION = ".chorsu"
MAX_RECORD_BYTES = 16 * 1024 * 1024
MAX_SAVED_BYTES = MAX_RECORD_BYTES + 512 * 1024
MAX_DEPTH = 40
MAX_KEYS = MAX_SIGNATURES
KEPT_NOTES = 16
"""Checkpoints whose signatures were checked, that a process remembers: 2 MB at the most."""
# Two honest clocks may be this far apart before one contradicts the other.
CLOCKS_APART = timedelta(minutes=10)
_MEMBERS = frozenset(("entry", "format", "keys", "proof", "record"))


@dataclass(frozen=True, slots=True)
class Saved:
    """The parts of a saved record, of proper form and not yet believed.

    `entry` and `record` are the bytes that are hashed; `record` is None where it was left out.
    """

    entry: bytes
    record: bytes | None
    proof: Proof
    keys: tuple[VerifyKey, ...]

    def to_bytes(self) -> bytes:
        """The file. Raises `saved-malformed`, or a `json-...` code for a record not canonical."""
        record = None
        if self.record is not None:
            found = parse_json(self.record, MAX_RECORD_BYTES, MAX_DEPTH - 1)
            if not isinstance(found, dict):
                raise WireError("saved-malformed", "the record is not an object")
            record = found
        _require(self.proof.extra is None, "a proof with extra data")
        _require_keys([key.vkey for key in self.keys])
        data = canonical_json(Opened(self, record).members())
        _require(len(data) <= MAX_SAVED_BYTES, f"{len(data)} bytes")
        return data


@dataclass(frozen=True, slots=True)
class Opened:
    """A saved record, of proper form and not yet believed, with the members of its record.

    Two are equal if their bytes are; the members only repeat what those say.
    """

    saved: Saved
    record: Mapping[str, JsonValue] | None = field(compare=False)

    def members(self) -> dict[str, Json]:
        """What the file holds."""
        return {
            "entry": parse_json(self.saved.entry, MAX_ENTRY_BYTES),
            "format": SAVED_FORMAT,
            "keys": [key.vkey for key in self.saved.keys],
            "proof": self.saved.proof.to_bytes().decode(),
            "record": self.record,
        }


def parse_saved(data: bytes) -> Saved:
    """Rule 1: read a file without believing it."""
    return open_saved(data).saved


def open_saved(data: bytes) -> Opened:
    """As `parse_saved`, with the members of the record."""
    return _open(parse_json(data, MAX_SAVED_BYTES, MAX_DEPTH), data)


def open_members(members: JsonValue) -> Opened:
    """As `open_saved`, of what stands within a file that was read as canonical JSON already."""
    return _open(members, None)


def _open(members: JsonValue, file: bytes | None) -> Opened:
    if not isinstance(members, dict):
        raise WireError("saved-malformed", "not an object")
    format_ = members.get("format")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > SAVED_FORMAT:
        raise WireError("saved-format", f"format {format_}")
    _require(format_ == SAVED_FORMAT and format_ is not True, "format")
    _require(members.keys() == _MEMBERS, "members missing or unknown")
    entry, record, text = members["entry"], members["record"], members["proof"]
    _require(isinstance(entry, dict), "entry is not an object")
    if not isinstance(text, str):
        raise WireError("saved-malformed", "proof is not a string")
    proof = parse_proof(text.encode())
    _require(proof.extra is None, "a proof with extra data")
    leaf, keys = canonical_json(entry), _keys(members["keys"])
    if record is None:
        return Opened(Saved(leaf, None, proof, keys), None)
    if not isinstance(record, dict):
        raise WireError("saved-malformed", "record is not an object")
    if file is None:
        return Opened(Saved(leaf, canonical_json(record), proof, keys), record)
    # The file is canonical, so what stands in it is what printing the record would give, and it
    # comes last: a large record is not printed a second time.
    before = canonical_json({name: members[name] for name in _MEMBERS - {"record"}})
    start = len(before) - 1 + len(b',"record":')
    return Opened(Saved(leaf, file[start:-1], proof, keys), record)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file proves; `witnesses` are known, `claimed_witnesses` hold by the file's own keys.

    `strangers` counts signatures of neither. `record` is what was published, or None if the file
    leaves it out.
    """

    trusted: bool
    key: VerifyKey
    checkpoint: Checkpoint
    index: int
    entry: Entry | UnknownEntry
    record: Mapping[str, JsonValue] | None
    witnesses: tuple[Cosignature, ...]
    claimed_witnesses: tuple[Cosignature, ...]
    strangers: int

    @property
    def origin(self) -> str:
        """Name of the node that published."""
        return self.checkpoint.origin

    @property
    def seen_at(self) -> datetime | None:
        """When the first known witness had seen it, or None."""
        return min((one.time for one in self.witnesses), default=None)

    @property
    def time_contradicted(self) -> bool:
        """Rule 8: a known witness saw the entry before the time that it states."""
        stated = self.entry.time if isinstance(self.entry, Entry) else None
        return bool(stated and self.seen_at and self.seen_at < stated - CLOCKS_APART)

    @property
    def institution(self) -> str:
        """Id of the institution, as the record says; empty if it says none."""
        return _text(self.record or {}, "institution")

    @property
    def titles(self) -> Mapping[str, str]:
        """Titles by language tag, the original's first, of a record that has texts."""
        record = self.record or {}
        texts = record.get("texts")
        if not isinstance(texts, dict):
            single = _title(record)
            return {_text(record, "language"): single} if single else {}
        original = _text(record, "original_language")
        order = sorted(TAGS, key=lambda tag: tag != original)
        return {tag: title for tag in order if (title := _title(texts.get(tag)))}


def verify_saved(
    data: bytes,
    known: Iterable[KnownKey],
    leaf_at: Callable[[str, int], bytes | None] = lambda origin, index: None,
) -> Verdict:
    """Rules 1 to 8 over a file, with the keys the reader knows; raises `WireError`.

    `leaf_at` gives the entry at a place of a log that the reader has a copy of.
    """
    return verify_opened(open_saved(data), known, leaf_at)


def verify_opened(
    opened: Opened,
    known: Iterable[KnownKey],
    leaf_at: Callable[[str, int], bytes | None] = lambda origin, index: None,
) -> Verdict:
    """As `verify_saved`, of what was read already: rules 2 to 8."""
    saved, record = opened.saved, opened.record
    note = saved.proof.parsed
    entry = parse_entry(saved.entry)
    keys_at_hand = tuple(known)
    trusted_keys = [
        public_key(one)
        for one in keys_at_hand
        # Whoever has a revoked key can be a witness at any time he likes.
        if not (isinstance(one, OldKey) and one.revoked)
    ]
    if isinstance(entry, Entry) and saved.record is not None:
        _check_record(saved.record, entry)
    checkpoint, key, trusted = _check_signed(note, saved.keys, tuple(map(public_key, keys_at_hand)))
    old = next((one for one in keys_at_hand if isinstance(one, OldKey) and one.key == key), None)
    _check_claims(record, entry, checkpoint.origin)
    verify_inclusion(
        leaf_hash(saved.entry),
        saved.proof.index,
        checkpoint.size,
        saved.proof.hashes,
        checkpoint.root,
    )
    witnesses = _cosigned_by(note, _witness_keys(trusted_keys, key))
    if old is not None:
        held = leaf_at(checkpoint.origin, saved.proof.index) == saved.entry
        _check_old_key(old, checkpoint, confirmed=bool(witnesses) or held)
    names = {one.name for one in trusted_keys}
    theirs = [one for one in saved.keys if one.name not in names]
    claimed = _cosigned_by(note, _witness_keys(theirs, key, *trusted_keys))
    told = {one.witness for one in (*witnesses, *claimed)} | {checkpoint.origin}
    strangers = {(one.name, one.key_id) for one in note.signatures if one.name not in told}
    return Verdict(
        trusted=trusted,
        key=key,
        checkpoint=checkpoint,
        index=saved.proof.index,
        entry=entry,
        record=record,
        witnesses=witnesses,
        claimed_witnesses=claimed,
        strangers=len(strangers),
    )


def forget_signatures() -> None:
    """Check anew the signatures of whatever comes next, as a process does that has only begun."""
    split_note.cache_clear()
    _check_signed.cache_clear()
    _cosigned_by.cache_clear()


def check_file(verdict: Verdict, sha256: str) -> None:
    """Raise `saved-lacks-file` unless the record has a file with this hash (64 hex digits)."""
    rows = (verdict.record or {}).get("files")
    listed = rows if isinstance(rows, list) else []
    if not any(isinstance(row, dict) and row.get("sha256") == sha256 for row in listed):
        raise WireError("saved-lacks-file", sha256)


def _check_record(record: bytes, entry: Entry) -> None:
    if entry.blob is None or entry.size is None:
        raise WireError("saved-mismatch", "a record, and the entry names none")
    check_blob(record, entry.blob, entry.size)


def _check_claims(
    record: Mapping[str, JsonValue] | None, entry: Entry | UnknownEntry, origin: str
) -> None:
    """Rule 4; of an entry that is not understood nothing ties a record to it."""
    if record is None:
        return
    if not isinstance(entry, Entry):
        raise WireError("saved-mismatch", "a record of an entry that can't be understood")
    expected: dict[str, JsonValue] = {"kind": entry.kind, "id": entry.id}
    if "origin" in record:
        expected |= {"origin": origin, "revision": entry.revision, "audience": entry.audience}
    for name, value in expected.items():
        found = record.get(name)
        # With the type, for true equals 1.
        if (type(found), found) != (type(value), value):
            raise WireError("saved-mismatch", f"{name} of the record is not that of the entry")


# What proves two records of one log, as in a holder's file, is mostly the same checkpoint: of the
# same text with the same signatures the same keys say the same, and are asked once.
@functools.lru_cache(maxsize=KEPT_NOTES)
def _check_signed(
    note: Note, listed: tuple[VerifyKey, ...], known: tuple[VerifyKey, ...]
) -> tuple[Checkpoint, VerifyKey, bool]:
    """Rule 5; `listed`: the keys of the file."""
    claimed = parse_checkpoint(note.text)
    own = [key for key in known if key.name == claimed.origin]
    keys = own or [key for key in listed if key.name == claimed.origin]
    signed = {(one.name, one.key_id) for one in open_parsed(note, keys).signatures}
    signer = next(key for key in keys if (key.name, key.key_id) in signed)
    return claimed, signer, bool(own)


def _check_old_key(old: OldKey, checkpoint: Checkpoint, *, confirmed: bool) -> None:
    """Rule 5 for a key that was replaced."""
    if checkpoint.size > old.size:
        raise WireError("old-key", f"{checkpoint.size} entries, replaced at {old.size}")
    if old.revoked and not confirmed:
        raise WireError("old-key", "the key was revoked, and no known witness saw this")


def _witness_keys(keys: Iterable[VerifyKey], *others: VerifyKey) -> tuple[VerifyKey, ...]:
    """Each public key once, and none of those that were counted already."""
    counted = {key.public for key in others}
    names = {key.name for key in others}
    found: dict[bytes, VerifyKey] = {}
    for key in keys:
        if key.public not in counted and key.name not in names:
            found.setdefault(key.public, key)
    return tuple(found.values())


@functools.lru_cache(maxsize=2 * KEPT_NOTES)
def _cosigned_by(note: Note, keys: tuple[VerifyKey, ...]) -> tuple[Cosignature, ...]:
    """The newest cosignature of each witness among `keys`, by time; raises for one that is bad."""
    newest: dict[str, Cosignature] = {}
    for key in keys:
        if _has_line_of(key, note.signatures):
            one = cosignature_in(note, key)
            held = newest.get(one.witness)
            newest[one.witness] = one if held is None or one.time > held.time else held
    return tuple(sorted(newest.values(), key=lambda one: (one.time, one.witness)))


def _has_line_of(key: VerifyKey, signatures: Iterable[Signature]) -> bool:
    return any((one.name, one.key_id) == (key.name, key.cosigner_key_id) for one in signatures)


def _keys(value: JsonValue) -> tuple[VerifyKey, ...]:
    _require(isinstance(value, list), "keys is not a list")
    vkeys = value if isinstance(value, list) else []
    _require(len(vkeys) <= MAX_KEYS, "too many keys")
    texts = [one for one in vkeys if isinstance(one, str)]
    _require(len(texts) == len(vkeys), "a key that is not a string")
    keys = tuple(map(VerifyKey.parse, texts))
    _require_keys(texts)
    return keys


def _require_keys(vkeys: Sequence[str]) -> None:
    _require(len(vkeys) <= MAX_KEYS, "too many keys")
    _require(list(vkeys) == sorted(set(vkeys)), "keys are listed once, ascending")


def _title(text: object) -> str:
    words = text.get("words") if isinstance(text, Mapping) else None
    return _text(words, "title") if isinstance(words, dict) else ""


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    # What a file says of itself is shown to people: nothing in it may turn or break their line.
    value = members.get(name)
    return " ".join(normalise(value).split()) if isinstance(value, str) else ""


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("saved-malformed", what)
