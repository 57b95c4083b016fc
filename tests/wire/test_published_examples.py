"""The examples that the specifications print, and the vectors their implementations share.

RFC 6962 section 2.1.3 and RFC 9162 section 2.1.5; the tree of eight leaves of Certificate
Transparency's reference implementation; c2sp.org's signed-note, tlog-checkpoint, tlog-cosignature,
tlog-tiles and tlog-proof. The keys of c2sp.org's examples are not published: their signatures are
read and printed here, and not verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import pytest

from chorsu.wire.checkpoint import cosign, parse_checkpoint
from chorsu.wire.merkle import (
    Range,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from chorsu.wire.note import parse_note
from chorsu.wire.proof import parse_proof
from chorsu.wire.tiles import Tile, parse_tile_path, tiles_for
from tests.vectors.sample import ASTANA
from tests.wire.test_merkle import KNOWN_LEAVES, KNOWN_ROOTS, hash_at

HASHES = [leaf_hash(leaf) for leaf in KNOWN_LEAVES]
ROOTS = [bytes.fromhex(root) for root in KNOWN_ROOTS]
AT = partial(hash_at, HASHES)

LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAF_6 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
NODE_2_4 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_6 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_6_8 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_4_8 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"


def raw(hashes: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [LEAF_1, NODE_2_4, NODE_4_8]),
        (5, 8, [LEAF_4, NODE_6_8, KNOWN_ROOTS[4]]),
        (2, 3, [KNOWN_ROOTS[2]]),
        (1, 5, [KNOWN_ROOTS[1], NODE_2_4, LEAF_4]),
    ],
)
def test_inclusion_paths_of_the_reference_tree(index: int, size: int, path: list[str]) -> None:
    assert inclusion_proof(index, size, AT) == raw(path)
    verify_inclusion(HASHES[index], index, size, raw(path), ROOTS[size])


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, []),
        (1, 8, [LEAF_1, NODE_2_4, NODE_4_8]),
        (6, 8, [NODE_4_6, NODE_6_8, KNOWN_ROOTS[4]]),
        (2, 5, [NODE_2_4, LEAF_4]),
        (6, 7, [NODE_4_6, LEAF_6, KNOWN_ROOTS[4]]),
    ],
)
def test_consistency_paths_of_the_reference_tree(old: int, new: int, path: list[str]) -> None:
    assert consistency_proof(old, new, AT) == raw(path)
    verify_consistency(old, ROOTS[old], new, ROOTS[new], raw(path))


class Drawn:
    """The tree of seven leaves that both RFCs draw, with the letters they give its nodes."""

    leaves = [leaf_hash(f"d{number}".encode()) for number in range(7)]
    a, b, c, d, e, f, j = leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - the RFCs' letter
    root = node_hash(k, l)
    hash0, hash1, hash2 = node_hash(g, c), k, node_hash(k, i)
    at = staticmethod(partial(hash_at, leaves))


def test_the_drawn_tree_has_the_root_the_rfcs_define() -> None:
    assert Range.empty().append_all(Drawn.leaves).root() == Drawn.root


@pytest.mark.parametrize(
    ("leaf", "path"),
    [
        (0, [Drawn.b, Drawn.h, Drawn.l]),
        (3, [Drawn.c, Drawn.g, Drawn.l]),
        (4, [Drawn.f, Drawn.j, Drawn.k]),
        (6, [Drawn.i, Drawn.k]),
    ],
)
def test_audit_paths_the_rfcs_list(leaf: int, path: list[bytes]) -> None:
    assert inclusion_proof(leaf, 7, Drawn.at) == path
    verify_inclusion(Drawn.leaves[leaf], leaf, 7, path, Drawn.root)


@pytest.mark.parametrize(
    ("size", "root", "path"),
    [
        (3, Drawn.hash0, [Drawn.c, Drawn.d, Drawn.g, Drawn.l]),
        (4, Drawn.hash1, [Drawn.l]),
        (6, Drawn.hash2, [Drawn.i, Drawn.j, Drawn.k]),
    ],
)
def test_consistency_proofs_the_rfcs_list(size: int, root: bytes, path: list[bytes]) -> None:
    assert consistency_proof(size, 7, Drawn.at) == path
    verify_consistency(size, root, 7, Drawn.root, path)


SIGNED_NOTE = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU\
0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
CHECKPOINT_TEXT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""
CHECKPOINT = f"""\
{CHECKPOINT_TEXT}
— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q\
1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""
COSIGNED = f"""\
{CHECKPOINT}\
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2o\
yin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
COSIGNED_MESSAGE = f"""\
cosignature/v1
time 1679315147
{CHECKPOINT_TEXT}"""
PROOF = f"""\
c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

{COSIGNED.partition("— ")[1]}{COSIGNED.partition("— ")[2]}"""
"""As printed, but for the signatures, which the page shortens: those of the page above stand in."""


@pytest.mark.parametrize("text", [SIGNED_NOTE, CHECKPOINT, COSIGNED])
def test_notes_of_c2sp_read_and_re_print_to_their_own_bytes(text: str) -> None:
    assert parse_note(text.encode()).to_bytes() == text.encode()


def test_a_text_of_signed_note_may_have_an_empty_line() -> None:
    note = parse_note(SIGNED_NOTE.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n")
    (signature,) = note.signatures
    assert (signature.name, f"{signature.key_id:08x}") == (
        "quasimodo.example/salvatore",
        "367ba04b",
    )
    assert len(signature.value) == 64


def test_the_checkpoint_of_tlog_checkpoint() -> None:
    checkpoint = parse_checkpoint(parse_note(CHECKPOINT.encode()).text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == CHECKPOINT_TEXT


def test_the_cosignature_of_tlog_cosignature_holds_the_time_its_message_shows() -> None:
    line = parse_note(COSIGNED.encode()).signatures[1]
    assert (line.name, len(line.value)) == ("witness.example.com/w1", 8 + 64)
    assert int.from_bytes(line.value[:8], "big") == 1679315147


def test_what_a_cosigner_signs_is_the_message_of_tlog_cosignature() -> None:
    at = datetime.fromtimestamp(1679315147, UTC)
    line = parse_note(cosign(CHECKPOINT.encode(), ASTANA, at)).signatures[-1]
    assert ASTANA.verify_key.verify(line.value[8:], COSIGNED_MESSAGE.encode())


def test_tiles_of_tlog_tiles() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert parse_tile_path("tile/0/x001/x234/067") == Tile(0, 1234067)
    assert list(tiles_for(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    of_70_000 = list(tiles_for(70_000))
    full = [tile for tile in of_70_000 if tile.width == 256]
    assert full == [*(Tile(0, index) for index in range(273)), Tile(1, 0)]
    partial_ones = [tile for tile in of_70_000 if tile.width < 256]
    assert partial_ones == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_the_proof_of_tlog_proof() -> None:
    proof = parse_proof(PROOF.encode())
    assert (proof.index, len(proof.hashes)) == (73894, 5)
    assert proof.extra
    assert proof.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert parse_checkpoint(parse_note(proof.note).text).size == 109482
    assert proof.to_bytes() == PROOF.encode()
