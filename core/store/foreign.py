"""Models in other forms than a transformers checkpoint: GGUF files, and adapters (LoRA and its kind)."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.store.cards import ModelCard
from core.store.checkpoint import Checkpoint
from core.store.folders import quantised_file
from core.store.gguf_files import quick_reading
from core.types import Refused

if TYPE_CHECKING:
    from core.store.opening import Opened

#: Numbers to a byte of a file of four bits, the usual kind: a guess that decides only whether float32 fits.
NUMBERS_A_BYTE = 2


def unpacked(folder: Path, title: str) -> Checkpoint | None:
    """What a GGUF file in a folder holds, read by transformers, its numbers made full again; None: there is none.

    Refused: the package that reads it is missing, or transformers does not know this kind.
    """
    file = quantised_file(folder)
    if file is None:
        return None
    if importlib.util.find_spec("gguf") is None:
        raise Refused(
            f"{title} is a GGUF file, as llama.cpp reads it. Install the package gguf to open it "
            "(pip install gguf), or choose the model that it was made from."
        )
    from core.capture.libraries import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig

    options = {"gguf_file": file}
    try:
        with quick_reading():
            config: Any = AutoConfig.from_pretrained(str(folder), local_files_only=True, **options)
        architecture: Any = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    except Exception as error:  # a foreign file can be wrong in any way
        raise Refused(
            f"{title} is a GGUF file that transformers cannot read. Choose the model that it was made from."
        ) from error
    path = folder / file
    said = {**config.to_dict(), "architectures": [architecture.__name__]}
    said.pop("quantization_config", None)
    return Checkpoint(folder, said, (path,), NUMBERS_A_BYTE * path.stat().st_size, options)


def adapted(card: ModelCard, folder: Path, base: Opened) -> Opened:
    """A model with an adapter's changes added to its weights. Refused: peft is missing, or the two do not fit."""
    if importlib.util.find_spec("peft") is None:
        raise Refused(
            f"{card.title} is an adapter (LoRA or its kind) of {base.card.title}, no model of its own. Install the "
            "package peft to open it (pip install peft), or merge it: model.merge_and_unload().save_pretrained(folder)."
        )
    if not (folder / "adapter_model.safetensors").is_file():
        raise Refused(
            f"{card.title} is an adapter whose weights are not in safetensors: adapter_model.safetensors is missing."
        )
    from peft import PeftModel

    try:
        with_changes: Any = PeftModel.from_pretrained(base.model, str(folder), local_files_only=True)
        model = with_changes.merge_and_unload().requires_grad_(requires_grad=False).eval()
    except Exception as error:  # a foreign adapter can be wrong in any way
        why = str(error).split("\n", 1)[0].rstrip(".")[:200]
        raise Refused(f"The adapter {card.title} does not fit {base.card.title}: {why}.") from error
    own = replace(base.card, name=card.name, id=card.id, title=card.title, note=card.note, provenance=card.provenance)
    remark = f"The changes of the adapter are added to the weights of {base.card.title}."
    return replace(base, card=replace(own, folder=True, sha256=""), model=model, remarks=(*base.remarks, remark))
