"""How text models are asked: encoders, decoders, encoder-decoders; a TextRequest becomes an TextEncoding."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch

from core.capture.on_demand import lazy_weights
from core.capture.recording import Map, NothingSeen, recorded, recording
from core.requests import TextRequest
from core.store.families import resolved
from core.store.opening import Opened, open_model
from core.store.recurrent import check_edit
from core.tokens import cleaned, left_out, tokens_of
from core.types import Attention, AttentionKind, Choice, Prediction, Refused, TextEncoding, Token

#: Weights up to this many numbers are kept; above it any head is made again from its queries and keys.
KEPT_NUMBERS = 4_000_000
MOST_TOKENS = 2_048
MOST_WRITTEN = 128  # tokens a decoder writes by itself
CHOICES = 10
#: What is to be guessed, as BERT and as RoBERTa write it, and as people type it.
MASKS = re.compile(r"\[mask\]|<mask>", re.IGNORECASE)  # as people type it, whatever the model calls it
FEWEST_WORDS = 64  # outputs; with fewer a head sorts texts into classes
#: What T5 wants to read in front of the text.
T5_TASKS = {
    "fr": "translate English to French: ",
    "de": "translate English to German: ",
    "ro": "translate English to Romanian: ",
}


def encode(request: TextRequest) -> TextEncoding:
    """All attention of a text model over the request's text, and what the model predicts.

    Refused says what to do about text that is empty, too long, or not for this model.
    """
    return run(request)[0]


def inner(request: TextRequest, layers: list[int]) -> dict[str, list[np.ndarray]]:
    """The self-attention that reads the text: {"queries": [layer][head, token, width], "keys": the same}.

    Refused for a model without any.
    """
    encoding, maps = run(request, layers=set(layers), qkv=True)
    if not maps:
        raise Refused(f"{encoding.model} reads with a recurrent network: it has no queries and keys to show.")
    first = [m for m in maps if m.kind == maps[0].kind]
    return {
        "queries": [recorded(m.query)[0].float().cpu().numpy() for m in first],
        "keys": [recorded(m.key)[0].float().cpu().numpy() for m in first],
    }


def run(request: TextRequest, **record) -> tuple[TextEncoding, list[Map]]:
    """The encoding and the maps it was made from; record goes to recording."""
    opened = open_model(request.model)
    text = readable(request, request.text)
    remarks = [*opened.remarks]
    remarks += left_out(request.text + request.pair + request.target)
    if not opened.family.answered_by:
        raise Refused(f"{opened.card.title} reads no text. Choose a text model.")
    try:
        with torch.inference_mode():
            return resolved(opened.family.answered_by)(request, opened, text, remarks, record)
    except NothingSeen as error:  # open_model hands attention to our function: what is not seen does not exist
        raise Refused(f"{opened.card.title} has no attention that can be shown. Choose a transformer.") from error


def readable(request: TextRequest, text: str) -> str:
    """One of a request's texts as the model is given it."""
    return cleaned(text, tidy=request.spacing == "tidy")


def read(
    request: TextRequest, opened: Opened, text: str, remarks: list[str], record: dict
) -> tuple[TextEncoding, list[Map]]:
    """An encoder or a decoder that stands alone."""
    pair = readable(request, request.pair) if request.pair.strip() else ""
    if pair and "continue" in opened.family:
        remarks.append(f"{opened.card.title} reads one text: the second was left out.")
        pair = ""
    encoded, tokens = tokenized(opened, text, pair)
    if not tokens:
        raise Refused("The tokenizer made no piece of this text. Type some letters.")
    inputs = inputs_of(encoded, opened, pair)
    record = {"keep": keeps(opened.model, len(tokens), len(tokens))} | record
    with recording(edit=request.edit, **record) as maps:
        logits = getattr(running(opened, encoded["input_ids"])(**inputs), "logits", None)
    kind = opened.family.self_attention
    attention = gathered([m for m in maps if m.kind == kind], kind, tokens, tokens)
    if logits is not None and logits.shape[-1] < FEWEST_WORDS:
        logits = None  # a classifier's classes, not words
    encoding = TextEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=(attention,),
        predictions=expected(opened, tokens, logits),
        remarks=tuple(remarks),
    )
    return encoding, maps


