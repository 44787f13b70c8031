"""Weights of a checkpoint: of which class they are, and the model that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.store.cards import ModelCard
from core.store.checkpoint import Checkpoint
from core.store.families import FAMILIES
from core.store.loading import loaded
from core.types import Refused

if TYPE_CHECKING:  # torch and transformers load with the first model, not with the first page
    from transformers import PreTrainedModel


def architecture_of(checkpoint: Checkpoint, card: ModelCard) -> type[PreTrainedModel]:
    """The class that the weights were saved from, heads included; the bare model of its kind if that is unknown."""
    from core.capture.libraries import transformers
    from core.store import recurrent

    config = checkpoint.config
    kind = config.get("model_type", "")
    if kind == recurrent.KIND:
        return recurrent.Recurrent
    if kind not in transformers.CONFIG_MAPPING:
        if "auto_map" in config:
            raise Refused(f"{card.title} brings programs of its own, and Gaze runs none. Choose another model.")
        raise Refused(f"{card.title} is of a kind that transformers does not know: {kind or 'none is named'}.")
    if config.get("quantization_config"):
        raise Refused(f"{card.title} is quantised. Choose the model that it was made from.")
    for name in config.get("architectures") or ():
        found = getattr(transformers, str(name).replace("ForPreTraining", "ForMaskedLM"), None)
        if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
            return found
    bare: Any = transformers.MODEL_MAPPING.get(transformers.CONFIG_MAPPING[kind], None)
    if bare is None:
        raise Refused(f"{card.title} does not say of which class it is: config.json names no architectures.")
    return bare


def weights_into(
    architecture: type[PreTrainedModel], checkpoint: Checkpoint, card: ModelCard, dtype: str
) -> tuple[PreTrainedModel, tuple[str, ...]]:
    """The model with its weights, on the CPU, and what is to be said about it."""
    import torch

    from core.capture.own import watched
    from core.capture.recording import ATTENTION

    family = FAMILIES[card.family]
    options = {
        "use_safetensors": True,
        "dtype": getattr(torch, dtype),
        "output_loading_info": True,
        "ignore_mismatched_sizes": True,  # refused below, in better words
        **checkpoint.options,
    }
    if checkpoint.options:
        del options["use_safetensors"]
    if checkpoint.alone:
        from safetensors.torch import load_file

        options["state_dict"] = load_file(checkpoint.alone)
        options["config"] = loaded(card, architecture.config_class, checkpoint.folder)
    attends = "attend" in family and architecture._can_set_attn_implementation()
    way = ATTENTION if attends else "eager"
    try:
        model, report = loaded(card, architecture, checkpoint.folder, attn_implementation=way, **options)
    except Refused as error:  # some look the way up in a table of their own, and find none of this name
        if not isinstance(error.__cause__, KeyError) or error.__cause__.args != (ATTENTION,):
            raise
        model, report = loaded(card, architecture, checkpoint.folder, attn_implementation="eager", **options)
    # What sums a sentence or picture up for a classifier is read by no page.
    made_up = sorted(name for name in report["missing_keys"] if "pooler." not in name)
    if report["mismatched_keys"] or 2 * len(made_up) > len(model.state_dict()):
        raise Refused(f"{card.title} holds other weights than its config.json says. Save or download it again.")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in model.parameters()):
        raise Refused(f"{card.title} holds weights that are no numbers (NaN or infinite): its training went wrong.")
    if "attend" in family:
        watched(model, family.self_attention, card.title)
    if not made_up:
        return model, ()
    some = ", ".join(made_up[:3]) + (" ..." if len(made_up) > 3 else "")
    return model, (f"Not in the checkpoint, so set at random: {some}. What depends on it means nothing.",)
