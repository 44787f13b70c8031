"""recordings: the runs that pages open on, trained as a visitor trains them, written to assets/recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from core.data.small_pairs import SHOWN, small_pairs
from core.data.small_world import kinds_shown, small_world
from core.learning import recurrent, transformer, word_vectors
from core.learning.recordings import RECORDINGS, save_transformer, save_words, word_run
from core.learning.recurrent_steps import RECORDED, write_steps
from core.learning.runs import transformer_run
from core.requests.learning import RecurrentTraining, TransformerTraining, WordMethod, WordVectorTraining

WORDS: dict[str, WordMethod] = {"words-skip-gram": "skip-gram", "words-cbow": "CBOW"}
TRANSFORMERS = {
    "transformer-copy": TransformerTraining("copy", steps=1_500),
    "transformer-sort": TransformerTraining("sort", steps=1_500),
    "transformer-addition": TransformerTraining("addition", steps=1_500),
    "transformer-poem": TransformerTraining("poem", steps=1_000),
}

EPOCHS = 20  # of the translator


def forever() -> bool:
    return True


def write(name: str, save: Callable[[Any, BinaryIO], None], run: Any) -> None:
    """A run as a file of the project."""
    assert run is not None
    path = RECORDINGS / f"{name}.npz"
    with path.open("wb") as file:
        save(run, file)
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    RECORDINGS.mkdir(exist_ok=True)
    for name, method in WORDS.items():
        settings = WordVectorTraining(small_world(), method, shown=tuple(kinds_shown()))
        write(name, save_words, word_run(settings, tuple(word_vectors.train(settings, forever))))
    steps = recurrent.train(RecurrentTraining(small_pairs(), "dot", SHOWN, epochs=EPOCHS), forever)
    RECORDED.write_text(write_steps(tuple(steps)), encoding="utf-8")
    for name, wanted in TRANSFORMERS.items():
        write(name, save_transformer, transformer_run(wanted, tuple(transformer.train(wanted, forever))))


if __name__ == "__main__":
    main()
