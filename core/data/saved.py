"""A TextEncoding as one file, and back: the opening picture ships as one, and a user can save any answer as one."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.requests import from_mapping, to_json
from core.types import Attention, Choice, Prediction, Refused, TextEncoding, Token


def save(encoding: TextEncoding, file: BinaryIO) -> None:
    """Write an encoding; weights made on demand are written layer by layer, never all at once."""
    described = {
        "request": json.loads(to_json(encoding.request)),
        "model": encoding.model,
        "tokens": [dataclasses.astuple(t) for t in encoding.tokens],
        "attentions": [
            {
                "kind": a.kind,
                "layers": a.weights.shape[0],
                "queries": [dataclasses.astuple(t) for t in a.queries],
                "keys": [dataclasses.astuple(t) for t in a.keys],
            }
            for a in encoding.attentions
        ],
        "predictions": [dataclasses.asdict(p) for p in encoding.predictions],
        "output": encoding.output,
        "remarks": encoding.remarks,
    }
    arrays: dict[str, Any] = {
        f"{a.kind}_{layer:02d}": a.weights[layer] for a in encoding.attentions for layer in range(a.weights.shape[0])
    }
    text = np.frombuffer(json.dumps(described, ensure_ascii=False).encode(), dtype=np.uint8)
    np.savez_compressed(file, description=text, **arrays)


def saved(encoding: TextEncoding) -> bytes:
    """The file's bytes."""
    file = io.BytesIO()
    save(encoding, file)
    return file.getvalue()


def load(path: Path | BinaryIO) -> TextEncoding:
    """Read what save wrote; arrays are [head, query, key], one a layer."""
    with np.load(path, allow_pickle=False) as file:
        if "description" not in file:
            raise Refused("This .npz file was not written by Gaze.")
        described = json.loads(file["description"].tobytes())
        attentions = tuple(
            Attention(
                a["kind"],
                tuple(Token(*t) for t in a["queries"]),
                tuple(Token(*t) for t in a["keys"]),
                np.stack([file[f"{a['kind']}_{layer:02d}"] for layer in range(a["layers"])]),
            )
            for a in described["attentions"]
        )
    predictions = tuple(
        Prediction(p["place"], p["position"], tuple(Choice(**c) for c in p["choices"]))
        for p in described["predictions"]
    )
    return TextEncoding(
        request=from_mapping(described["request"]),
        model=described["model"],
        tokens=tuple(Token(*t) for t in described["tokens"]),
        attentions=attentions,
        predictions=predictions,
        output=described["output"],
        remarks=tuple(described["remarks"]),
    )
