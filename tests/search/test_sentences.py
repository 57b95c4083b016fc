"""The sentence-transformers encoder on a small model made here, where the extra is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chorsu.search.errors import EmbedderTrouble
from chorsu.search.sentences import SentenceModel

INSTALLED = importlib.util.find_spec("sentence_transformers") is not None
needs_it = pytest.mark.skipif(
    not INSTALLED, reason="the extra sentence-transformers is not installed"
)
WIDTH = 16
# Made by a process of its own: the library warns of much, and warnings are errors here.
_MAKE = f"""
import sys
from pathlib import Path
import torch
from sentence_transformers import SentenceTransformer, models
from transformers import BertConfig, BertModel, BertTokenizerFast
folder = Path(sys.argv[1])
words = "[PAD] [UNK] [CLS] [SEP] [MASK] night bus tram waste query :".split()
(folder / "bert").mkdir(parents=True)
(folder / "bert" / "vocab.txt").write_text("\\n".join(words))
torch.manual_seed(7)
config = BertConfig(vocab_size=len(words), hidden_size={WIDTH}, num_hidden_layers=1,
                    num_attention_heads=2, intermediate_size=32, max_position_embeddings=64)
BertModel(config).save_pretrained(folder / "bert")
BertTokenizerFast(vocab_file=str(folder / "bert" / "vocab.txt")).save_pretrained(folder / "bert")
part = models.Transformer(str(folder / "bert"), max_seq_length=32)
pooling = models.Pooling({WIDTH})
prompts = {{"query": "query: ", "document": ""}}
SentenceTransformer(modules=[part, pooling], prompts=prompts).save(str(folder / "model"))
"""
_USE = """
import sys
import numpy as np
from chorsu.search.sentences import SentenceModel
folder, prefix, out = sys.argv[1:]
one = SentenceModel(folder, query_prefix=prefix, passage_prefix=prefix)
np.savez(out, queries=one.queries(["night bus"]), passages=one.passages(["night bus", "waste"]),
         length=one.dimensions)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sentences")
    run(_MAKE, str(folder))
    return folder / "model"


def run(script: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def vectors(model: Path, out: Path, prefix: str = "") -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    run(_USE, str(model), prefix, str(out))
    with np.load(out) as kept:
        return dict(kept)


@needs_it
def test_a_model_in_a_folder_makes_unit_vectors_of_its_own_length(
    model: Path, tmp_path: Path
) -> None:
    made = vectors(model, tmp_path / "a.npz")

    assert int(made["length"]) == WIDTH
    assert made["queries"].shape == (1, WIDTH)
    assert made["passages"].shape == (2, WIDTH)
    for rows in (made["queries"], made["passages"]):
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert not np.allclose(made["passages"][0], made["passages"][1])


@needs_it
def test_the_models_own_prompt_tells_a_question_and_a_prefix_takes_its_place(
    model: Path, tmp_path: Path
) -> None:
    own = vectors(model, tmp_path / "a.npz")
    with_prefix = vectors(model, tmp_path / "b.npz", "query: ")

    assert not np.allclose(own["queries"][0], own["passages"][0], atol=1e-4)
    assert np.allclose(own["queries"], with_prefix["queries"], atol=1e-5)
    assert np.allclose(with_prefix["queries"][0], with_prefix["passages"][0], atol=1e-5)


@needs_it
def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    run(
        "import sys\n"
        "from chorsu.search.errors import EmbedderTrouble\n"
        "from chorsu.search.sentences import SentenceModel\n"
        "try:\n    SentenceModel(sys.argv[1])\n"
        "except EmbedderTrouble as said:\n    assert sys.argv[1] in str(said), said\n"
        "else:\n    raise AssertionError\n",
        str(tmp_path / "nothing"),
    )


@pytest.mark.skipif(INSTALLED, reason="it is installed here")
def test_without_the_extra_the_message_says_how_to_install_it() -> None:
    with pytest.raises(EmbedderTrouble, match=r"pip install -e '\.\[sentence-transformers\]'"):
        SentenceModel("any")
