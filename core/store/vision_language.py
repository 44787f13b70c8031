"""What prepares a picture and a text together for a decoder that reads both; or why a folder's files cannot."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.store.cards import ModelCard
from core.store.checkpoint import read_config
from core.store.loading import loaded
from core.types import Refused

#: Classes that want packages for films; a picture needs none of them, and these prepare it the same way.
WITHOUT_FILMS = {"SmolVLMProcessor": "Idefics3Processor"}
FILMS = "video_processor"


@dataclass(frozen=True, slots=True)
class CannotSee:
    """Stands where a processor would: the model reads texts, and this is why it is given no picture."""

    why: str


def preparing(card: ModelCard, folder: Path, tokenizer: Any) -> Any:
    """A processor of transformers over this tokenizer, without its part for films; CannotSee where there is none."""
    from core.capture.libraries import AutoImageProcessor

    if not any((folder / name).exists() for name in ("preprocessor_config.json", "processor_config.json")):
        return CannotSee(
            f"{card.title} does not say how to prepare pictures: neither preprocessor_config.json nor "
            "processor_config.json lies in its folder. Save them beside the model: processor.save_pretrained(folder)."
        )
    try:
        pictures = loaded(card, AutoImageProcessor, folder)
        kind = processor_class(str(read_config(folder, card.title).get("model_type")))
        return put_together(kind, folder, pictures, tokenizer)
    except Refused as error:
        return CannotSee(str(error))
    except Exception as error:  # a foreign folder can be wrong in any way
        said = str(error).split("\n", 1)[0].rstrip(".")
        return CannotSee(
            f"{card.title} cannot prepare a picture and a text together: {said}. Save its processor again."
        )


def processor_class(model_type: str) -> Any:
    """The class that prepares pictures and texts for models of a type. Refused: transformers knows none."""
    from core.capture.libraries import PROCESSOR_MAPPING_NAMES, transformers

    name = PROCESSOR_MAPPING_NAMES.get(model_type)
    found = getattr(transformers, WITHOUT_FILMS.get(str(name), str(name)), None)
    if found is None:
        raise Refused(f"transformers knows no processor for models of the type {model_type}. Choose another model.")
    return found


def put_together(kind: Any, folder: Path, pictures: Any, tokenizer: Any) -> Any:
    """A processor of a kind from its parts, with the numbers and the chat template of the folder."""
    told, _ = kind.get_processor_dict(str(folder), local_files_only=True)
    own: Any = type(kind.__name__, (kind,), {"get_attributes": classmethod(_without_films)})
    parts = {"image_processor": pictures, "tokenizer": tokenizer, FILMS: None}
    known = [name for name in inspect.signature(kind.__init__).parameters if name in parts]
    given = {name: value for name, value in told.items() if name not in parts}
    return own.from_args_and_dict([parts[name] for name in known], given)


def _without_films(kind: Any) -> list[str]:
    """The parts that a processor checks and must have."""
    return [name for name in super(kind, kind).get_attributes() if name != FILMS]
