"""How masked language models are asked: what fills a blank, what it looks at, and what enters the first layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.capture.recording import recording
from core.capture.stacking import stacked
from core.measures import masking
from core.models.calling import called, takes
from core.models.predicting import CHOICES
from core.models.reading import MASKS, tokenized
from core.requests import BlankRequest, LeakRequest, MaskingRequest
from core.store.opening import Opened, open_model
from core.tokens import cleaned, spans_of
from core.types import Choice, Refused, Token

MOST_WORDS = 60
MOST_PIECES = 160
MOST_LOGITS = 20_000_000  # at a time: 80 MB


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and where its words stand; typed masks are words."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def word(self, index: int) -> str:
        start, end = self.spans[index]
        return self.text[start:end]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """What a model puts into the blanks of one sentence."""

    tokens: tuple[Token, ...]
    places: tuple[int, ...]  # index of the mask of each blank
    choices: tuple[tuple[Choice, ...], ...]  # for each blank, best first
    truths: tuple[tuple[str, float, int] | None, ...]  # word, probability, rank from 1; None: it is not one piece
    weights: np.ndarray  # [layer, head, blank, token]


@dataclass(frozen=True, slots=True, eq=False)
class MaskedText:
    """A text after the dice, and what the model makes of it."""

    tokens: tuple[Token, ...]  # as they were
    read: tuple[str, ...]  # as the model reads them
    throw: masking.Masking
    guesses: tuple[Choice | None, ...]  # for each chosen piece
    right: tuple[float, ...]  # probability of the piece that stood there; NaN where nothing is asked


@dataclass(frozen=True, slots=True, eq=False)
class Leak:
    """What a word sees of itself, and what the model knows when it cannot."""

    tokens: tuple[Token, ...]
    around: np.ndarray  # [layer, to, from]
    seen: tuple[float, ...]  # for each token: probability of itself when it stands there; NaN for special ones
    hidden: tuple[float, ...]  # the same behind a mask


def sentence(text: str) -> Sentence:
    """Words of a text. Refused: nothing to read, or more words than can be clicked."""
    text = cleaned(text)
    masks = [found.span() for found in MASKS.finditer(text)]
    spans, start = [], 0
    for begin, end in [*masks, (len(text), len(text))]:
        spans += [(start + first, start + last) for first, last in spans_of(text[start:begin])]
        if end > begin:
            spans.append((begin, end))
        start = end
    if len(spans) > MOST_WORDS:
        raise Refused(f"Your text has {len(spans)} words; up to {MOST_WORDS} can be clicked. Shorten it.")
    return Sentence(text, tuple(spans))


def marked(one: Sentence, mask: str) -> Sentence:
    """The same words with the model's own mask in place of each typed one."""
    text, spans, last = "", [], 0
    for start, end in one.spans:
        text += one.text[last:start]
        word = mask if MASKS.fullmatch(one.text[start:end]) else one.text[start:end]
        spans.append((len(text), len(text) + len(word)))
        text, last = text + word, end
    return Sentence(text + one.text[last:], tuple(spans))


def filler(name: str) -> Opened:
    """A model that fills blanks; Refused says why another does not."""
    opened = open_model(name)
    if "fill masks" not in opened.family or opened.tokenizer.mask_token is None:
        raise Refused(f"{opened.card.title} was not trained to fill blanks. Choose an encoder, such as BERT or XLM-R.")
    if opened.model.get_output_embeddings() is None:
        raise Refused(f"{opened.card.title} comes without the head that fills blanks. Choose another encoder.")
    return opened


def _run(opened: Opened, ids: Sequence[int], segments: Sequence[int] | None = None, *, maps: bool = True):
    """(logits [token, piece], weights [layer, head, query, key] or None)."""
    if len(ids) > MOST_PIECES:
        raise Refused(f"Your text has {len(ids)} pieces; up to {MOST_PIECES} fit on this page. Shorten it.")
    device = opened.model.device
    given = {"input_ids": torch.tensor([list(ids)], device=device)}
    if takes(opened.model, "attention_mask"):
        given["attention_mask"] = torch.ones_like(given["input_ids"])
    if segments is not None:
        given["token_type_ids"] = torch.tensor([list(segments)], device=device)
    with torch.inference_mode(), called(opened.model):
        if not maps:
            return opened.model(**given).logits[0].float(), None
        with recording() as seen:
            logits = opened.model(**given).logits[0].float()
    return logits, stacked(seen, len(ids), len(ids))[:, :, :, -len(ids) :]  # without a sink


