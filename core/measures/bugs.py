"""Mistakes of widely copied teaching code, each a small function beside the right one: both run, one is wrong.

The line in which two of them differ is shown to the class as it stands here, so a test compares them with the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch

PATCH = 16  # pixels
TEMPERATURE = 0.07  # where CLIP begins


def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _woven(sine: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Columns of both in turn, [n, d]."""
    return np.stack([sine, cosine], axis=-1).reshape(len(sine), -1)


def waves(n: int, d: int) -> np.ndarray:
    """Sinusoidal positions [n, d]."""
    i = np.arange(0, d, 2)
    angle = np.arange(n)[:, None] / 10000 ** (i / d)
    return _woven(np.sin(angle), np.cos(angle))


def waves_doubled(n: int, d: int) -> np.ndarray:
    """The index already steps by 2, and is doubled again."""
    i = np.arange(0, d, 2)
    angle = np.arange(n)[:, None] / 10000 ** (2 * i / d)
    return _woven(np.sin(angle), np.cos(angle))


def attended(x: np.ndarray, projections: Iterable[np.ndarray], attention: torch.nn.MultiheadAttention) -> np.ndarray:
    """Output [sentence, token, d] of an attention whose W_Q, W_K and W_V are given, W_O left out."""
    d = x.shape[-1]
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.from_numpy(np.concatenate([w.T for w in projections])))
        attention.out_proj.weight.copy_(torch.eye(d))
        given = torch.from_numpy(np.array(x))
        return attention(given, given, given, need_weights=False)[0].numpy()


def within_sentences(x: np.ndarray, projections: Iterable[np.ndarray]) -> np.ndarray:
    d, heads = x.shape[-1], 6
    attention = torch.nn.MultiheadAttention(d, heads, bias=False, batch_first=True)
    return attended(x, projections, attention)


def across_the_batch(x: np.ndarray, projections: Iterable[np.ndarray]) -> np.ndarray:
    """Without batch_first the first axis counts as time: sentences attend to each other."""
    d, heads = x.shape[-1], 6
    attention = torch.nn.MultiheadAttention(d, heads, bias=False)
    return attended(x, projections, attention)


def patches(picture: torch.Tensor) -> torch.Tensor:
    """Tokens [patch, 3 * 16 * 16] of a picture [3, height, width]."""
    cut = picture.unfold(1, PATCH, PATCH).unfold(2, PATCH, PATCH)
    return cut.permute(1, 2, 0, 3, 4).reshape(-1, 3 * PATCH * PATCH)


def patches_not_permuted(picture: torch.Tensor) -> torch.Tensor:
    """The channel axis still comes first, so that a token is three patches of one colour."""
    cut = picture.unfold(1, PATCH, PATCH).unfold(2, PATCH, PATCH)
    return cut.reshape(-1, 3 * PATCH * PATCH)


def many_layers(weights: np.ndarray) -> np.ndarray:
    """Cosine of the weights of every two layers, [layer, layer]."""
    layers = [weights[number].copy() for number in range(len(weights))]
    return _likeness(layers)


def one_layer_repeated(weights: np.ndarray) -> np.ndarray:
    """A list of one and the same thing."""
    layers = [weights[0].copy()] * len(weights)
    return _likeness(layers)


def _likeness(layers: list[np.ndarray]) -> np.ndarray:
    flat = np.stack([one.ravel() for one in layers])
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return flat @ flat.T


def causal(scores: np.ndarray) -> np.ndarray:
    later = np.triu(np.ones(scores.shape, dtype=bool), 1)
    return softmax(np.where(later, -np.inf, scores))


def without_mask(scores: np.ndarray) -> np.ndarray:
    """What is to be guessed is looked at."""
    return softmax(scores)


def multiplied_mask(scores: np.ndarray) -> np.ndarray:
    """What is hidden has taken its share before it is hidden."""
    later = np.triu(np.ones(scores.shape, dtype=bool), 1)
    return softmax(scores) * ~later


def clip_probabilities(cosines: np.ndarray) -> np.ndarray:
    """Which text belongs to which picture, [picture, text], at CLIP's first temperature."""
    scale = np.exp(np.log(1 / TEMPERATURE))
    return softmax(scale * cosines)


