"""Measures of texts: pieces of tokenizers, blanks, dice, alignment, transfer, vectors of words."""

from __future__ import annotations

import numpy as np

from core.engine import ask
from core.requests import (
    AlignmentReader,
    AlignmentRequest,
    BlankRequest,
    EmbeddingRequest,
    InputsRequest,
    LeakRequest,
    LinkMethod,
    MaskingRequest,
    TransferRequest,
)
from core.store.shelf import card_for
from core.types import Refused
from ui.lessons.heads import PERCENT
from ui.lessons.place import Measure, Place, here, measure

TEXTS: dict[str, Measure] = {}


# --- tokenizers -------------------------------------------------------------------------------------------------------


def cut(place: Place):
    """The phrases of the page as one tokenizer cuts them."""
    from core.models.tokenizer import tokenize

    model = here(place.get("tokenizer") or (place.several("tokenizers") or ("",))[0] or place.needed("tokenizer"))
    phrases = [line for line in place.needed("phrases").splitlines() if line.strip()]
    return [tokenize(model, phrase) for phrase in phrases]


def phrase(place: Place):
    cuts, number = cut(place), place.whole("phrase", 1)
    if not 1 <= number <= len(cuts):
        raise Refused(f"There are {len(cuts)} phrases; phrase counts from 1.")
    return cuts[number - 1]


@measure(TEXTS, "pieces", told=("tokenizer", "phrase"))
def pieces(place: Place) -> float:
    """How many pieces a phrase is cut into."""
    from core.measures.tokenizers import own

    return float(len(own(phrase(place))))


@measure(TEXTS, "piece", told=("tokenizer", "phrase", "piece"))
def first_piece(place: Place) -> str:
    """One of the pieces of a phrase."""
    from core.measures.tokenizers import own

    return own(phrase(place))[place.whole("piece", 1) - 1].text


@measure(TEXTS, "unknown", told=("tokenizer", "phrase"), unit="%")
def unknown(place: Place) -> float:
    """The share of a phrase's pieces that the tokenizer does not know."""
    from core.measures.tokenizers import unknown_share

    return PERCENT * unknown_share([phrase(place)])


@measure(TEXTS, "shared pieces", told=("tokenizer",))
def shared_pieces(place: Place) -> float:
    """How many pieces the first two phrases share."""
    from core.measures.tokenizers import shared

    found = shared(cut(place))
    if len(found) < 2:
        raise Refused("Two phrases are compared: write two lines.")
    return float(found[0, 1])


@measure(TEXTS, "vocabulary", told=("tokenizer",))
def vocabulary(place: Place) -> float:
    """How many pieces a tokenizer knows."""
    from core.models.tokenizer import open_tokenizer

    return float(len(open_tokenizer(here(place.get("tokenizer") or place.needed("model")))))


@measure(TEXTS, "parameters", told=("model",), unit="M")
def parameters(place: Place) -> float:
    """How many parameters a model has."""
    return card_for(here(place.needed("model"))).parameters / 1e6


@measure(TEXTS, "layers", told=("model",))
def layers(place: Place) -> float:
    """How many layers a model has."""
    return float(card_for(here(place.needed("model"))).layers)


# --- blanks -----------------------------------------------------------------------------------------------------------


def filled(place: Place):
    """What stands in the blank of the page, or of the word that `hidden` counts from 1."""
    text, hide = place.needed("text"), place.several("hide")
    numbers = tuple(int(one.rpartition(" ")[2].strip("·. ")) for one in hide if one.rpartition(" ")[2].isdecimal())
    hidden = (place.whole("hidden") - 1,) if "hidden" in place.values else tuple(n - 1 for n in numbers)
    return ask(BlankRequest(here(place.needed("model")), text, hidden))


@measure(TEXTS, "fills", told=("hidden",))
def fills(place: Place) -> str:
    """What the model puts into the first blank."""
    return filled(place).choices[0][0].text


@measure(TEXTS, "fill chance", told=("word", "hidden"), unit="%")
def fill_chance(place: Place) -> float:
    """How likely a word is in the first blank, if it is among those that are shown."""
    word = place.needed("word").casefold()
    return PERCENT * sum(one.probability for one in filled(place).choices[0] if one.text.casefold() == word)


