from __future__ import annotations

import pytest

from chorsu.kernel.ids import InvalidId, new_id, parse_id


def test_new_ids_parse_and_sort_by_birth() -> None:
    ids = [new_id() for _ in range(200)]
    assert [parse_id(one) for one in ids] == ids
    assert sorted(ids) == ids


@pytest.mark.parametrize(
    "text",
    [
        "",
        "019349f5-3c00-7d3e-8a52-6f0e6a1f4b0",
        "019349F5-3C00-7D3E-8A52-6F0E6A1F4B01",
        "019349f53c007d3e8a526f0e6a1f4b01",
        "{019349f5-3c00-7d3e-8a52-6f0e6a1f4b01}",
        "urn:uuid:019349f5-3c00-7d3e-8a52-6f0e6a1f4b01",
        "019349f5-3c00-4d3e-8a52-6f0e6a1f4b01",
        "019349f5-3c00-7d3e-0a52-6f0e6a1f4b01",
        "019349f5-3c00-7d3e-8a52-6f0e6a1f4b01\n",
        "٠19349f5-3c00-7d3e-8a52-6f0e6a1f4b01",
    ],
)
def test_other_spellings_and_versions_are_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse_id(text)