def with_own_mask(text: str, tokenizer) -> str:
    """A mask as other models write it becomes the model's own: [MASK] is <mask> to XLM-R."""
    own = tokenizer.mask_token
    return MASKS.sub(own, text) if own else text


def running(opened: Opened, ids: list[int]) -> Callable:
    """What to call for these ids: the model, without what nobody reads.

    Candidates for all places of 512 tokens are half a gigabyte in XLM-R, keys and values kept to go on writing 0.15
    at 2,048 tokens in GPT-2.
    """
    if "fill masks" in opened.family:
        mask = opened.tokenizer.mask_token_id
        return opened.model if mask is not None and mask in ids else opened.model.base_model
    known = inspect.signature(opened.model.forward).parameters
    spared = {name: value for name, value in (("use_cache", False), ("logits_to_keep", 1)) if name in known}
    return partial(opened.model, **spared)


def expected(opened: Opened, tokens: tuple[Token, ...], logits: torch.Tensor | None) -> tuple[Prediction, ...]:
    """What the model puts in place of each mask, or after the last token."""
    if logits is None:
        return ()
    tokenizer = opened.tokenizer
    if "continue" in opened.family:
        return (prediction(tokenizer, logits[0, -1], "next token", len(tokens) - 1),)
    mask = tokenizer.mask_token_id
    places = [i for i, t in enumerate(tokens) if mask is not None and t.id == mask]
    return tuple(prediction(tokenizer, logits[0, i], f"in place of {tokenizer.mask_token}", i) for i in places)


def prediction(tokenizer, logits: torch.Tensor, place: str, position: int) -> Prediction:
    """The best candidates with their probabilities, from the logits [vocabulary] of one place."""
    best = torch.softmax(logits.float(), dim=-1).topk(min(CHOICES, len(logits)))
    choices = tuple(
        Choice(tokenizer.decode([int(i)]).strip() or tokenizer.convert_ids_to_tokens(int(i)), float(p))
        for i, p in zip(best.indices, best.values, strict=True)
    )
    return Prediction(place, position, choices)


def translated(
    request: TextRequest, opened: Opened, text: str, remarks: list[str], record: dict
) -> tuple[TextEncoding, list[Map]]:
    """An encoder-decoder: its own output, or the user's target run through it (teacher forcing)."""
    if request.pair.strip():
        remarks.append(f"{opened.card.title} reads one text: the second was left out.")
    encoded, tokens = tokenized(opened, addressed(text, request.language, opened), "")
    inputs = inputs_of(encoded, opened, "")
    start = opened.model.config.decoder_start_token_id
    if request.target.strip():
        target = target_ids(opened, readable(request, request.target))
    else:
        target = written(opened, inputs, request)
    if not target:
        raise Refused("The model wrote nothing for this text. Type another sentence, or a target of your own.")
    shifted = torch.tensor([[start, *target[:-1]]], device=opened.model.device)
    record = {"keep": keeps(opened.model, len(tokens), max(len(tokens), len(target)))} | record
    with recording(edit=request.edit, **record) as maps:
        logits = opened.model(**inputs, decoder_input_ids=shifted, use_cache=False).logits[0]
    read_in, wrote = target_tokens(opened, [start, *target[:-1]]), target_tokens(opened, target)
    sides: dict[AttentionKind, tuple[tuple[Token, ...], tuple[Token, ...]]]
    sides = {"encoder": (tokens, tokens), "decoder": (read_in, read_in), "cross": (wrote, tokens)}
    attentions = [gathered([m for m in maps if m.kind == kind], kind, *pair) for kind, pair in sides.items()]
    predictions = [
        prediction(opened.tokenizer, row, f"target token {i + 1}", i) for i, row in enumerate(logits[: len(target)])
    ]
    encoding = TextEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=tuple(attentions),
        predictions=tuple(predictions),
        output=opened.tokenizer.decode(target, skip_special_tokens=True),
        remarks=tuple(remarks),
    )
    return encoding, maps