@measure(TEXTS, "truth chance", told=("hidden",), unit="%")
def truth_chance(place: Place) -> float:
    """How likely the hidden word is in its blank."""
    truth = filled(place).truths[0]
    if truth is None:
        raise Refused("The hidden word is more than one piece here.")
    return PERCENT * truth[1]


@measure(TEXTS, "chosen pieces", told=("throw", "rate"))
def chosen_pieces(place: Place) -> float:
    """How many pieces the dice choose."""
    rate = place.number("rate", 15) / 100
    throw = ask(MaskingRequest(here(place.needed("model")), place.needed("text"), place.whole("throw", 3), rate))
    return float(sum(fate != "kept" for fate in throw.throw.fates))


@measure(TEXTS, "segments")
def segments(place: Place) -> float:
    """How many segments the model tells apart; 0: none."""
    return float(ask(InputsRequest(here(place.needed("model")), place.needed("text"), place.get("pair"))).kinds)


@measure(TEXTS, "sees itself", told=("word",), unit="points")
def sees_itself(place: Place) -> float:
    """What a word's guess gains where the word itself can be seen."""
    leak = ask(LeakRequest(here(place.needed("model")), place.needed("text")))
    word = place.needed("word").casefold()
    found = next((i for i, one in enumerate(leak.tokens) if one.text.casefold() == word), None)
    if found is None:
        raise Refused(f"The text has no token {word[:40]!r}.")
    return PERCENT * (leak.seen[found] - leak.hidden[found])


# --- several languages ------------------------------------------------------------------------------------------------


def best_layer(reader: AlignmentReader) -> int:
    """The layer that is known to align best, as the page begins."""
    from core.analyses.alignment import layers_of

    known = card_for(reader.model).scores.get("AER layer")
    some = layers_of(reader)
    return (
        int(known)
        if known is not None and int(known) in some
        else min(some, key=lambda one: abs(one - 2 / 3 * some[-1]))
    )


def compared(place: Place):
    from core.data.pairs import typed

    hide = place.get("hide") == "true"
    reader = AlignmentReader(here(place.needed("model")), hide=hide)
    pair = typed(place.needed("source"), place.needed("target"))
    return ask(AlignmentRequest(reader, pair)), pair, place.whole("at_layer", best_layer(reader))


@measure(TEXTS, "aligned word", told=("model", "word", "at_layer"))
def aligned_word(place: Place) -> str:
    """What a word of the source is linked to."""
    from core.analyses.alignment_links import word_links

    some, pair, layer = compared(place)
    word = place.needed("word").casefold()
    source = next((i for i, one in enumerate(pair.source) if one.casefold() == word), None)
    if source is None:
        raise Refused(f"The source has no word {word[:40]!r}.")
    links = word_links(some, LinkMethod(place.get("method", "argmax")), some.layers.index(layer))
    return " ".join(pair.target[j] for i, j in sorted(links) if i == source)


@measure(TEXTS, "alignment error", told=("model", "at_layer"), unit="%")
def alignment_error(place: Place) -> float:
    """The alignment error rate of a pair that comes with Gaze."""
    from core.analyses.alignment_links import gold_left, word_links
    from core.measures.alignment import error_rate

    some, pair, layer = compared(place)
    if pair.gold is None:
        raise Refused("Nobody made links by hand for this pair. Choose one that comes with Gaze.")
    gold = gold_left(pair.gold, some)
    links = word_links(some, LinkMethod(place.get("method", "argmax")), some.layers.index(layer))
    return PERCENT * error_rate(links, gold.sure, gold.possible)


@measure(TEXTS, "shared in pair", told=("model",))
def shared_in_pair(place: Place) -> float:
    """How many pieces both sentences have."""
    return float(compared(place)[0].shared)


