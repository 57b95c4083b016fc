"""What a node in memory does when it is not honest, or its line is not; named after the attack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.note import sign


class Attacks:
    """The switches of a `MemoryNode`, which says what is true."""

    name: str
    key: SigningKey
    leaves: list[bytes]
    down: bool
    blob_bytes_a_second: int
    stalls_after: int | None
    _spoil_blob: Callable[[bytes], bytes] | None
    _spoil_leaf: Callable[[bytes], bytes] | None
    _checkpoint_note: Callable[[], bytes]

    def checkpoint(self) -> Checkpoint:
        """The truth about its leaves."""
        edge = Range.empty().append_all(map(leaf_hash, self.leaves))
        return Checkpoint(self.name, edge.size, edge.root())

    def honest_checkpoint_note(self) -> bytes:
        """The truth, signed."""
        return sign_checkpoint(self.checkpoint(), self.key)

    def rewrite_history(self, position: int = 0) -> None:
        """Change an old entry and sign the log again as if nothing had happened."""
        entry = parse_entry(self.leaves[position])
        assert isinstance(entry, Entry)
        self.leaves[position] = replace(entry, revision=entry.revision + 1).to_bytes()

    def fork(self) -> None:
        """Sign another root for the size it has: its last entry is replaced."""
        self.rewrite_history(len(self.leaves) - 1)

    def roll_back(self, count: int = 1) -> None:
        """Drop the last entries and sign the shorter log."""
        del self.leaves[len(self.leaves) - count :]

    def serve_blob_flipped(self) -> None:
        """Serve every blob with one bit of its middle byte flipped."""
        self._spoil_blob = _flip

    def serve_blob_cut(self) -> None:
        """Serve every blob without its last byte."""
        self._spoil_blob = lambda data: data[:-1]

    def serve_blob_endless(self) -> None:
        """Serve every blob with a mebibyte behind it."""
        self._spoil_blob = lambda data: data + bytes(2**20)

    def serve_entry_flipped(self) -> None:
        """Serve entry bundles with a bit flipped in each entry; the checkpoint stays honest."""
        self._spoil_leaf = _flip

    def sign_with_another_key(self) -> None:
        """Sign checkpoints by a key of the same name that nobody confirmed."""
        impostor = SigningKey.generate(self.name)
        self._checkpoint_note = lambda: sign_checkpoint(self.checkpoint(), impostor)

    def claim_origin(self, origin: str) -> None:
        """Sign checkpoints of somebody else's log by its own key."""
        self._checkpoint_note = lambda: sign(
            replace(self.checkpoint(), origin=origin).text(), self.key
        )

    def promise_more(self, count: int = 1) -> None:
        """Sign a size with entries that are served nowhere."""

        def note() -> bytes:
            hidden = [*self.leaves, *(b"hidden" for _ in range(count))]
            edge = Range.empty().append_all(map(leaf_hash, hidden))
            return sign_checkpoint(Checkpoint(self.name, edge.size, edge.root()), self.key)

        self._checkpoint_note = note

    def serve_checkpoint(self, note: bytes) -> None:
        """Serve these bytes as the checkpoint: an old one, nonsense, a page of a proxy."""
        self._checkpoint_note = lambda: note

    def behave(self) -> None:
        """End what can be ended: blobs, bundles and checkpoints are served honestly again."""
        self._spoil_blob = self._spoil_leaf = None
        self._checkpoint_note = self.honest_checkpoint_note
        self.down = False
        self.blob_bytes_a_second, self.stalls_after = 0, None


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data
