"""Opening a model: found, checked, loaded once however many ask, and kept while there is room."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cache import Cache, Cancelled, Progress
from core.store import hub
from core.store.cards import ModelCard
from core.store.checkpoint import Checkpoint, check, has_vocabulary
from core.store.families import FAMILIES, Family, family_of
from core.store.revisions import state_of
from core.store.shelf import SHELF, _cached, available_offline, card_for, is_folder, unknown
from core.types import Refused

if TYPE_CHECKING:  # torch and transformers load with the first model, not with the first page
    from transformers import PreTrainedModel

    from core.device import Device

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A model ready to run, shared by all who use it: change nothing in it."""

    card: ModelCard
    #: A PreTrainedModel in evaluation mode, without gradients of its own, on its device. Any: transformers gives its
    #: models their parts while they are made, so no type tells them.
    model: Any
    tokenizer: Any  # None for models that read no text
    processor: Any  # makes tensors of pictures; None for models that read none
    device: Device
    dtype: str  # float32, or bfloat16 where that does not fit
    revision: str  # commit of the hub, or the beginning of a built-in model's checksum
    remarks: tuple[str, ...] = ()  # sentences for the user

    @property
    def family(self) -> Family:
        """What models of its kind can be asked."""
        return FAMILIES[self.card.family]

    @property
    def reader(self) -> Any:
        """The part that reads: all of it, but of an encoder-decoder its encoder."""
        return self.family.reader(self.model)

    @property
    def text_config(self) -> Any:
        """The configuration of what reads text, where a model may read pictures or sounds besides."""
        return getattr(self.reader, "config", self.model.config).get_text_config()


