"""BertViz's three views as one page that needs no network: its scripts, the libraries they load, data from our maps."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.types import Attention, Encoding, Refused, Token

VENDOR = Path(__file__).resolve().parents[2] / "assets" / "vendor"
VIEWS = ("head view", "model view", "neuron view")
#: BertViz writes every weight as text; beyond this its page takes seconds to open.
MOST_WEIGHTS = 1_200_000
LESS_THAN = "\ue000"  # stands for '<' while the page is put together
ONLINE = re.compile(r'<script src="https://cdnjs[^"]*"></script>')
#: The head view knows no dark page: its letters become light ones, its colours stay.
DARK = "svg text{fill:#e8e8e8}"
SHIM = "window.require={config(){}};window.requirejs=(names,run)=>run(window.jQuery,window.d3);"


@lru_cache(maxsize=1)
def libraries() -> str:
    """d3 5 and jQuery, inline, and a stand-in for require.js that hands both to BertViz."""
    loaded = [(VENDOR / name).read_text("utf-8") for name in ("d3-5.7.0.min.js", "jquery-3.6.0.min.js")]
    return "".join(f"<script>{unended(code)}</script>" for code in (*loaded, SHIM))


def unended(code: str) -> str:
    """Code that cannot end the script element it stands in."""
    return code.replace("</script", "<\\/script")


def fitting_layers(encoding: Encoding) -> int:
    """How many layers BertViz can show at once; 0 when not even one."""
    each = sum(int(np.prod(a.weights.shape[1:])) for a in encoding.attentions)
    layers = max(a.weights.shape[0] for a in encoding.attentions)
    return min(layers, MOST_WEIGHTS // each)


def names(tokens: tuple[Token, ...]) -> list[str]:
    return [t.text.replace("<", LESS_THAN) or " " for t in tokens]


def rounded(attention: Attention, layers: list[int]) -> list[torch.Tensor]:
    """[1, head, query, key] a layer, three decimals in float64: their text is four times shorter than float32's."""
    return [torch.from_numpy(attention.weights[i].copy()).double().round(decimals=3)[None] for i in layers]


def page(encoding: Encoding, view: str, layers: list[int], inner: dict | None = None, *, dark: bool = False) -> str:
    """A whole html page of one of VIEWS over some layers.

    inner: for the neuron view, {"queries": [layer][head, token, width], "keys": ...} of the same layers.
    Refused when it would be larger than a browser takes.
    """
    if not layers or len(layers) > fitting_layers(encoding):
        raise Refused(
            "BertViz puts every weight into its page as text, and this would be too much for a browser. "
            + ("Choose fewer layers." if fitting_layers(encoding) else "Shorten the text.")
        )
    body = (
        neuron(encoding, layers, dark=dark, inner=inner)
        if view == "neuron view"
        else shipped(encoding, view, layers, dark=dark)
    )
    body = ONLINE.sub("", body).replace(LESS_THAN, "\\u003c").replace(json.dumps(LESS_THAN)[1:-1], "\\u003c")
    paper, ink = ("#14181d", "#e8e8e8") if dark else ("#ffffff", "#16202a")
    style = (
        f"<style>body{{background:{paper};color:{ink};margin:8px;font-family:sans-serif}}{DARK if dark else ''}</style>"
    )
    return f"<!doctype html><meta charset='utf-8'>{style}{libraries()}{body}"


def shipped(encoding: Encoding, view: str, layers: list[int], *, dark: bool) -> str:
    """BertViz's own head or model view."""
    from bertviz import head_view, model_view  # IPython comes with it: loaded when wanted

    given: dict[str, Any] = {}
    show, more = (head_view, {}) if view == "head view" else (model_view, {"display_mode": "dark" if dark else "light"})
    sides = {a.kind: a for a in encoding.attentions}
    if "cross" in sides:
        given |= {f"{kind}_attention": rounded(a, layers) for kind, a in sides.items()}
        given |= {
            "encoder_tokens": names(sides["cross"].keys),
            "decoder_tokens": names(sides["cross"].queries),
        }
    else:
        (attention,) = encoding.attentions
        given |= {"attention": rounded(attention, layers), "tokens": names(attention.keys)}
        second = next((i for i, t in enumerate(attention.keys) if t.segment == 1), None)
        if second:
            given["sentence_b_start"] = second
    return show(**given, include_layers=None, prettify_tokens=False, html_action="return", **more).data


def neuron(encoding: Encoding, layers: list[int], inner: dict | None, *, dark: bool) -> str:
    """BertViz's neuron view over the queries and keys that Gaze recorded: any model, not only BertViz's three."""
    attention = next((a for a in encoding.attentions if a.kind != "cross"), None)
    if inner is None or attention is None:
        raise Refused("The neuron view needs queries and keys, and this model gave none.")
    text = names(attention.keys)
    params = {
        "attention": {
            "all": {
                "attn": [np.round(attention.weights[i].astype(float), 4).tolist() for i in layers],
                "left_text": text,
                "right_text": text,
                "queries": [np.round(q.astype(float), 3).tolist() for q in inner["queries"]],
                "keys": [np.round(k.astype(float), 3).tolist() for k in inner["keys"]],
            }
        },
        "default_filter": "all",
        "root_div_id": "bertviz-neuron",
        "bidirectional": attention.kind != "decoder",
        "display_mode": "dark" if dark else "light",
        "layer": 0,
        "head": 0,
    }
    script = (files("bertviz") / "neuron_view.js").read_text("utf-8")
    return (
        '<div id="bertviz-neuron" style="padding:8px"><span style="user-select:none">'
        'Layer: <select id="layer"></select> Head: <select id="att_head"></select></span><div id="vis"></div></div>'
        f"<script>window.bertviz_params={json.dumps(params)}</script><script>{script}</script>"
    )
