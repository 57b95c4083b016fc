"""Writes the vectors beside it: run `python -m tests.vectors.make` after a format has changed.

`<format>/accepted/<what>` is read and re-printed to the same bytes; `<format>/kept/<what>` is an
entry kept as unknown; `<format>/refused/<code>/<attack>` is refused with that error code.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.vectors import (
    banks,
    carried,
    credentials,
    documents,
    erasures,
    logs,
    notes,
    proofs,
    records,
    successions,
    transcripts,
)
from tests.vectors.sample import Vector

HERE = Path(__file__).parent


def vectors() -> Iterator[Vector]:
    """Every vector: its path below this folder, and its bytes."""
    yield from notes.key_vectors()
    yield from notes.note_vectors()
    yield from notes.checkpoint_vectors()
    yield from notes.cosignature_vectors()
    yield from successions.succession_vectors()
    yield from successions.chain_vectors()
    yield from proofs.proof_vectors()
    yield from proofs.saved_vectors()
    yield from carried.manifest_vectors()
    yield from carried.part_vectors()
    yield from documents.json_vectors()
    yield from documents.entry_vectors()
    yield from documents.bundle_vectors()
    yield from documents.batch_vectors()
    yield from erasures.erasure_vectors()
    yield from documents.tile_path_vectors()
    yield from documents.node_vectors()
    yield from documents.node_file_vectors()
    yield from documents.request_vectors()
    yield from records.record_vectors()
    yield from credentials.credential_vectors()
    yield from credentials.code_vectors()
    yield from credentials.record_vectors()
    yield from credentials.certificate_vectors()
    yield from records.course_vectors()
    yield from records.translation_vectors()
    yield from banks.bank_vectors()
    yield from transcripts.transcript_vectors()
    yield from logs.log_vectors()


def main() -> None:
    """Write every vector; files no longer made are left for a person to remove."""
    for name, data in vectors():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