def recurrent(
    request: TextRequest, opened: Opened, text: str, remarks: list[str], record: dict
) -> tuple[TextEncoding, list[Map]]:
    """A recurrent translator: one map, from each word written to the words read; it has no self-attention."""
    check_edit(request.edit, opened.card.title)
    if request.pair.strip():
        remarks.append(f"{opened.card.title} reads one text: the second was left out.")
    encoded, tokens = tokenized(opened, addressed(text, request.language, opened), "")
    source = inputs_of(encoded, opened, "")["input_ids"]
    config = opened.model.config
    if request.target.strip():
        target = target_ids(opened, readable(request, request.target))
    else:
        target = opened.model.translate(source, min(MOST_WRITTEN, 2 * source.shape[1] + 16), request.edit)[0].tolist()
    shifted = torch.tensor([[config.decoder_start_token_id, *target[:-1]]], device=opened.model.device)
    out = opened.model(source, shifted, request.edit)
    wrote = target_tokens(opened, target)
    weights = out.attention[:, None].float().cpu().numpy()  # one layer, one head
    return TextEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=(Attention("cross", wrote, tokens, weights),),
        predictions=tuple(
            prediction(opened.tokenizer, row, f"target token {i + 1}", i)
            for i, row in enumerate(opened.model.logits(out.hidden)[0])
        ),
        output=opened.tokenizer.decode(target, skip_special_tokens=True),
        remarks=tuple(remarks),
    ), []


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


def written(opened: Opened, inputs: dict[str, torch.Tensor], request: TextRequest) -> list[int]:
    """The ids that the model writes by itself, greedily, without the start token; under the edit if there is one."""
    room = min(MOST_WRITTEN, 2 * inputs["input_ids"].shape[1] + 16)
    with recording(layers=(), edit=request.edit) if request.edit else nullcontext():
        out = opened.model.generate(**inputs, max_new_tokens=room, num_beams=1, do_sample=False)
    ids = out[0].tolist()[1:]
    end = opened.model.config.eos_token_id
    return ids[: ids.index(end) + 1] if end in ids else ids


def target_ids(opened: Opened, text: str) -> list[int]:
    """The ids of a target that the user typed, ended as the model ends its own."""
    ids = opened.tokenizer(text_target=text)["input_ids"]
    checked_length(opened, len(ids))
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


def tokenized(opened: Opened, text: str, pair: str) -> tuple[Any, tuple[Token, ...]]:
    """What the tokenizer gives for a text or a pair, and its tokens; Refused when the model cannot read so many."""
    tokenizer = opened.tokenizer
    texts = [with_own_mask(one, tokenizer) for one in ([text, pair] if pair else [text])]
    encoded = tokenizer(*texts, return_offsets_mapping=tokenizer.is_fast, verbose=False)
    checked_length(opened, len(encoded["input_ids"]))
    return encoded, tokens_of(tokenizer, encoded, texts)


def checked_length(opened: Opened, length: int) -> None:
    config = opened.model.config
    most = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or MOST_TOKENS
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        most -= 2  # their positions begin at padding_idx + 1
    most = min(most, MOST_TOKENS)
    if length > most:
        raise Refused(f"Your text has {length:,} tokens; {opened.card.title} reads up to {most:,}. Shorten it.")


def inputs_of(encoded, opened: Opened, pair: str) -> dict[str, torch.Tensor]:
    """A batch of one, on the model's device."""
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if pair else [])
    return {n: torch.tensor([encoded[n]], device=opened.model.device) for n in names if n in encoded}


def keeps(model, queries: int, keys: int) -> bool:
    """Whether the weights of every head are few enough to be kept."""
    config = model.config
    heads = getattr(config, "num_attention_heads", 12)
    layers = getattr(config, "num_hidden_layers", 12)
    return layers * heads * queries * keys <= KEPT_NUMBERS


def gathered(maps: list[Map], kind: AttentionKind, queries: tuple[Token, ...], keys: tuple[Token, ...]) -> Attention:
    """One Attention of all layers of a kind."""
    if maps[0].weights is None:
        return Attention(kind, queries, keys, lazy_weights(maps))
    weights = np.stack([recorded(m.weights)[0].float().cpu().numpy() for m in maps])
    if not np.isfinite(weights).all():
        raise Refused("This model computes numbers that are not finite: its weights are broken. Choose another.")
    return Attention(kind, queries, keys, weights)
