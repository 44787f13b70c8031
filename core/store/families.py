"""The families of models: what each reads and can do; a new one is a row here and the file that answers for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.types import AttentionKind, Refused

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def whole(model: Any) -> Any:
    """All of a model reads."""
    return model


@dataclass(frozen=True, slots=True)
class Family:
    """How the models of one kind are asked."""

    name: str  # as cards say it
    title: str  # on the page of models
    reads: frozenset[str]  # "text", "pictures"
    can: frozenset[str] = field(default_factory=frozenset)  # some of ABILITIES
    answered_by: str = ""  # module:function that answers a TextRequest; empty: none does
    self_attention: AttentionKind = "encoder"  # kind of attention between what is read
    reader: Callable[[Any], Any] = whole  # model -> the part of it that reads

    def __contains__(self, ability: str) -> bool:
        return ability in self.can


#: What a family may be able to do, and what asks for it.
ABILITIES = {
    "attend": "its attention goes through our function",
    "language model": "it predicts words, and gives vectors of texts layer by layer",
    "fill masks": "it guesses what stands behind a mask",
    "continue": "it guesses the next token",
    "write a target": "it writes a text of its own, or is made to write one",
    "two stacks": "an encoder reads, a decoder writes",
    "see while reading": "a picture stands among the words that it reads",
    "see patches": "it reads pictures patch by patch",
    "move pictures": "its features can be compared when a picture is moved",
    "classify pictures": "it may name classes of pictures",
    "draw boxes": "it finds objects",
    "two towers": "pictures and texts become vectors in one space",
}


def _family(name: str, title: str, reads: str, *can: str, **more: Any) -> tuple[str, Family]:
    assert set(can) <= set(ABILITIES), f"{name}: {set(can) - set(ABILITIES)}"
    return name, Family(name, title, frozenset(reads.split()), frozenset(can), **more)


FAMILIES: dict[str, Family] = dict(
    (
        _family(
            *("encoder-decoder", "Encoder-decoders: read a text, write another", "text"),
            *("attend", "language model", "write a target", "two stacks"),
            self_attention="encoder", answered_by="core.models.text:translated",
            reader=lambda model: model.get_encoder(),
        ),
        _family(
            *("encoder", "Encoders: read a text both ways", "text", "attend", "language model", "fill masks"),
            self_attention="encoder", answered_by="core.models.text:read",
        ),
        _family(
            *("decoder", "Decoders: write on", "text", "attend", "language model", "continue"),
            self_attention="decoder", answered_by="core.models.text:read",
        ),
        _family(
            *("vision-language", "Vision-language decoders: answer about a picture", "text pictures"),
            *("attend", "language model", "continue", "see while reading"),
            self_attention="decoder", answered_by="core.models.text:read",
        ),
        _family(
            *("recurrent", "Recurrent translators: attention before the transformer", "text"),
            *("attend", "write a target"),
            answered_by="core.models.text:recurrent",
        ),
        _family(
            *("vision", "Vision transformers", "pictures"),
            *("attend", "see patches", "move pictures", "classify pictures"),
            self_attention="vision",
        ),
        _family(
            *("clip", "Pictures and words together", "text pictures"),
            *("attend", "see patches", "move pictures", "two towers"),
            self_attention="vision",
        ),
        _family("detector", "Detectors", "pictures", "attend", "draw boxes"),
        _family(
            *("convolutional", "Convolutional networks: no attention, to compare", "pictures"), "move pictures"
        ),
        _family("vectors", "Word vectors", ""),
    )
)  # fmt: skip


def families_that(*abilities: str) -> tuple[str, ...]:
    """Names of the families that can do all of these, or read what is named; in the order of the table."""
    wanted = set(abilities)
    return tuple(name for name, family in FAMILIES.items() if wanted <= family.can | family.reads)


@cache
def resolved(where: str) -> Callable[..., Any]:
    """The function at module:name, whose module loads when it is first needed."""
    module, _, name = where.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def family_of(config: dict[str, Any], architecture: type[PreTrainedModel]) -> str:
    """How a model is asked, from its configuration and class."""
    from core.capture.libraries import CONFIG_MAPPING, MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING
    from core.store.recurrent import Recurrent

    if architecture is Recurrent:
        return "recurrent"
    name, kind = architecture.__name__, CONFIG_MAPPING[config["model_type"]]
    if "ObjectDetection" in name:
        return "detector"
    if all(hasattr(architecture, f"get_{of}_features") for of in ("text", "image")):
        return "clip"
    default = kind()
    if config.get("is_encoder_decoder", getattr(default, "is_encoder_decoder", False)):
        return "encoder-decoder"
    if architecture.main_input_name == "pixel_values" or "ImageClassification" in name:
        pictures = getattr(default, "vision_config", default)
        attends = any(hasattr(pictures, name) for name in ("num_attention_heads", "num_heads"))
        return "vision" if attends else "convolutional"
    if architecture.main_input_name != "input_ids":
        raise Refused(
            f"{name} takes {architecture.main_input_name}, and Gaze gives models texts as input_ids and pictures as "
            "pixel_values. Choose another model."
        )
    if all(hasattr(default, part) for part in ("text_config", "vision_config")) and has_picture_tokens(default):
        return "vision-language"
    if "text_config" in config:  # a language model with towers for pictures or sounds beside it
        return "decoder"
    only_causal = kind in MODEL_FOR_CAUSAL_LM_MAPPING and kind not in MODEL_FOR_MASKED_LM_MAPPING
    return "decoder" if only_causal or "CausalLM" in name or "LMHead" in name else "encoder"


def has_picture_tokens(config: Any) -> bool:
    """Whether pieces of a model's text stand for the parts of a picture."""
    return any(isinstance(getattr(config, f"image_token_{name}", None), int) for name in ("id", "index"))