def clip_scaled_too_little(cosines: np.ndarray) -> np.ndarray:
    """The temperature itself is raised to a power, not the logarithm of its inverse."""
    scale = np.exp(TEMPERATURE)
    return softmax(scale * cosines)


def softmax_once(scores: np.ndarray) -> np.ndarray:
    return softmax(scores)


def softmax_twice(scores: np.ndarray) -> np.ndarray:
    """Weights between 0 and 1 are taken for scores: no row can be sharp any more."""
    return softmax(softmax(scores))


def rolled_out(maps: np.ndarray) -> np.ndarray:
    """Rollout [token, token] of head means [layer, token, token]."""
    return _through(maps, lambda step: step / step.sum(axis=-1, keepdims=True))


def rolled_out_by_columns(maps: np.ndarray) -> np.ndarray:
    """What a token receives is normalised instead of what it takes."""
    return _through(maps, lambda step: step / step.sum(axis=0, keepdims=True))


def _through(maps: np.ndarray, normalised: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    product = np.eye(maps.shape[-1])
    for one in maps:
        product = normalised(one + np.eye(len(one))) @ product
    return product


def padding_hidden(scores: np.ndarray, words: int) -> np.ndarray:
    padding = np.arange(scores.shape[1]) >= words
    return softmax(np.where(padding, -np.inf, scores))


def padding_seen(scores: np.ndarray, words: int) -> np.ndarray:
    """Padding is read as if it were words."""
    return softmax(scores)


def over_keys(scores: np.ndarray) -> np.ndarray:
    return softmax(scores, axis=-1)


def over_queries(scores: np.ndarray) -> np.ndarray:
    """A key is shared among queries, not a query's look among keys."""
    return softmax(scores, axis=0)


def split(x: np.ndarray, heads: int) -> np.ndarray:
    """[token, heads * width] -> [head, token, width]."""
    tokens, d = x.shape
    return x.reshape(tokens, heads, d // heads).transpose(1, 0, 2)


def split_not_transposed(x: np.ndarray, heads: int) -> np.ndarray:
    """The shape is right, but a head gets whole vectors of a few tokens, cut to pieces."""
    tokens, d = x.shape
    return x.reshape(heads, tokens, d // heads)


def head_map(
    queries: np.ndarray, keys: np.ndarray, heads: int, cut: Callable[[np.ndarray, int], np.ndarray], head: int
) -> np.ndarray:
    """Attention [token, token] of one head of queries and keys [token, heads * width] that `cut` splits."""
    q, k = cut(queries, heads)[head], cut(keys, heads)[head]
    return softmax(q @ k.T / q.shape[1] ** 0.5)


def small_picture(size: int = 224) -> torch.Tensor:
    """A sun over hills and a house, [3, size, size], colours from 0 to 1: drawn by formulas."""
    y, x = torch.meshgrid(torch.linspace(0, 1, size), torch.linspace(0, 1, size), indexing="ij")
    picture = torch.stack([0.55 + 0.3 * y, 0.75 + 0.15 * y, 0.98 - 0.1 * y])

    def paint(where: torch.Tensor, red: float, green: float, blue: float) -> None:
        picture[:, where] = torch.tensor([[red], [green], [blue]])

    paint((x - 0.77) ** 2 + (y - 0.24) ** 2 < 0.013, 0.99, 0.82, 0.25)
    paint(y > 0.62 + 0.1 * torch.sin(5 * x), 0.35, 0.62, 0.3)
    paint((abs(x - 0.33) < 0.15) & (abs(y - 0.64) < 0.14), 0.85, 0.45, 0.35)
    paint((y > 0.32) & (y < 0.5) & (abs(x - 0.33) < 1.1 * (y - 0.32)), 0.45, 0.22, 0.2)
    paint((abs(x - 0.33) < 0.04) & (y > 0.64) & (y < 0.78), 0.3, 0.18, 0.12)
    return picture


def laid_out(tokens: torch.Tensor) -> np.ndarray:
    """Tokens [patch, 3 * 16 * 16] side by side as the picture that a model believes it sees, [height, width, 3]."""
    side = int(len(tokens) ** 0.5)
    grid = tokens.reshape(side, side, 3, PATCH, PATCH)
    return grid.permute(0, 3, 1, 4, 2).reshape(side * PATCH, side * PATCH, 3).numpy()
