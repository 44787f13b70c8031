"""What a text model reads, on the side of the source and of the target: ids and tokens that it has vectors for."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence
from typing import Any

import torch

from core.models.calling import takes
from core.public import halved
from core.requests import TextRequest
from core.store.hub import first_line
from core.store.opening import Opened
from core.tokens import tokens_of
from core.types import Refused, Token

MOST_TOKENS = 2_048
#: What is to be guessed, as BERT and as RoBERTa write it, and as people type it.
MASKS = re.compile(r"\[mask\]|<mask>", re.IGNORECASE)  # as people type it, whatever the model calls it
#: What T5 wants to read in front of the text.
T5_TASKS = {
    "fr": "translate English to French: ",
    "de": "translate English to German: ",
    "ro": "translate English to Romanian: ",
}


def tokenized(opened: Opened, text: str, pair: str) -> tuple[Any, tuple[Token, ...]]:
    """What the tokenizer gives for a text or a pair, and its tokens; Refused when the model cannot read so many."""
    tokenizer = opened.tokenizer
    texts = [with_own_mask(one, tokenizer) for one in ([text, pair] if pair else [text])]
    encoded = tokenizer(*texts, return_offsets_mapping=tokenizer.is_fast, verbose=False)
    checked_length(opened, len(encoded["input_ids"]))
    checked_ids(opened, encoded["input_ids"])
    return encoded, tokens_of(tokenizer, encoded, texts)


def begun(request: TextRequest, opened: Opened, text: str) -> tuple[dict[str, list[int]], tuple[Token, ...]]:
    """What a decoder is given to write on: the text, in the form that is asked for, and the pieces chosen behind it."""
    if request.form == "chat":
        text = in_chat(opened, text)
        encoded = opened.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=opened.tokenizer.is_fast, verbose=False
        )
        tokens = tokens_of(opened.tokenizer, encoded, [text])
    else:
        encoded, tokens = tokenized(opened, text, "")
    ids = list(encoded["input_ids"])
    if len(ids) > 1 and ids[-1] == opened.tokenizer.eos_token_id and request.form == "text":
        ids, tokens = ids[:-1], tokens[:-1]  # some tokenizers end each text, and nothing comes behind an end
    ids += request.chosen
    checked_length(opened, len(ids))
    checked_ids(opened, ids)
    if request.chosen:
        if any(one not in range(len(opened.tokenizer)) for one in request.chosen):
            raise Refused(f"{opened.card.title} has no piece of such a number. Begin again from the text.")
        tokens = (*tokens, *target_tokens(opened, ids)[len(tokens) :])
    return {"input_ids": ids, "attention_mask": [1] * len(ids)}, tokens


def in_chat(opened: Opened, text: str) -> str:
    """A text as the question of a person, inside the marks that an instruction model was trained with."""
    if not opened.tokenizer.chat_template:
        raise Refused(
            f"{opened.card.title} has no chat template: it was not trained to answer. Choose Text instead of Chat, or "
            "an instruction model."
        )
    try:
        asked = [{"role": "user", "content": text}]
        return str(opened.tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False))
    except Exception as error:  # a template is a program that somebody else wrote
        raise Refused(f"The chat template of {opened.card.title} cannot be filled: {first_line(error)}") from error


def with_own_mask(text: str, tokenizer) -> str:
    """A mask as other models write it becomes the model's own: [MASK] is <mask> to XLM-R."""
    own = tokenizer.mask_token
    return MASKS.sub(own, text) if own else text


def inputs_of(encoded, opened: Opened, pair: str) -> dict[str, torch.Tensor]:
    """A batch of one, on the model's device."""
    names = ["input_ids"] + [name for name in ("attention_mask",) if takes(opened.model, name)]
    names += ["token_type_ids"] if pair and takes(opened.model, "token_type_ids") else []
    return {n: torch.tensor([encoded[n]], device=opened.model.device) for n in names if n in encoded}


def checked_length(opened: Opened, length: int) -> None:
    most = positions_in(opened.text_config)
    if length > most:
        raise Refused(f"Your text has {length:,} tokens; {opened.card.title} reads up to {most:,}. Shorten it.")


