"""The class's quiz: pairs of a right and a wrong picture, the lines of code behind them, why, and the test that tells.

Order and sides come from a seed, so that a whole class sees the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from core.analyses.bug_numbers import BATCH, HEAD, MODEL, PAIRS, Material, material
from core.measures import bugs as m
from core.store.revisions import kept

Names = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One pair of pictures and what is said of it after the guess."""

    name: str
    title: str
    drawn: str  # what both pictures show: before the guess
    look: str  # where to look: before the guess
    right: Callable[[Any], np.ndarray]  # the numbers that are drawn, of a Material, or of nothing where none is needed
    wrong: Callable[[Any], np.ndarray]
    code: tuple[str, str]  # the line of the right and of the wrong function
    marked: tuple[str, str]  # the parts of these lines that matter; empty: nothing stands there
    why: str
    caught: str  # how a test would find it
    axes: tuple[str, str]
    names: Callable[[Any], Names] | None = None  # along the edges; None: numbers
    scale: Literal["weight", "difference", "picture"] = "weight"
    measure: str = "weight"
    square: bool = True
    modelled: bool = True  # numbers of the built-in translator; else of a formula


def _scores(given: Material) -> np.ndarray:
    return given.queries[HEAD] @ given.keys[HEAD].T / given.queries.shape[-1] ** 0.5


def _joined(heads: np.ndarray) -> np.ndarray:
    """[head, token, width] -> [token, heads * width]: as they come out of W_Q."""
    return heads.transpose(1, 0, 2).reshape(heads.shape[1], -1)


def _one_head(given: Material, cut: Callable) -> np.ndarray:
    return m.head_map(_joined(given.queries), _joined(given.keys), len(given.queries), cut, HEAD)


def _means(given: Material) -> np.ndarray:
    return np.asarray(given.encoder.weights).mean(axis=1)


def _moved(given: Material, attention: Callable) -> np.ndarray:
    """Size of the change of every output when the last sentence is exchanged, [sentence, token]."""
    outputs = [attention(x, given.projections) for x in (given.batch, given.instead)]
    return np.linalg.norm(outputs[1] - outputs[0], axis=-1)


def _read(given: Material) -> Names:
    return given.words, given.words


def _written(given: Material) -> Names:
    return given.target, given.target


def _pairs(_: Material) -> Names:
    return tuple(english for english, _ in PAIRS), tuple(french for _, french in PAIRS)


def _sentences(_: Material) -> Names:
    return tuple(sentence.rstrip(".") for sentence in BATCH), ()


LOOKED = ("query", "key")

