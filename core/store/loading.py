"""What transformers makes of a folder's files: models, tokenizers and image processors, and why it failed."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cache.memory import is_full, lacking
from core.store import hub
from core.store.cards import ModelCard
from core.store.checkpoint import Checkpoint, has_vocabulary, read_json
from core.store.families import FAMILIES, family_of
from core.store.gguf_files import quick_reading
from core.types import Refused

if TYPE_CHECKING:
    from transformers import PreTrainedModel

log = logging.getLogger(__name__)


def loaded(card: ModelCard, kind: Any, folder: Path, **options: Any) -> Any:
    """kind.from_pretrained, from the disk alone and without foreign code; Refused says why it failed."""
    from safetensors import SafetensorError

    place = None if "state_dict" in options else str(folder)  # transformers takes either
    try:
        with quick_reading() if "gguf_file" in options else nullcontext():
            return kind.from_pretrained(place, local_files_only=True, trust_remote_code=False, **options)
    except SafetensorError as error:
        raise Refused(f"The weights of {card.title} are damaged. Save or download it again.") from error
    except Exception as error:  # a foreign checkpoint can be wrong in any way; the log tells which
        if is_full(error):
            raise lacking(f"for {card.title}") from error
        log.warning("%s cannot be loaded from %s", card.name, folder, exc_info=True)
        why = hub.first_line(error).rstrip(".!:")
        raise Refused(f"{card.title} cannot be loaded: {why}. Save or download it again, or choose another.") from error


def silence_transformers() -> None:
    """What transformers would print, Opened.remarks says."""
    from core.capture.libraries import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def readers(card: ModelCard, folder: Path, options: dict[str, Any]) -> tuple[Any, Any, tuple[str, ...]]:
    """(tokenizer, image processor, what is to be said of them) of a model, as far as it reads text and pictures."""
    from core.capture.libraries import AutoTokenizer

    tokenizer = processor = None
    remarks: tuple[str, ...] = ()
    if "text" in FAMILIES[card.family].reads:
        if not options and not has_vocabulary(folder):
            raise Refused(
                f"{card.title} has no tokenizer. Save it beside the model: tokenizer.save_pretrained(folder)."
            )
        tokenizer = loaded(card, AutoTokenizer, folder, **options)
    if "see while reading" in FAMILIES[card.family]:  # texts are read without a picture, too
        from core.store.vision_language import preparing  # it loads by what stands here

        processor = preparing(card, folder, tokenizer)
    elif "pictures" in FAMILIES[card.family].reads:
        if not (folder / "preprocessor_config.json").exists():
            raise Refused(
                f"{card.title} does not say how to prepare pictures: preprocessor_config.json is missing. "
                "Save it beside the model: processor.save_pretrained(folder)."
            )
        processor, remarks = picture_reader(card, folder)
    return tokenizer, processor, remarks


def picture_reader(card: ModelCard, folder: Path) -> tuple[Any, tuple[str, ...]]:
    """The image processor and a remark; a plain one with the same numbers where its own needs torchvision (DINOv3)."""
    from core.capture.libraries import AutoImageProcessor, transformers

    try:
        return loaded(card, AutoImageProcessor, folder), ()
    except Refused as error:
        if not isinstance(error.__cause__, ImportError):
            raise
    said = read_json(folder / "preprocessor_config.json", card.title)
    plain: Any = transformers.CLIPImageProcessorPil if said.get("do_center_crop") else transformers.ViTImageProcessorPil
    same = ("size", "crop_size", "resample", "image_mean", "image_std", "rescale_factor")
    given = {name: value for name, value in said.items() if name in same or name.startswith("do_")}
    remark = "Its own preparation of pictures needs torchvision: they are resized and normalised by its numbers alone."
    return plain(**given), (remark,)


def completed(card: ModelCard, checkpoint: Checkpoint, architecture: type[PreTrainedModel]) -> ModelCard:
    """The card of a model that is not on the shelf, with what its files tell."""
    if card.family:
        return card
    nested = checkpoint.config.get("text_config")
    config = {**(nested if isinstance(nested, dict) else {}), **checkpoint.config}
    number: dict[str, Any] = {
        ours: next((config[n] for n in names if isinstance(config.get(n), int)), 0)
        for ours, names in {
            "layers": ("num_hidden_layers", "n_layer", "n_layers", "encoder_layers", "num_layers"),
            "heads": ("num_attention_heads", "n_head", "n_heads", "encoder_attention_heads", "num_heads"),
        }.items()
    }
    size = sum(path.stat().st_size for path in checkpoint.weights)
    return replace(
        card,
        family=family_of(checkpoint.config, architecture),
        parameters=checkpoint.parameters,
        megabytes=round(size / 1e6, 1),
        **number,
    )
