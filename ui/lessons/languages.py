"""Measures of several languages and of word vectors: alignment, transfer, one word in two texts, neighbours."""

from __future__ import annotations

import numpy as np

from core.engine import ask
from core.requests import AlignmentReader, AlignmentRequest, EmbeddingRequest, LinkMethod, TransferRequest
from core.store.shelf import card_for
from core.types import Refused
from ui.lessons.heads import PERCENT
from ui.lessons.place import Measure, Place, here, measure

LANGUAGES: dict[str, Measure] = {}


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


@measure(LANGUAGES, "aligned word", told=("model", "word", "at_layer"))
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


@measure(LANGUAGES, "alignment error", told=("model", "at_layer"), unit="%")
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


@measure(LANGUAGES, "shared in pair", told=("model",))
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


@measure(LANGUAGES, "transferred", told=("model", "language", "of_layer"), unit="%")
def transferred(place: Place) -> float:
    """How often a probe is right in a language that it was not fitted on."""
    return PERCENT * transfer_row(place).zero_shot.share


@measure(LANGUAGES, "in language", told=("model", "language", "of_layer"), unit="%")
def in_language(place: Place) -> float:
    """How often a probe is right that was fitted in that language."""
    inside = transfer_row(place).inside
    if inside is None:
        raise Refused("There is no probe of that language's own.")
    return PERCENT * inside.share


@measure(LANGUAGES, "by chance", told=("model", "language"), unit="%")
def by_chance(place: Place) -> float:
    """How often one who guesses is right."""
    return PERCENT * transfer_row(place).chance


@measure(LANGUAGES, "found again", told=("model", "language", "of_layer"), unit="%")
def found_again(place: Place) -> float:
    """How often the nearest sentence of another language is the translation."""
    from core.analyses.transfer import found_again as retrieval

    found = retrieval(probe(place))
    language = place.needed("language")
    if language not in found:
        raise Refused(f"There are no translations into {language[:20]!r}.")
    return PERCENT * found[language]


@measure(LANGUAGES, "word cosine", told=("model", "only", "one", "other", "at_layer"))
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


@measure(LANGUAGES, "neighbour", told=("word", "method"))
def neighbour(place: Place) -> str:
    """The word whose vector is nearest to a word's."""
    from core.measures.word_vectors import nearest

    result = recorded(place)
    here_ = row_of(result, place.needed("word"))
    (best, _), *_ = nearest(result.vectors, result.vectors[here_], 1, (here_,))
    return result.words[best]


@measure(LANGUAGES, "vector cosine", told=("word", "other", "method"))
def vector_cosine(place: Place) -> float:
    """How alike the vectors of two words are."""
    result = recorded(place)
    one, other = (result.vectors[row_of(result, place.needed(name))] for name in ("word", "other"))
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@measure(LANGUAGES, "context pairs", told=("sentence", "window"))
def context_pairs(place: Place) -> float:
    """How many (centre, context) pairs a sentence gives."""
    from core.learning.words import words_in
    from core.measures.word_vectors import context

    count, window = len(words_in(place.needed("sentence"))), place.whole("window", 2)
    return float(sum(len(context(count, i, window)) for i in range(count)))


@measure(LANGUAGES, "learned words", told=("method",))
def learned_words(place: Place) -> float:
    """How many words the recorded run learned."""
    return float(len(recorded(place).words))