_ALL = (
    Mistake(
        "waves", "The exponent is doubled",
        "Sinusoidal positions 0 to 49 of a vector of width 512: a row is a position.",
        "How many columns still move at all?",
        lambda _: m.waves(50, 512), lambda _: m.waves_doubled(50, 512),
        ("angle = np.arange(n)[:, None] / 10000 ** (i / d)", "angle = np.arange(n)[:, None] / 10000 ** (2 * i / d)"),
        ("i / d", "2 * i / d"),
        "The index already steps by 2, so the waves grow long twice as fast: 336 of 512 columns stand nearly still, "
        "instead of 162.",
        "Compare one column with a pencil: at d = 4, position 1, the third number is sin(1/100) = .0100, not .0001.",
        ("position", "dimension"), scale="difference", measure="value", square=False, modelled=False,
    ),
    Mistake(
        "batch", "Attention runs across the batch",
        "Six sentences in one batch. The last one was exchanged for another: how much did each output change?",
        "Which rows may know of the exchange?",
        lambda g: _moved(g, m.within_sentences), lambda g: _moved(g, m.across_the_batch),
        (
            "attention = torch.nn.MultiheadAttention(d, heads, bias=False, batch_first=True)",
            "attention = torch.nn.MultiheadAttention(d, heads, bias=False)",
        ),
        (", batch_first=True", ""),
        "Without batch_first the first axis counts as time: the third words of all sentences attend to each other, "
        "and your result depends on who shares the batch.",
        "Run a sentence alone and in a batch: the outputs must be equal.",
        ("sentence", "token"), _sentences, measure="change", square=False,
    ),
    Mistake(
        "patches", "Patches are cut without permute",
        "196 patches of a picture, each a token of 768 numbers, laid out again as the model takes them.",
        "Is each square of 16 pixels a piece of one place?",
        lambda _: m.laid_out(m.patches(m.small_picture())),
        lambda _: m.laid_out(m.patches_not_permuted(m.small_picture())),
        (
            "return cut.permute(1, 2, 0, 3, 4).reshape(-1, 3 * PATCH * PATCH)",
            "return cut.reshape(-1, 3 * PATCH * PATCH)",
        ),
        (".permute(1, 2, 0, 3, 4)", ""),
        "After unfold the colours still come first, so a token is three neighbouring patches of one colour. "
        "Not one of the 196 tokens is a true patch, and yet the shape is right.",
        "Give it a picture in which one patch is 1 and all else 0: one token must be all ones, the others zeros.",
        ("pixel row", "pixel column"), scale="picture", measure="colour", modelled=False,
    ),
    Mistake(
        "layers", "One layer, again and again",
        "How alike are the weights of every two layers of a decoder? Cosine of their W_Q.",
        "How many different layers are there?",
        lambda g: m.many_layers(g.layers), lambda g: m.one_layer_repeated(g.layers),
        (
            "layers = [weights[number].copy() for number in range(len(weights))]",
            "layers = [weights[0].copy()] * len(weights)",
        ),
        ("for number in range(len(weights))", "* len(weights)"),
        "A list times a number repeats the same object: four layers in the drawing, one in memory. "
        "Training works, with a quarter of the parameters.",
        "Count the parameters, or change one layer and see that the others stay.",
        ("layer", "layer"), lambda g: (tuple("1234"), tuple("1234")), "difference", "cosine",
    ),
    Mistake(
        "causal", "No causal mask",
        "A decoder that learns to write: one of its heads, over the words that it is to guess one by one.",
        "May a word look to its right?",
        lambda g: m.causal(g.decoder_scores), lambda g: m.without_mask(g.decoder_scores),
        ("return softmax(np.where(later, -np.inf, scores))", "return softmax(scores)"),
        ("np.where(later, -np.inf, scores)", "scores"),
        "Every word sees the one that it is to guess. The loss in training falls to nearly nothing, and what the model "
        "writes by itself is nonsense.",
        "Change the last token: outputs before it must stay equal to the bit.",
        LOOKED, _written,
    ),
    Mistake(
        "clip", "The temperature is raised, not its inverse",
        "Six English words and six French ones: softmax over scaled cosines tells which belong together.",
        "How sure is the model, beside 1/6 = .17 by chance?",
        lambda g: m.clip_probabilities(g.pairs), lambda g: m.clip_scaled_too_little(g.pairs),
        ("scale = np.exp(np.log(1 / TEMPERATURE))", "scale = np.exp(TEMPERATURE)"),
        ("np.log(1 / TEMPERATURE)", "TEMPERATURE"),
        "What is stored is the logarithm of the scale: exp(ln(1/.07)) = 14.3. exp(.07) is 1.07, and the loss stays "
        "near ln 6 whatever the vectors are.",
        "With 4 pairs, cosine .3 for the right one and 0 for the others, the probability is .960; this gives .315.",
        ("English", "French"), _pairs, measure="probability",
    ),
    Mistake(
        "twice", "Softmax twice",
        "One head of an encoder reads a sentence.",
        "Compare the strongest cells.",
        lambda g: m.softmax_once(_scores(g)), lambda g: m.softmax_twice(_scores(g)),
        ("return softmax(scores)", "return softmax(softmax(scores))"),
        ("softmax(scores)", "softmax(softmax(scores))"),
        "The second softmax takes weights from 0 to 1 for scores, so no key can get more than e times another. "
        "All rows still sum to 1: that test alone is passed.",
        "Give it one score of 100 and zeros: the weight must be 1.",
        LOOKED, _read,
    ),
    Mistake(
        "rollout", "Rollout normalised along the wrong axis",
        "Attention rollout: how much of each word reaches each output through all encoder layers.",
        "What do the rows sum to, what the columns?",
        lambda g: m.rolled_out(_means(g)), lambda g: m.rolled_out_by_columns(_means(g)),
        (
            "return _through(maps, lambda step: step / step.sum(axis=-1, keepdims=True))",
            "return _through(maps, lambda step: step / step.sum(axis=0, keepdims=True))",
        ),
        ("axis=-1", "axis=0"),
        "Divided by its column, what a word takes no longer sums to 1: a word that all look at is made as small as "
        "one that nobody looks at.",
        "Every row of a rollout sums to 1.",
        ("output", "input"), _read, measure="share",
    ),
    Mistake(
        "padding", "Padding is attended to",
        "A sentence, filled up with padding to the length of its batch; one head of an encoder.",
        "Do the words look at something that is not there?",
        lambda g: m.padding_hidden(g.padded_scores, len(g.words)),
        lambda g: m.padding_seen(g.padded_scores, len(g.words)),
        ("return softmax(np.where(padding, -np.inf, scores))", "return softmax(scores)"),
        ("np.where(padding, -np.inf, scores)", "scores"),
        "Nobody told the attention which tokens are padding. The output of a sentence now depends on how long the "
        "others in its batch are.",
        "Pad a sentence by 1 and by 10 tokens: its outputs must be equal.",
        LOOKED, lambda g: (g.padded, g.padded),
    ),
    Mistake(
        "axis", "Softmax over the queries",
        "One head of an encoder reads a sentence.",
        "Add up a row, then a column.",
        lambda g: m.over_keys(_scores(g)), lambda g: m.over_queries(_scores(g)),
        ("return softmax(scores, axis=-1)", "return softmax(scores, axis=0)"),
        ("axis=-1", "axis=0"),
        "Columns sum to 1 instead of rows: a key is shared out among the queries, and a query may take much more than "
        "everything or next to nothing.",
        "Every row sums to 1; a matrix that is not square shows at once which axis it was.",
        LOOKED, _read,
    ),
    Mistake(
        "heads", "Heads are split without transpose",
        "The same head of an encoder, cut out of queries and keys that are 6 heads wide.",
        "Is there a pattern that belongs to the words?",
        lambda g: _one_head(g, m.split), lambda g: _one_head(g, m.split_not_transposed),
        (
            "return x.reshape(tokens, heads, d // heads).transpose(1, 0, 2)",
            "return x.reshape(heads, tokens, d // heads)",
        ),
        (".transpose(1, 0, 2)", "heads, tokens"),
        "The shape is the same, but each head gets two whole words cut into six pieces each. "
        "Nothing fails; the map has nothing to do with the words at its edges.",
        "Split and join again: head 1 must be the first columns of every token.",
        LOOKED, _read,
    ),
    Mistake(
        "multiplied", "The mask is multiplied, after the softmax",
        "A decoder head with a causal mask.",
        "Add up the first rows.",
        lambda g: m.causal(g.decoder_scores), lambda g: m.multiplied_mask(g.decoder_scores),
        ("return softmax(np.where(later, -np.inf, scores))", "return softmax(scores) * ~later"),
        ("np.where(later, -np.inf, scores)", "* ~later"),
        "Later words have taken their share before they are hidden, so early rows keep little: "
        "they sum to less than 1.",
        "Rows sum to 1 and the first word attends to itself alone, with weight 1.",
        LOOKED, _written,
    ),
)  # fmt: skip
MISTAKES = {mistake.name: mistake for mistake in _ALL}


