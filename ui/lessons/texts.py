"""Measures of texts: pieces of tokenizers, blanks, dice, alignment, transfer, vectors of words."""

from __future__ import annotations

from core.engine import ask
from core.requests import (
    BlankRequest,
    InputsRequest,
    LeakRequest,
    MaskingRequest,
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
    cuts, number = cut(place), place.whole("phrase", 1, 1)
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

    some = own(phrase(place))
    return some[place.whole("piece", 1, 1, len(some)) - 1].text


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
    hidden = (place.whole("hidden", least=1) - 1,) if "hidden" in place.values else tuple(n - 1 for n in numbers)
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
    rate = place.number("rate", 15, 5, 60) / 100
    throw = ask(MaskingRequest(here(place.needed("model")), place.needed("text"), place.whole("throw", 3, 1), rate))
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
