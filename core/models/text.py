"""How text models are asked: encoders, decoders, encoder-decoders; a TextRequest becomes a TextEncoding."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from core.capture.on_demand import needs_no_more
from core.capture.recording import Map, recorded, recording
from core.capture.stacking import has_sink, numbers, weights_of
from core.models.calling import called, takes
from core.models.languages import code_id, codes_of, matching, with_languages
from core.models.predicting import expected, judged, judges, prediction, predicts_words
from core.models.reading import (
    addressed,
    begun,
    inputs_of,
    read_again,
    start_of,
    target_ids,
    target_tokens,
    tokenized,
)
from core.models.together import read_together
from core.requests import TextRequest
from core.store.families import resolved
from core.store.opening import Opened, open_model
from core.store.recurrent import check_edit
from core.tokens import cleaned, left_out
from core.types import Attention, AttentionKind, Refused, TextEncoding, Token

#: Weights up to this many numbers are kept; above it any head is made again from its queries and keys.
KEPT_NUMBERS = 4_000_000
MOST_WRITTEN = 128  # tokens a decoder writes by itself
#: The column that takes part in a softmax and stands for no token.
SINK = Token("sink", -1, -1, special=True)


def encode(request: TextRequest) -> TextEncoding:
    """All attention of a text model over the request's text, and what the model predicts.

    Refused says what to do about text that is empty, too long, or not for this model.
    """
    return run(request)[0]


def inner(request: TextRequest, layers: list[int]) -> dict[str, list[np.ndarray]]:
    """The self-attention that reads the text: {"queries": [layer][head, token, width], "keys": the same}.

    Refused for a model without any.
    """
    encoding, maps = run(request, layers=set(layers), qkv=True, keep=False)
    if not maps:
        raise Refused(f"{encoding.model} reads with a recurrent network: it has no queries and keys to show.")
    for one in maps:
        needs_no_more(recorded(one.recipe))
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
    with torch.inference_mode():
        return resolved(opened.family.answered_by)(request, opened, text, remarks, record)


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
    encoded, tokens = begun(request, opened, text) if "continue" in opened.family else tokenized(opened, text, pair)
    if not tokens:
        raise Refused("The tokenizer made no piece of this text. Type some letters.")
    inputs = inputs_of(encoded, opened, pair)
    keep = keeps(opened.text_config, len(tokens), len(tokens))
    run, how = running(opened, encoded["input_ids"])
    if request.edit is None and not record:
        output, maps = read_together(opened.model, run, how, inputs, keep=keep)
    else:
        with recording(edit=request.edit, **({"keep": keep} | record)) as maps, called(opened.model):
            output = run(**inputs)
    kinds = {m.kind for m in maps}
    own: AttentionKind = opened.family.self_attention
    # A model built to write on may have been trained without its causal mask: then it reads both ways.
    kind = own if own in kinds or len(kinds) != 1 else maps[0].kind
    attention = gathered([m for m in maps if m.kind == kind], kind, tokens, tokens)
    remarks += of_some_layers(opened, attention)
    words = expected(opened, tokens, getattr(output, "logits", None) if predicts_words(opened) else None)
    encoding = TextEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=(attention,),
        predictions=words or judged(opened, tokens, output),
        remarks=tuple(remarks),
    )
    return encoding, maps


def of_some_layers(opened: Opened, attention: Attention) -> list[str]:
    """A remark where only some of a model's layers attend, with the model's own numbers of them."""
    if not attention.layers:
        return []
    named = ", ".join(str(number + 1) for number in attention.layers)
    every = getattr(opened.text_config, "num_hidden_layers", 0)
    of = f" of {every}" if every else ""
    return [f"{len(attention.layers)}{of} layers attend: they are the model's layers {named}."]


def running(opened: Opened, ids: list[int]) -> tuple[Callable, str]:
    """What to call for these ids, the model without what nobody reads, and a name for which way of calling it that is.

    Candidates for all places of 512 tokens are half a gigabyte in XLM-R, keys and values kept to go on writing 0.15
    at 2,048 tokens in GPT-2.
    """
    if "fill masks" in opened.family:
        mask = opened.tokenizer.mask_token_id
        asked = judges(opened.model) or (mask is not None and mask in ids)
        return (opened.model, "whole") if asked else (opened.model.base_model, "base")
    last = {"logits_to_keep": 1} if predicts_words(opened) and takes(opened.model, "logits_to_keep") else {}
    return partial(opened.model, **unkept(opened.model), **last), "last"


def unkept(model: Any) -> dict[str, bool]:
    """What tells a model to keep no keys and values for going on, where it can be told."""
    return {"use_cache": False} if takes(model, "use_cache") else {}


def translated(
    request: TextRequest, opened: Opened, text: str, remarks: list[str], record: dict
) -> tuple[TextEncoding, list[Map]]:
    """An encoder-decoder: its own output, or the user's target run through it (teacher forcing)."""
    if request.pair.strip():
        remarks.append(f"{opened.card.title} reads one text: the second was left out.")
    source = source_of(request, opened, text)
    opened, tokens, inputs = source.opened, source.tokens, source.inputs
    if request.target.strip() and not opened.model.can_generate():
        remarks.append(f"{opened.card.title} writes no text: the target was left out.")
    start, target = target_of(request, source)
    if not target:
        raise Refused("The model wrote nothing for this text. Type another sentence, or a target of your own.")
    shifted = torch.tensor([[start, *target[:-1]]], device=opened.model.device)
    record = {"keep": keeps(opened.text_config, len(tokens), max(len(tokens), len(target)))} | record
    with recording(edit=request.edit, **record) as maps, called(opened.model):
        out = opened.model(**inputs, decoder_input_ids=shifted, **unkept(opened.model))
    logits = out.logits[0] if predicts_words(opened) and opened.model.can_generate() else ()
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
        predictions=tuple(predictions) or judged(opened, wrote, out),
        output=opened.tokenizer.decode(target, skip_special_tokens=True),
        remarks=tuple(remarks),
    )
    return encoding, maps


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What an encoder-decoder reads."""

    opened: Opened  # with a tokenizer that is told the languages
    first: int | None  # the piece that the target must begin with
    encoded: Any  # of the tokenizer, one row
    tokens: tuple[Token, ...]
    inputs: dict[str, torch.Tensor]  # a batch of one


def source_of(request: TextRequest, opened: Opened, text: str) -> Source:
    """The text as the encoder is given it, with what tells the model its languages."""
    opened, first = between_languages(request, opened)
    encoded, tokens = tokenized(opened, addressed(text, request.language, opened), "")
    return Source(opened, first, encoded, tokens, inputs_of(encoded, opened, ""))


def target_of(request: TextRequest, source: Source) -> tuple[int, list[int]]:
    """(the id with which the decoder begins, the ids of the target): typed, or what the model itself writes."""
    opened = source.opened
    if not opened.model.can_generate():  # a classifier reads the text again as its target
        read = read_again(opened, source.encoded["input_ids"])
        return read[0], [*read[1:], source.encoded["input_ids"][-1]]
    if request.target.strip():
        return start_of(opened), target_ids(opened, readable(request, request.target))
    return start_of(opened), written(opened, source.inputs, request, source.first)


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


def between_languages(request: TextRequest, opened: Opened) -> tuple[Opened, int | None]:
    """The model with a tokenizer told both languages, and the number of the piece that its target begins with.

    A model that is told no language stays as it is, with None.
    """
    codes = codes_of(opened.tokenizer)
    if not codes:
        return opened, None
    source = matching(codes, request.source_language or "en", opened.card.title)
    target = matching(codes, request.language, opened.card.title, other_than=source)
    return with_languages(opened, source, target), code_id(opened.tokenizer, target)


def written(
    opened: Opened, inputs: dict[str, torch.Tensor], request: TextRequest, first: int | None = None
) -> list[int]:
    """The ids that the model writes by itself, greedily, without the start token; under the edit if there is one.

    first: the piece that it must begin with.
    """
    room = min(MOST_WRITTEN, 2 * inputs["input_ids"].shape[1] + 16)
    with recording(layers=(), edit=request.edit) if request.edit else nullcontext(), called(opened.model):
        begun = {} if first is None else {"forced_bos_token_id": first}
        out = opened.model.generate(**inputs, **begun, max_new_tokens=room, num_beams=1, do_sample=False)
    ids = out[0].tolist()[1:]
    ends = opened.model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    last = next((place for place, one in enumerate(ids) if one in ends), len(ids))
    return ids[: last + 1]


def keeps(config: Any, queries: int, keys: int) -> bool:
    """Whether the weights of every head are few enough to be kept."""
    heads = getattr(config, "num_attention_heads", 12)
    layers = getattr(config, "num_hidden_layers", 12)
    return layers * heads * queries * keys <= KEPT_NUMBERS


def gathered(maps: list[Map], kind: AttentionKind, queries: tuple[Token, ...], keys: tuple[Token, ...]) -> Attention:
    """One Attention of all layers of a kind; a sink is a key of its own in front."""
    weights = weights_of(maps, len(queries), len(keys))
    return Attention(kind, queries, (SINK, *keys) if has_sink(maps) else keys, weights, numbers(maps))