@dataclass(frozen=True, slots=True)
class Panel:
    """A mistake's place in a seeded order."""

    mistake: Mistake
    wrong: Literal["A", "B"]


@lru_cache(maxsize=64)
def order(seed: int) -> tuple[Panel, ...]:
    """All mistakes, shuffled, each with the side on which it is wrong; as many on one side as on the other."""
    draw = np.random.default_rng(seed)
    sides = draw.permutation(["A", "B"] * (len(_ALL) // 2) + ["A"] * (len(_ALL) % 2))
    return tuple(
        Panel(_ALL[at], "A" if side == "A" else "B")
        for at, side in zip(draw.permutation(len(_ALL)), sides, strict=True)
    )


def numbers(name: str) -> tuple[np.ndarray, np.ndarray, Names]:
    """(right, wrong, names along the edges) of a mistake; Refused where it needs a model that is not here."""
    return _numbers(name, MODEL if MISTAKES[name].modelled else "")


@kept
def _numbers(mistake_name: str, model: str) -> tuple[np.ndarray, np.ndarray, Names]:
    mistake = MISTAKES[mistake_name]
    given = material(model) if model else None
    right, wrong = mistake.right(given), mistake.wrong(given)
    right.flags.writeable = wrong.flags.writeable = False
    return right, wrong, mistake.names(given) if mistake.names else ((), ())