def positions_in(config: Any) -> int:
    """Tokens that a model reads, as far as Gaze goes."""
    said = (getattr(config, name, None) for name in ("max_position_embeddings", "n_positions"))
    most = next((one for one in said if isinstance(one, int) and one > 0), MOST_TOKENS)  # XLNet says -1: no limit
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        most -= 2  # their positions begin at padding_idx + 1
    return min(most, halved(MOST_TOKENS))


def vectors_of_pieces(model: Any) -> torch.Tensor | None:
    """The vectors [piece, width] that a model reads pieces as; None where it makes them in another way."""
    try:
        found = model.get_input_embeddings()
    except (AttributeError, NotImplementedError):
        return None
    table = getattr(found, "weight", found)
    return table if isinstance(table, torch.Tensor) and table.ndim == 2 else None


def checked_ids(opened: Opened, ids: Sequence[int]) -> None:
    """Refused where the tokenizer has more pieces than the model has vectors for them."""
    table = vectors_of_pieces(opened.model)
    if table is None:
        return
    rows = len(table)
    beyond = [one for one in ids if one >= rows]
    if beyond:
        piece = opened.tokenizer.convert_ids_to_tokens(beyond[0])
        raise Refused(
            f"{opened.card.title} has vectors for {rows:,} pieces; its tokenizer also knows {piece!r} (number "
            f"{beyond[0]:,}). Leave it out, or train the model after model.resize_token_embeddings(len(tokenizer))."
        )


def addressed(text: str, language: str, opened: Opened) -> str:
    """The text with what tells the model the wanted language, where it needs telling."""
    languages = opened.card.languages
    if language and languages and language not in languages:
        raise Refused(f"{opened.card.title} does not write {language!r}: choose {', '.join(languages)}.")
    wanted = language or (languages[0] if languages else "")
    if opened.model.config.model_type in ("t5", "mt5"):
        return T5_TASKS.get(wanted, "") + text
    mark = f">>{wanted}<<"
    return mark + text if wanted and mark in opened.tokenizer.get_vocab() else text


def start_of(opened: Opened) -> int:
    """The id with which an encoder-decoder begins to write."""
    said = [opened.model.generation_config] if opened.model.can_generate() else []
    said += [opened.model.config, opened.model.config.get_text_config(decoder=True)]
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        for one in said:
            if isinstance(start := getattr(one, name, None), int):
                return start
    raise Refused(
        f"{opened.card.title} does not say with which token it begins to write. Set decoder_start_token_id in its "
        "config.json."
    )


def read_again(opened: Opened, ids: Sequence[int]) -> list[int]:
    """What the decoder of a classifier reads: the text again, moved on by one as the model's class does it."""
    own = getattr(sys.modules[type(opened.model).__module__], "shift_tokens_right", None)
    given = torch.tensor([list(ids)])
    if own is None and hasattr(opened.model, "_shift_right"):
        return opened.model._shift_right(given)[0].tolist()
    if own is None:
        return [start_of(opened), *ids[:-1]]
    config = opened.model.config
    more = (config.pad_token_id, config.decoder_start_token_id)[: len(inspect.signature(own).parameters) - 1]
    return own(given, *more)[0].tolist()


def target_ids(opened: Opened, text: str) -> list[int]:
    """The ids of a target that the user typed, ended as the model ends its own."""
    ids = opened.tokenizer(text_target=text)["input_ids"]
    checked_length(opened, len(ids))
    checked_ids(opened, ids)
    return ids


def target_tokens(opened: Opened, ids: list[int]) -> tuple[Token, ...]:
    """Tokens of the decoder's side; words from where the pieces stand in the text, where that can be told."""
    tokenizer = opened.tokenizer
    text = tokenizer.decode(ids, skip_special_tokens=True)
    special = set(tokenizer.all_special_ids)
    plain = [i for i in ids if i not in special]
    if tokenizer.is_fast:
        again = tokenizer(text_target=text, add_special_tokens=False, return_offsets_mapping=True)
        if again["input_ids"] == plain:
            offsets = iter(again["offset_mapping"])
            placed = [(0, 0) if i in special else next(offsets) for i in ids]
            return tokens_of(tokenizer, {"input_ids": ids, "offset_mapping": placed}, [text])
    return tokens_of(tokenizer, {"input_ids": ids}, ())
