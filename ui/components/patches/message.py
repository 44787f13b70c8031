"""Attention on a picture as a message for the browser: the picture, rows of all heads, and whole maps.

Weights are (code / most)^2, in 16 or 8 bits: small ones stay apart.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np

from core.data.pictures import picture
from core.measures.arrays import Values, double, host, quantised
from core.measures.attention import heads_of, in_parts, total_of_heads
from core.measures.beside_words import words_first
from core.types import ImageEncoding, Refused, Weights
from ui.components.message import pack

MOST_BYTES = 2_450_000  # of one message
PICTURE_BYTES = 400_000  # kept free for the picture itself
WHOLE_BYTES = 1_000_000  # of all maps in 16 bits: up to here they come with the message
LARGEST = 640  # px, of the picture's longer side on the screen
NEXT = 4  # pieces that may come next
ALL_PATCHES = "all patches"  # who looks where there is no class token


def codes(weights: Values, bits: int) -> np.ndarray:
    """Weights 0 to 1 as the root's share of 65,535 or 255, in as many bits."""
    return quantised(weights, bits, root=True)


def coded(weights: Values, bits: int) -> bytes:
    """The same as bytes, for an answer that holds nothing else."""
    return codes(weights, bits).tobytes()


def first_rows(weights: Weights, prefix: int) -> np.ndarray:
    """Where the tokens before the patches look, [layer, head, query, key]; without any, where patches look on average.

    Of several such tokens only the first, the class token, where all would be too much for one message.
    The rows come layer by layer, so that weights made on demand never stand in memory at once.
    """
    layers, heads, _, tokens = weights.shape
    if 2 * layers * heads * prefix * tokens > MOST_BYTES - PICTURE_BYTES:
        prefix = min(prefix, 1)

    def rows(maps: Values) -> np.ndarray:
        return host(maps[:, :prefix] if prefix else double(maps).mean(1)[:, None])

    return np.stack([np.concatenate([rows(maps) for maps in in_parts(weights, layer)]) for layer in range(layers)])


def layer_maps(weights: Weights, layer: int, head: int | Literal["mean"] | None = None) -> bytes:
    """[head, query, key] of a layer, or [query, key] of one head or of the mean of all, in 8 bits."""
    if head == "mean":
        return coded(total_of_heads(weights, layer) / weights.shape[1], 8)
    if head is not None:
        return coded(heads_of(weights, layer, slice(head, head + 1)), 8)
    return b"".join(coded(maps, 8) for maps in in_parts(weights, layer))


def as_jpeg(pixels: np.ndarray) -> tuple[bytes, int, int]:
    """(file, width, height) of a picture [height, width, 3] made small enough for a screen."""
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=92, subsampling=0)
    return data.getvalue(), image.width, image.height


def pack_patches(encoding: ImageEncoding, groups: dict[int, str] | None = None, height: int = 540) -> bytes:
    """The browser's message about one picture. groups: what kind of thing a class is, by its number."""
    attention, patches, request = encoding.attentions[0], encoding.patches, encoding.request
    layers, heads, tokens = attention.weights.shape[:3]
    rows = first_rows(attention.weights, patches.prefix)
    jpeg, wide, high = as_jpeg(picture(request.image))
    arrays = {"picture": np.frombuffer(jpeg, np.uint8), "rows": codes(rows, 16)}
    if 2 * layers * heads * tokens * tokens <= WHOLE_BYTES:
        whole = [codes(maps, 16) for layer in range(layers) for maps in in_parts(attention.weights, layer)]
        arrays["maps"] = np.concatenate(whole).reshape(layers, heads, tokens, tokens)
    choices = encoding.predictions[0].choices if encoding.predictions else ()
    header = {
        "request": {"model": request.model, "image": request.image, "fit": request.fit},
        "size": [wide, high],
        "grid": [patches.rows, patches.columns],
        "box": [patches.left, patches.top, patches.width, patches.height],
        "first": [token.text for token in encoding.tokens[: patches.prefix]],
        "queries": rows.shape[2],
        "layers": layers,
        "heads": heads,
        "tokens": tokens,
        "classes": [
            {"name": c.text, "share": c.probability, "label": c.label, "group": (groups or {}).get(c.label, "")}
            for c in choices
        ],
        "height": height,
    }
    return pack(header, arrays)


def row_of(weights: Weights, token: int) -> np.ndarray:
    """Where one token looks, float32 [layer, head, key], layer by layer."""
    rows = [
        np.concatenate([host(maps[:, token]) for maps in in_parts(weights, layer)]) for layer in range(weights.shape[0])
    ]
    return np.stack(rows)[..., -weights.shape[2] :]  # without a sink, which stands in front and is no token


def pack_reading(encoding: ImageEncoding, token: int, height: int = 540) -> bytes:
    """The browser's message about a picture among words, of which one asks: where it looks in all heads."""
    patches, request = encoding.patches, encoding.request
    rows = words_first(row_of(encoding.attentions[0].weights, token), patches)[:, :, None]
    bits = 16 if 2 * rows.size <= MOST_BYTES - PICTURE_BYTES else 8
    if rows.size > MOST_BYTES - PICTURE_BYTES:
        raise Refused(
            f"{len(encoding.tokens):,} tokens in {rows.shape[0]} layers of {rows.shape[1]} heads are more than a page "
            "draws. Choose a smaller picture, or a smaller model."
        )
    jpeg, wide, high = as_jpeg(picture(request.image))
    places = [*range(patches.prefix), *range(patches.prefix + patches.rows * patches.columns, len(encoding.tokens))]
    header = {
        "request": {"model": request.model, "image": request.image, "fit": "model"},
        "size": [wide, high],
        "grid": [patches.rows, patches.columns],
        "box": [patches.left, patches.top, patches.width, patches.height],
        "first": [encoding.tokens[place].text for place in places],
        "queries": 1,
        "layers": rows.shape[0],
        "heads": rows.shape[1],
        "tokens": rows.shape[-1],
        "classes": [],
        "height": height,
        "reading": {
            "word": places.index(token),
            "places": places,
            "before": patches.prefix,
            "opens": patches.prefix > 0,
            "next": [
                {"name": one.text, "share": one.probability} for p in encoding.predictions for one in p.choices[:NEXT]
            ],
        },
    }
    return pack(header, {"picture": np.frombuffer(jpeg, np.uint8), "rows": codes(rows, bits)})
