"""Arbitrary input for the doors of the house: addresses, messages and files that somebody makes up.

GAZE_EXAMPLES says how many of each are tried: a few hundred here, fifty with --fast, 10,000 in the nightly run.
"""

from __future__ import annotations

import dataclasses
import os
import types
import typing

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.requests import KINDS
from core.requests.wire import FIELDS

EXAMPLES = int(os.environ.get("GAZE_EXAMPLES", 300))
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=max(1, EXAMPLES // 10), deadline=None, suppress_health_check=list(HealthCheck))

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just(10**30)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)
NAMES = st.sampled_from(
    ["mini-gpt", "mini-bert-wordpiece", "translator", "emoji-vit", "emoji-clip", "rnn-dot", "", "..", "/etc/passwd",
     "~", "https://example.org/x", "a/b", "C:\\x", "\x00", "mini-gpt\n", "cat-face", "\ud800"]
)  # fmt: skip


def like(hint: typing.Any) -> st.SearchStrategy:
    """Plain values that may well be what a field wants, as JSON writes them."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(like(kind) for kind in inner))
    if hint is type(None):
        return st.none()
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return st.tuples(*(like(kind) for kind in inner)).map(list)
    if origin in (tuple, frozenset):
        return st.lists(like(inner[0]), max_size=4)
    if dataclasses.is_dataclass(hint):
        return mapping(hint)
    if hint is str:
        return NAMES | st.text(max_size=40)
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(-3, 20) | st.integers()
    return st.floats() | st.integers(-3, 20)


def mapping(kind: type) -> st.SearchStrategy:
    """A request or a part of one as plain values: mostly what its fields want, now and then anything."""
    hints = typing.get_type_hints(kind, FIELDS)
    given = {f.name: like(hints[f.name]) | (JSON if f.name != "model" else like(str)) for f in dataclasses.fields(kind)}
    needed = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    optional = {name: values for name, values in given.items() if name not in needed}
    return st.fixed_dictionaries({name: given[name] for name in needed}, optional=optional)


KIND = st.sampled_from(sorted(KINDS))
#: (name of a kind, its fields as plain values)
REQUESTS = KIND.flatmap(lambda name: st.tuples(st.just(name), mapping(KINDS[name]) | JSON))
