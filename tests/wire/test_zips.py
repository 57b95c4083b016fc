"""The zip structures of bundles agree with another program's, at every size that changes them."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from chorsu.wire.errors import WireError
from chorsu.wire.zips import MAX_MEMBERS, Contents, directory, local_header, member, overhead, scan
from tests.wire.refusal import refusal

LARGE = 2**32 + 5


class Sparse(io.RawIOBase):
    """A file of which only a few places are written; all else is zeros."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, bytes]] = []
        self.length = 0
        self.at = 0

    def put(self, at: int, data: bytes) -> int:
        self.parts.append((at, data))
        self.length = max(self.length, at + len(data))
        return at + len(data)

    def read_at(self, at: int, count: int) -> bytes:
        window = bytearray(max(0, min(count, self.length - at)))
        for start, data in self.parts:
            low, high = max(at, start), min(at + len(window), start + len(data))
            if low < high:
                window[low - at : high - at] = data[low - start : high - start]
        return bytes(window)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + {0: 0, 1: self.at, 2: self.length}[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, count: int = -1) -> bytes:
        data = self.read_at(self.at, count if count >= 0 else self.length - self.at)
        self.at += len(data)
        return data


def built(contents: list[tuple[str, bytes]]) -> bytes:
    data, members = b"", []
    for name, content in contents:
        one = member(name, len(content), zlib.crc32(content), len(data))
        data += local_header(one) + content
        members.append(one)
    return data + directory(members, len(data))


def scanned(data: bytes) -> Contents:
    return scan(lambda at, count: data[at : at + count], len(data))


def test_another_program_reads_what_is_written() -> None:
    contents = [("manifest.json", b"{}"), ("blob/" + "a" * 64, b"words"), ("tile/0/000.p/1", b"")]
    with zipfile.ZipFile(io.BytesIO(built(contents))) as file:
        assert file.testzip() is None
        assert [(one, file.read(one)) for one in file.namelist()] == contents


def test_what_is_written_is_scanned_to_the_same() -> None:
    data = built([("a", b"12"), ("b", b""), ("c", b"345")])
    found = scanned(data)
    assert found.cut is False
    assert [data[one.start : one.start + one.size] for one in found.members.values()] == [
        b"12",
        b"",
        b"345",
    ]


@pytest.mark.parametrize("at", range(0, 200, 3))
def test_cut_anywhere_the_whole_members_before_it_stay(at: int) -> None:
    data = built([("a", b"x" * 40), ("b", b"y" * 40), ("c", b"z" * 40)])
    found = scanned(data[:at])
    assert found.cut is True
    whole = [end <= at for end in (71, 142, 213)]
    assert list(found.members) == [
        name for name, is_whole in zip("abc", whole, strict=True) if is_whole
    ]


def test_members_and_places_beyond_four_gibibytes_agree_with_another_program() -> None:
    sparse, members, at = Sparse(), [], 0
    for name, size in (("small", 3), ("large", LARGE), ("behind", 4)):
        one = member(name, size, 0, at)
        sparse.put(at, local_header(one))
        members.append(one)
        at = one.start + one.size
    sparse.put(at, directory(members, at))
    with zipfile.ZipFile(sparse) as file:  # type: ignore[arg-type]
        listed = [(one.filename, one.file_size, one.header_offset) for one in file.infolist()]
    assert listed == [(one.name, one.size, one.at) for one in members]
    found = scan(sparse.read_at, sparse.length)
    assert (list(found.members.values()), found.cut) == (members, False)


def test_more_members_than_sixteen_bits_count_agree_with_another_program() -> None:
    data = built([(f"{n:06}", b"") for n in range(70_000)])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert len(file.namelist()) == 70_000
    found = scanned(data)
    assert (len(found.members), found.cut) == (70_000, False)


def test_no_member_takes_more_than_is_reckoned_for_it() -> None:
    for size in (0, 10, 2**32 - 2, 2**32 - 1, LARGE):
        one = member("blob/" + "a" * 64, size, 0, LARGE)
        taken = len(local_header(one)) + len(directory([one], LARGE)) - len(directory([], LARGE))
        assert taken <= overhead(one.name)


def test_a_million_tiny_members_are_refused_before_they_fill_memory() -> None:
    header = b"".join(local_header(member(f"{n:07}", 0, 0, 0)) for n in range(MAX_MEMBERS + 1))
    assert refusal(lambda: scanned(header)) == "carried-malformed"


@pytest.mark.parametrize(("name", "size"), [("", 1), ("ü", 1), ("a" * 201, 1), ("a", -1)])
def test_an_impossible_member_cannot_be_written(name: str, size: int) -> None:
    with pytest.raises(WireError):
        member(name, size, 0, 0)