def open_model(name: str, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Opened:
    """A model by shelf name, hub id or folder; one that is open already comes at once.

    progress(bytes done, bytes in all, bytes a second) and cancelled() are asked in the caller's thread while a
    download runs. Stopped: cancelled() said so. Refused: what is wrong with the name or the model, and what to do.
    """
    card = card_for(name)
    key = (card.id, card.revision, state_of(Path(card.id)) if card.folder else ())
    return _opened().get(key, lambda report, stop: _open(card, report, stop), progress, cancelled)


def fetch_missing(name: str, progress: Progress, cancelled: Cancelled) -> None:
    """Download a model of the hub that is not here yet, so that whoever waits for it sees how far that is."""
    if name in SHELF:
        missing = not SHELF[name].folder and name not in available_offline()
    else:
        missing = not is_folder(name) and hub.is_id(name) and _cached(card_for(name)) is None
    if missing:
        locate(card_for(name), progress, cancelled)


@lru_cache(maxsize=1)
def _opened() -> Cache:
    """The opened models, bounded by GAZE_MODEL_BYTES, else by 8 GB or half of the machine's memory."""
    from core.device import memory_bytes

    said = os.environ.get("GAZE_MODEL_BYTES", "")
    most = int(float(said)) if said else min(8_000_000_000, memory_bytes() // 2)
    return Cache(most, lambda opened: bytes_of(opened.model))


def bytes_of(model: Any) -> int:
    return sum(t.numel() * t.element_size() for tensors in (model.parameters(), model.buffers()) for t in tensors)


def _open(card: ModelCard, progress: Progress, cancelled: Cancelled) -> Opened:
    folder = locate(card, progress, cancelled)
    revision = card.sha256[:12] if card.folder else folder.name
    return load(card, folder, revision)


def locate(card: ModelCard, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Path:
    """The folder with a model's files: its own, the local cache's, or downloaded now."""
    if card.folder:
        folder = Path(card.id)
        if card.sha256:
            verify(folder / "model.safetensors", card)
        return folder
    found = _cached(card)
    if found is not None:
        return found
    try:
        return hub.fetch(card.id, card.revision, progress, cancelled)
    except hub.Unreachable as error:
        raise unknown(card.name, f"{card.title} is not on this machine, and the hub {error}.") from error
    except hub.NoSuchModel as error:
        raise unknown(card.name, str(error)) from error


def verify(path: Path, card: ModelCard) -> None:
    """Refused unless a built-in model's weights are those that its card was written for; once a process."""
    try:
        stat = path.stat()
        found = _sha256(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise Refused(f"{card.title} is not whole: {path.name} is missing. Get Gaze's files again.") from error
    if found != card.sha256:
        raise Refused(f"{card.title} is not what its card says: {path.name} has changed. Get Gaze's files again.")


@lru_cache(maxsize=64)
def _sha256(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_LOADING = threading.Lock()


def load(card: ModelCard, folder: Path, revision: str = "") -> Opened:
    """Load a checkpoint from its folder: safetensors only, and no code but transformers' own. One at a time."""
    # transformers is imported bit by bit and swaps torch's initialisers while it loads: neither bears two threads.
    with _LOADING:
        return _load(card, folder, revision)


def _load(card: ModelCard, folder: Path, revision: str) -> Opened:
    from core.device import best_device

    silence_transformers()
    checkpoint = check(folder, card.title)
    architecture = architecture_of(checkpoint, card)
    card = completed(card, checkpoint, architecture)
    tokenizer, processor = readers(card, folder)
    device = best_device()
    dtype = device.number_type(checkpoint.parameters)
    model, remarks = weights_into(architecture, checkpoint, card, dtype)
    if dtype != "float32":
        remarks = (*remarks, f"Runs in {dtype}, because float32 does not fit: weights are right to two digits.")
    ready: Any = model
    ready = ready.to(device.place).requires_grad_(requires_grad=False).eval()
    return Opened(card, ready, tokenizer, processor, device, dtype, revision, remarks)


def architecture_of(checkpoint: Checkpoint, card: ModelCard) -> type[PreTrainedModel]:
    """The class that the weights were saved from, heads included; the bare model of its kind if that is unknown."""
    import transformers

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
    bare: Any = transformers.MODEL_MAPPING[transformers.CONFIG_MAPPING[kind]]
    return bare


def completed(card: ModelCard, checkpoint: Checkpoint, architecture: type[PreTrainedModel]) -> ModelCard:
    """The card of a model that is not on the shelf, with what its files tell."""
    if card.family:
        return card
    from dataclasses import replace

    config = checkpoint.config
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
        family=family_of(config, architecture),
        parameters=checkpoint.parameters,
        megabytes=round(size / 1e6, 1),
        **number,
    )


def readers(card: ModelCard, folder: Path) -> tuple[Any, Any]:
    """(tokenizer, image processor) of a model, as far as it reads text and pictures."""
    from transformers import AutoImageProcessor, AutoTokenizer

    tokenizer = processor = None
    if "text" in FAMILIES[card.family].reads:
        if not has_vocabulary(folder):
            raise Refused(
                f"{card.title} has no tokenizer. Save it beside the model: tokenizer.save_pretrained(folder)."
            )
        tokenizer = loaded(card, AutoTokenizer, folder)
    if "pictures" in FAMILIES[card.family].reads:
        if not (folder / "preprocessor_config.json").exists():
            raise Refused(
                f"{card.title} does not say how to prepare pictures: preprocessor_config.json is missing. "
                "Save it beside the model: processor.save_pretrained(folder)."
            )
        processor = loaded(card, AutoImageProcessor, folder)
    return tokenizer, processor


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
    }
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


def loaded(card: ModelCard, kind: Any, folder: Path, **options: Any) -> Any:
    """kind.from_pretrained, from the disk alone and without foreign code; Refused says why it failed."""
    import torch
    from safetensors import SafetensorError

    try:
        return kind.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False, **options)
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise Refused(f"There is not enough memory for {card.title}. Choose a smaller model.") from error
    except SafetensorError as error:
        raise Refused(f"The weights of {card.title} are damaged. Save or download it again.") from error
    except Exception as error:  # a foreign checkpoint can be wrong in any way; the log tells which
        log.warning("%s cannot be loaded from %s", card.name, folder, exc_info=True)
        why = hub.first_line(error).rstrip(".!:")
        raise Refused(f"{card.title} cannot be loaded: {why}. Save or download it again, or choose another.") from error


def silence_transformers() -> None:
    """What transformers would print, Opened.remarks says."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