def _at(opened: Opened, rows: Sequence[Sequence[int]], places: Sequence[int]) -> Iterator[torch.Tensor]:
    """Logits [piece] of one place in each row of equal length, as many rows at a time as memory bears."""
    step = max(1, MOST_LOGITS // (max(map(len, rows), default=1) * len(opened.tokenizer)))
    for start in range(0, len(rows), step):
        ids = torch.tensor([list(row) for row in rows[start : start + step]], device=opened.model.device)
        seen = {"attention_mask": torch.ones_like(ids)} if takes(opened.model, "attention_mask") else {}
        with torch.inference_mode(), called(opened.model):
            logits = opened.model(input_ids=ids, **seen).logits
        for found, place in zip(logits, places[start:], strict=False):
            yield found[place].float()


def fill(request: BlankRequest) -> Filled:
    """What a model puts in place of the hidden words, counted from 0, and of typed masks.

    Refused: no blank, no such word, or a model that fills none.
    """
    hidden = request.hidden
    opened, one = filler(request.model), sentence(request.text)
    if any(index >= len(one.spans) for index in hidden):
        raise Refused(f"Word {max(hidden) + 1} does not exist: the text has {len(one.spans)}. Click another.")
    tokenizer = opened.tokenizer
    one = marked(one, tokenizer.mask_token)
    encoded, tokens = tokenized(opened, one.text, "")
    blanks = _blanks(one, hidden, encoded, tokenizer)
    if not blanks:
        raise Refused("Nothing is hidden yet. Click a word of the sentence, or type [MASK].")
    ids = list(encoded["input_ids"])
    left: list[Token] = []
    places: list[int] = []
    inside = {piece for pieces in blanks.values() for piece in pieces}
    for place, token in enumerate(tokens):
        if any(pieces[0] == place for pieces in blanks.values()):
            places.append(len(left))
            left.append(Token(tokenizer.mask_token, tokenizer.mask_token_id, -1, special=True, segment=token.segment))
        elif place not in inside:
            left.append(token)
    logits, weights = _run(opened, [token.id for token in left])
    shares = torch.softmax(logits[places], dim=-1)
    return Filled(
        tokens=tuple(left),
        places=tuple(places),
        choices=tuple(_best(tokenizer, row, CHOICES) for row in shares),
        truths=tuple(
            _truth(one.word(word), [ids[piece] for piece in pieces], tokenizer, row)
            for (word, pieces), row in zip(blanks.items(), shares, strict=True)
        ),
        weights=np.ascontiguousarray(weights[:, :, places]),
    )


def _blanks(one: Sentence, hidden: Sequence[int], encoded, tokenizer) -> dict[int, list[int]]:
    """For each hidden word and each mask the places of its pieces, in the order of the text.

    Pieces are taken out of the whole text's, so that what stands around a blank is cut as it was. A word whose pieces
    belong to the blank before it has none of its own.
    """
    if "offset_mapping" not in encoded:
        raise Refused("This model's tokenizer cannot say where its pieces stand. Choose another model.")
    special, found, taken = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}, {}, set()
    for index, (start, end) in enumerate(one.spans):
        asked = one.word(index) == tokenizer.mask_token
        if not (asked or index in hidden):
            continue
        over = [
            place
            for place, (piece, (begin, stop)) in enumerate(
                zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
            )
            if begin < end
            and stop > start
            and place not in taken
            and one.text[max(begin, start) : min(stop, end)]
            and (piece not in special or piece == tokenizer.mask_token_id)
        ]
        if over:
            found[index] = over
            taken.update(over)
    return found


def _best(tokenizer, shares: torch.Tensor, count: int) -> tuple[Choice, ...]:
    best = shares.topk(min(count, len(shares)))
    names = [tokenizer.decode([int(i)]).strip() or tokenizer.convert_ids_to_tokens(int(i)) for i in best.indices]
    return tuple(Choice(name, float(p)) for name, p in zip(names, best.values, strict=True))


def _truth(word: str, pieces: Sequence[int], tokenizer, shares: torch.Tensor) -> tuple[str, float, int] | None:
    """The hidden word, its probability and rank, where it is one piece of the vocabulary."""
    if len(pieces) != 1 or pieces[0] in (tokenizer.unk_token_id, tokenizer.mask_token_id):
        return None
    share = float(shares[pieces[0]])
    return word, share, int((shares > share).sum()) + 1


def dice(request: MaskingRequest) -> MaskedText:
    """The masking dice thrown over a text, and what the model guesses at each chosen place."""
    opened = filler(request.model)
    tokenizer = opened.tokenizer
    text = MASKS.sub(tokenizer.mask_token, cleaned(request.text))
    encoded, tokens = tokenized(opened, text, "")
    ids = list(encoded["input_ids"])
    special = set(tokenizer.all_special_ids)
    pieces = [i for i in range(len(tokenizer)) if i not in special]
    free = [i not in special for i in ids]
    thrown = masking.throw(ids, free, tokenizer.mask_token_id, pieces, request.seed, request.rate)
    logits, _ = _run(opened, thrown.ids, maps=False)
    shares = torch.softmax(logits, dim=-1)
    asked = [fate != "kept" for fate in thrown.fates]
    return MaskedText(
        tokens=tokens,
        read=tuple(_name(tokenizer, i) for i in thrown.ids),
        throw=thrown,
        guesses=tuple(_best(tokenizer, row, 1)[0] if ask else None for ask, row in zip(asked, shares, strict=True)),
        right=tuple(float(row[i]) if ask else float("nan") for ask, row, i in zip(asked, shares, ids, strict=True)),
    )


def _name(tokenizer, piece: int) -> str:
    return tokenizer.decode([piece]).strip() or tokenizer.convert_ids_to_tokens(piece)


def leak(request: LeakRequest) -> Leak:
    """What each word sees of itself round a corner, and how sure the model is of it seen and hidden."""
    opened = filler(request.model)
    mask, masked = opened.tokenizer.mask_token, opened.tokenizer.mask_token_id
    encoded, tokens = tokenized(opened, MASKS.sub(mask, cleaned(request.text)), "")
    ids = list(encoded["input_ids"])
    logits, weights = _run(opened, ids)
    plain = [i for i, token in enumerate(tokens) if not token.special]
    # All pieces of the word are hidden, or one would give the other away.
    blanks = [[masked if t.word == tokens[i].word else t.id for t in tokens] for i in plain]
    seen, hidden = np.full(len(tokens), np.nan), np.full(len(tokens), np.nan)
    behind = _at(opened, blanks, plain)
    for row, place in zip(behind, plain, strict=True):
        seen[place] = torch.softmax(logits[place], dim=-1)[tokens[place].id]
        hidden[place] = torch.softmax(row, dim=-1)[tokens[place].id]
    return Leak(tokens, masking.around(weights.mean(axis=1)), tuple(seen.tolist()), tuple(hidden.tolist()))
