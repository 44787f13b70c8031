"""Measures of pictures: patches, classes, where a vision model looks, what CLIP finds."""

from __future__ import annotations

import numpy as np

from core.engine import ask
from core.requests import ImageRequest, Move, MovedPictureRequest, ObjectShareRequest
from core.types import ImageEncoding, Refused
from ui.lessons.heads import PERCENT
from ui.lessons.place import Measure, Place, here, measure

PICTURES: dict[str, Measure] = {}

MODEL, DEFAULT = "emoji-vit", "cat-and-dog"
CLIP = "emoji-clip"


def encoding_of(place: Place) -> ImageEncoding:
    return ask(ImageRequest(here(place.get("model", MODEL)), place.get("picture", DEFAULT)))


@measure(PICTURES, "patches")
def patches(place: Place) -> float:
    """How many patches the picture is cut into."""
    found = encoding_of(place).patches
    return float(found.rows * found.columns)


@measure(PICTURES, "picture tokens")
def tokens(place: Place) -> float:
    """How many tokens a picture becomes."""
    return float(len(encoding_of(place).tokens))


@measure(PICTURES, "tokens of sizes", told=("side", "patch"))
def tokens_of_sizes(place: Place) -> float:
    """How many tokens a square picture becomes, [CLS] counted."""
    side, patch = place.whole("side", 224), place.whole("patch", 16)
    if not 1 <= patch <= side:
        raise Refused("A patch is at most as large as its picture.")
    return float((side // patch) ** 2 + 1)


@measure(PICTURES, "taken for")
def taken_for(place: Place) -> str:
    """The class that the model takes the picture for."""
    best = encoding_of(place).predictions
    if not best:
        raise Refused("This model names no classes.")
    return best[0].choices[0].text


@measure(PICTURES, "class chance", unit="%")
def class_chance(place: Place) -> float:
    """How sure the model is of that class."""
    best = encoding_of(place).predictions
    if not best:
        raise Refused("This model names no classes.")
    return PERCENT * best[0].choices[0].probability


def row_of(place: Place) -> np.ndarray:
    """What a token takes from every token in the head that is looked at."""
    attention = encoding_of(place).attentions[0]
    layers, heads = attention.weights.shape[:2]
    layer, head = place.whole("layer", layers - 1), place.get("head", "mean")
    if not 0 <= layer < layers or not (head == "mean" or (head.isdecimal() and int(head) < heads)):
        raise Refused(f"There are {layers} layers and {heads} heads, counted from 0 in the address.")
    maps = np.asarray(attention.weights[layer])
    weights = maps.mean(0) if head == "mean" else maps[int(head)]
    token = place.whole("token", 0)
    if not 0 <= token < len(weights):
        raise Refused(f"There are {len(weights)} tokens, counted from 0.")
    return weights[token]


@measure(PICTURES, "on patches", told=("layer", "head", "token"), unit="%")
def on_patches(place: Place) -> float:
    """What a token takes from all patches together."""
    prefix = encoding_of(place).patches.prefix
    return PERCENT * float(row_of(place)[prefix:].sum())


@measure(PICTURES, "on object", told=("layer", "head", "token"), unit="times")
def on_object(place: Place) -> float:
    """How many times their area the objects get of a token's weight."""
    from core.data.pictures import true_mask
    from core.measures.patches import share_of_patches, share_on

    encoding = encoding_of(place)
    mask = true_mask(encoding.request.image)
    if mask is None:
        raise Refused("Nobody knows where the objects of this picture are. Choose a composed scene.")
    filled = share_of_patches(mask, encoding.patches)
    row = row_of(place)[encoding.patches.prefix :].reshape(filled.shape)
    return float(share_on(row, filled) / filled.mean())


@measure(PICTURES, "object ratio", told=("by",), unit="times")
def object_ratio(place: Place) -> float:
    """How many times their area the objects get in the map of a method, over many scenes."""
    (ratio,) = ask(ObjectShareRequest(here(place.get("model", MODEL)), (place.needed("by"),)))
    return float(ratio)


def moved(place: Place):
    from ui.views.vision.shifts import MOVES

    kind = place.get("move", "1 pixel")
    if kind not in MOVES:
        raise Refused(f"move is one of: {', '.join(MOVES)}.")
    move = Move(MOVES[kind], seed=1)
    positions = place.get("places", "true") == "true"
    return ask(MovedPictureRequest(here(place.get("model", MODEL)), place.get("picture", DEFAULT), move, positions))


@measure(PICTURES, "moved along", told=("stage",))
def moved_along(place: Place) -> float:
    """The mean cosine of matching tokens before and after a move."""
    layers = moved(place).layers
    at = place.whole("stage", len(layers) - 1)
    if not 0 <= at < len(layers):
        raise Refused(f"Stages go from 0 to {len(layers) - 1}.")
    return float(layers[at].cosines.mean())


@measure(PICTURES, "same class")
def moved_class_stays(place: Place) -> float:
    """1 where the class stays the same after the move, else 0."""
    before, after = moved(place).said
    if not before or not after:
        raise Refused("This model names no classes.")
    return float(before[0].choices[0].text == after[0].choices[0].text)


# --- CLIP -------------------------------------------------------------------------------------------------------------


def set_of(place: Place):
    """(pictures, captions) of the matrix."""
    from core.data.clip import captions, lesson

    sets = lesson().sets
    some = sets.get(place.get("set"), next(iter(sets.values())))
    count = place.whole("n", 8, 2)
    return some.pictures[:count], captions(some, place.get("language", "en"))[:count]


def cosines(place: Place) -> np.ndarray:
    from core.models.clip import picture_vectors, text_vectors

    pictures, texts = set_of(place)
    model = here(place.get("model", CLIP))
    return text_vectors(model, texts) @ picture_vectors(model, pictures).T


@measure(PICTURES, "captions right")
def captions_right(place: Place) -> float:
    """How many pictures find their own caption."""
    found = cosines(place)
    return float((found.argmax(0) == np.arange(found.shape[1])).sum())


@measure(PICTURES, "pair loss", told=("scale",), unit="nats")
def pair_loss(place: Place) -> float:
    """The loss of the matrix at a scale."""
    from core.measures.contrastive import clip_loss

    return clip_loss(cosines(place), place.number("scale", 1 / 0.07, 0.01, 1000))


@measure(PICTURES, "clip class")
def clip_class(place: Place) -> str:
    """The class that CLIP finds nearest."""
    from core.data.clip import lesson
    from core.models.clip import zero_shot
    from ui.views.clip.common import names_of

    presets = lesson().classes
    keys = presets.get(place.get("classes_of"), next(iter(presets.values())))
    classes = names_of(keys, place.get("zero_language", "en"))
    picture = place.get("zero_picture", DEFAULT)
    shares = zero_shot(here(place.get("model", CLIP)), picture, classes, ("{}",))
    return classes[int(np.argmax(shares))]


@measure(PICTURES, "found at", told=("question",))
def found_at(place: Place) -> float:
    """At which place the emoji of a name is found."""
    from core.analyses.emoji_vectors import emoji_vectors
    from core.data.gallery import PLAIN, plain_names
    from core.measures.retrieval import rank_of
    from core.models.clip import text_vectors
    from ui.views.clip.retrieval import named

    model, text = here(place.get("model", CLIP)), place.needed("question")
    key = named(text)
    if not key:
        raise Refused(f"No emoji is called {text[:40]!r}.")
    vectors = emoji_vectors(model)
    return float(rank_of(text_vectors(model, [text])[0], vectors, plain_names().index(PLAIN + key)))
