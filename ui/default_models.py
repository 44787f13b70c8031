"""Which models the pages about languages begin with: mBERT and XLM-R where they are here, else their stand-ins."""

from __future__ import annotations

from collections.abc import Iterable

from core.data.examples import EXAMPLES, Example
from core.store.opening import family_named, fills_masks
from core.store.shelf import SHELF, available_offline
from ui.session import Session

#: (real checkpoint, built-in stand-in): the first that is here.
MBERT = ("bert-base-multilingual-cased", "mini-bert-wordpiece")
XLMR = ("xlm-roberta-base", "mini-xlmr-sentencepiece")
GPT = ("gpt2", "mini-gpt")


def family_of(model: str, known: Iterable[str] = EXAMPLES) -> str:
    """The family of a model by whose example a page begins: one of the known ones, an encoder where nobody knows."""
    family = family_named(model)
    return family if family in known else "encoder"


def examples_of(model: str) -> tuple[Example, ...]:
    """The examples that a model begins with: hidden words only for one that guesses them."""
    some = EXAMPLES[family_of(model)]
    return some if fills_masks(model) else tuple(one for one in some if "[MASK]" not in one.text) or some


def follow_model(page: Session) -> None:
    """Another model begins with its own example; a text of the user's own stays."""
    if page.get("text") in {example.text for some in EXAMPLES.values() for example in some}:
        page["text"] = examples_of(page["model"])[0].text


def usual(pair: tuple[str, ...]) -> str:
    """The first of the names that opens without a network; where none does, any encoder that does."""
    here = available_offline()
    others = [name for name in here if SHELF[name].family == "encoder"]
    return next((name for name in (*pair, *others) if name in here), pair[-1])
