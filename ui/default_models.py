"""Which models the pages about languages begin with: mBERT and XLM-R where they are here, else their stand-ins."""

from __future__ import annotations

from core.store.shelf import SHELF, available_offline

#: (real checkpoint, built-in stand-in): the first that is here.
MBERT = ("bert-base-multilingual-cased", "mini-bert-wordpiece")
XLMR = ("xlm-roberta-base", "mini-xlmr-sentencepiece")
GPT = ("gpt2", "mini-gpt")


def usual(pair: tuple[str, ...]) -> str:
    """The first of the names that opens without a network; where none does, any encoder that does."""
    here = available_offline()
    others = [name for name in here if SHELF[name].family == "encoder"]
    return next((name for name in (*pair, *others) if name in here), pair[-1])
