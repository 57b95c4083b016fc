"""Whatever a file holds, it is read or refused with a reason; nothing else happens."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorsu.training.formats.questions import PARAMS, TROUBLES, NotReadable, read
from tests.training.formats.questions import samples, test_cartridge, test_moodle

FILES = [
    *samples.SUPPORTED.values(),
    test_moodle.MULTIPLE,
    test_moodle.CLOZE,
    test_cartridge._bank(test_cartridge.MULTIPLE, test_cartridge.FIB),
    b"::a::[html]Who?{=yes#good ~%50%no}\n\nN?{#1:2}\n\nM{=a->b =c->d}\n\nT{T}",
]


def _try(content: bytes) -> None:
    try:
        troubles = list(read(content, "file", "en").troubles)
    except NotReadable as error:
        troubles = [error.at("file")]
    for trouble in troubles:
        assert trouble.code in TROUBLES
        assert tuple(trouble.params) == PARAMS.get(trouble.code, ())
        assert bool(trouble.errors) == (trouble.code == "invalid")


@pytest.mark.parametrize("place", range(len(FILES)))
def test_a_damaged_file_is_read_or_refused(place: int) -> None:
    chance = random.Random(place)
    for _ in range(150):
        content = bytearray(FILES[place])
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(content))
            length = chance.randint(1, 40)
            piece = bytes(content[start : start + length])
            action = chance.choice(("cut", "double", "flip", "move"))
            if action == "cut":
                del content[start : start + length]
            elif action == "double":
                content[start:start] = piece
            elif action == "move":
                del content[start : start + length]
                at = chance.randrange(len(content))
                content[at:at] = piece
            else:
                content[start] = chance.choice(b"<>/=\"'0199.-{}~%#[]&; \x00\xff")
        _try(bytes(content))


@settings(max_examples=300)
@given(st.text(alphabet="{}=~%#:.->TF10[]\\\n ab*_", max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    _try(text.encode())