def probe(place: Place) -> TransferRequest:
    from core.analyses.transfer import layers as layers_of
    from core.analyses.transfer import shipped_task

    model = here(place.needed("model"))
    task = shipped_task("sentiment" if place.get("task").casefold().startswith("sent") else "topics")
    usual = round(2 * layers_of(model) / 3)
    return TransferRequest(
        model, task, place.whole("of_layer", usual), place.get("source", "en"), place.get("centre") == "true"
    )


def transfer_row(place: Place):
    language = place.needed("language")
    found = next((row for row in ask(probe(place)) if row.language == language), None)
    if found is None:
        raise Refused(f"There are no sentences in {language[:20]!r}.")
    return found


@measure(TEXTS, "transferred", told=("model", "language", "of_layer"), unit="%")
def transferred(place: Place) -> float:
    """How often a probe is right in a language that it was not fitted on."""
    return PERCENT * transfer_row(place).zero_shot.share


@measure(TEXTS, "in language", told=("model", "language", "of_layer"), unit="%")
def in_language(place: Place) -> float:
    """How often a probe is right that was fitted in that language."""
    inside = transfer_row(place).inside
    if inside is None:
        raise Refused("There is no probe of that language's own.")
    return PERCENT * inside.share


@measure(TEXTS, "by chance", told=("model", "language"), unit="%")
def by_chance(place: Place) -> float:
    """How often one who guesses is right."""
    return PERCENT * transfer_row(place).chance


@measure(TEXTS, "found again", told=("model", "language", "of_layer"), unit="%")
def found_again(place: Place) -> float:
    """How often the nearest sentence of another language is the translation."""
    from core.analyses.transfer import found_again as retrieval

    found = retrieval(probe(place))
    language = place.needed("language")
    if language not in found:
        raise Refused(f"There are no translations into {language[:20]!r}.")
    return PERCENT * found[language]


@measure(TEXTS, "word cosine", told=("model", "only", "one", "other", "at_layer"))
def word_cosine(place: Place) -> float:
    """How alike one word is in two texts, at a layer."""
    texts = (place.needed("one"), place.needed("other"))
    request = EmbeddingRequest(here(place.needed("model")), texts, "words", place.needed("only"))
    found = ask(request)
    name = place.get("at_layer", found.names[-1])
    if name not in found.names or found.values.shape[1] != len(texts):
        raise Refused(f"Layers are {', '.join(found.names)}; each text has the word once.")
    one, other = found.values[found.layers.index(found.names.index(name))]
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


# --- word vectors -----------------------------------------------------------------------------------------------------


def recorded(place: Place):
    from core.learning.recordings import RECORDINGS, load_words

    name = "words-cbow" if place.get("method") == "CBOW" else "words-skip-gram"
    result = load_words(RECORDINGS / f"{name}.npz").result
    assert result is not None
    return result


def row_of(result, word: str) -> int:
    if word not in result.words:
        raise Refused(f"The text of this run has no word {word[:40]!r}.")
    return result.words.index(word)


@measure(TEXTS, "neighbour", told=("word", "method"))
def neighbour(place: Place) -> str:
    """The word whose vector is nearest to a word's."""
    from core.measures.word_vectors import nearest

    result = recorded(place)
    here_ = row_of(result, place.needed("word"))
    (best, _), *_ = nearest(result.vectors, result.vectors[here_], 1, (here_,))
    return result.words[best]


@measure(TEXTS, "vector cosine", told=("word", "other", "method"))
def vector_cosine(place: Place) -> float:
    """How alike the vectors of two words are."""
    result = recorded(place)
    one, other = (result.vectors[row_of(result, place.needed(name))] for name in ("word", "other"))
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@measure(TEXTS, "context pairs", told=("sentence", "window"))
def context_pairs(place: Place) -> float:
    """How many (centre, context) pairs a sentence gives."""
    from core.learning.words import words_in
    from core.measures.word_vectors import context

    count, window = len(words_in(place.needed("sentence"))), place.whole("window", 2)
    return float(sum(len(context(count, i, window)) for i in range(count)))


@measure(TEXTS, "learned words", told=("method",))
def learned_words(place: Place) -> float:
    """How many words the recorded run learned."""
    return float(len(recorded(place).words))
