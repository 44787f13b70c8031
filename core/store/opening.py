"""Opening a model: found, checked, loaded once however many ask, and kept while there is room."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.cache import Cache, Cancelled, Progress
from core.cache.memory import Full, idle, is_full, lacking, make_room
from core.device import Device, best_device
from core.store import hub
from core.store.cards import ModelCard
from core.store.checkpoint import WEIGHTS, Checkpoint, check, read_config, verify
from core.store.families import FAMILIES, Family, family_of
from core.store.folders import base_of, quantised_file
from core.store.foreign import adapted, unpacked
from core.store.gguf_files import rounded_to
from core.store.loading import completed, readers, silence_transformers
from core.store.names import meant
from core.store.revisions import state_of
from core.store.shelf import SHELF, _cached, card_for, is_folder, unknown
from core.store.weights import architecture_of, weights_into
from core.types import Refused, Stopped


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
    card, device = card_for(name), best_device()
    key = (card.id, card.revision, state_of(Path(card.id)) if card.folder else (), device.place)
    return _opened().get(key, lambda report, stop: _open(card, device, report, stop), progress, cancelled)


def is_here(name: str) -> bool:
    """Whether a model opens without a download."""
    try:
        card = card_for(name)
    except Refused:
        return False
    return _folder_of(card) is not None


def _folder_of(card: ModelCard) -> Path | None:
    """Where a model's files lie, as far as they are here."""
    return Path(card.id) if card.folder else _cached(card)


def weights_on_disk(name: str) -> int:
    """Bytes of a model's weights as they lie on the disk; 0 where it is not here."""
    try:
        folder = _folder_of(card_for(name))
    except Refused:
        return 0
    files = [] if folder is None else [path for end in ("safetensors", "gguf") for path in folder.glob(f"*.{end}")]
    return sum(path.stat().st_size for path in files)


def family_named(name: str) -> str:
    """The family of a model that is not open yet, from its card or its config.json; empty where that is not here."""
    try:
        card = card_for(name)
        folder = _folder_of(card)
        if card.family or folder is None:
            return card.family
        return _family_in(folder, state_of(folder))
    except Refused:
        return ""


def fills_masks(name: str) -> bool:
    """Whether a model that is not open yet guesses hidden words; true where nothing is known of it."""
    try:
        folder = _folder_of(card_for(name))
        named = read_config(folder, folder.name).get("architectures") if folder is not None else None
    except Refused:
        return True
    return not named or any(str(one).endswith(("ForMaskedLM", "ForPreTraining")) for one in named)


@lru_cache(maxsize=64)
def _family_in(folder: Path, _state: object) -> str:
    base = base_of(folder)
    if base is not None:
        inside = _folder_of(card_for(base)) if base else folder
        # An adapter of an adapter, of itself even, is no model.
        return "" if inside is not None and base_of(inside) is not None else family_named(base)
    if quantised_file(folder):
        return "decoder"
    checkpoint = Checkpoint(folder, read_config(folder, folder.name), (), 0)
    card = ModelCard(str(folder), str(folder), "", folder.name, folder=True)
    return family_of(checkpoint.config, architecture_of(checkpoint, card))


def fetch_missing(name: str, progress: Progress, cancelled: Cancelled) -> None:
    """Download a model of the hub that is not here yet, so that whoever waits for it sees how far that is."""
    told, _ = meant(name)
    if told not in SHELF and (is_folder(told) or not hub.is_id(told)):
        return  # nothing of the hub; where it leads nowhere, whoever opens it says so
    card = card_for(name)
    if _folder_of(card) is None:
        locate(card, progress, cancelled)


@lru_cache(maxsize=1)
def _opened() -> Cache:
    """The opened models, bounded by GAZE_MODEL_BYTES, else half of a GPU's memory, or of the machine's up to 8 GB."""
    said, device = os.environ.get("GAZE_MODEL_BYTES", ""), best_device()
    half = device.total_bytes() // 2
    most = int(float(said)) if said else half if device.kind == "cuda" else min(8_000_000_000, half)
    return Cache(most, lambda opened: bytes_of(opened.model))


def open_models() -> tuple[int, int]:
    """(how many models are open, their bytes)."""
    return _opened().count, _opened().bytes


@idle
def give_up_models() -> None:
    """Forget all opened models; those at work are freed once they are done."""
    _opened().clear()


def bytes_of(model: Any) -> int:
    return sum(t.numel() * t.element_size() for tensors in (model.parameters(), model.buffers()) for t in tensors)


def _open(card: ModelCard, device: Device, progress: Progress, cancelled: Cancelled) -> Opened:
    folder = locate(card, progress, cancelled)
    revision = card.sha256[:12] if card.folder else folder.name
    base = base_of(folder)
    if base is None:
        return load(card, folder, revision, device)
    if not base:
        raise Refused(f"{card.title} is an adapter that does not say of which model. Merge it where it was made.")
    try:
        own = card_for(base)
        opened = load(own, locate(own, progress, cancelled), revision, device)
    except Stopped:
        raise
    except Refused as error:
        why = f"is an adapter (LoRA or its kind) of {base}, which is needed too. {error}"
        raise Refused(f"{card.title} {why}") from error
    return adapted(card, folder, opened)


def locate(card: ModelCard, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Path:
    """The folder with a model's files: its own, the local cache's, or downloaded now."""
    if card.folder:
        folder = Path(card.id)
        if card.sha256:
            verify(folder / WEIGHTS, card.title, card.sha256)
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


_LOADING = threading.Lock()


def load(card: ModelCard, folder: Path, revision: str, device: Device) -> Opened:
    """Load a checkpoint from its folder: safetensors only, and no code but transformers' own. One at a time.

    Full: there is no room for it on the device, with idle models given up.
    """
    # transformers is imported bit by bit and swaps torch's initialisers while it loads: neither bears two threads.
    with _LOADING:
        return _load(card, folder, revision, device)


def _load(card: ModelCard, folder: Path, revision: str, device: Device) -> Opened:
    # Before libraries load: what is no model is refused at once.
    found = None if quantised_file(folder) else check(folder, card.title)
    silence_transformers()
    checkpoint = found or unpacked(folder, card.title)
    assert checkpoint is not None
    architecture = architecture_of(checkpoint, card)
    card = completed(card, checkpoint, architecture)
    tokenizer, processor, remarks = readers(card, folder, checkpoint.options)
    dtype = numbers_for(checkpoint.parameters, device)
    model, more = weights_into(architecture, checkpoint, card, dtype)
    remarks = (*remarks, *more)
    if checkpoint.options:
        card = replace(card, parameters=sum(tensor.numel() for tensor in model.parameters()))
        kinds = rounded_to(checkpoint.weights[0])
        remarks += (f"Its weights were rounded when {checkpoint.weights[0].name} was made ({kinds}).",) if kinds else ()
    if dtype != "float32":
        remarks = (*remarks, f"Runs in {dtype}, because float32 does not fit: weights are right to two digits.")
    ready = placed(model, device, card.title)
    return Opened(card, ready, tokenizer, processor, device, dtype, revision, remarks)


def numbers_for(parameters: int, device: Device) -> str:
    """The number type in which a model of that size runs; where none fits, once more with idle models given up."""
    try:
        return device.number_type(parameters)
    except Refused:
        make_room()
    try:
        return device.number_type(parameters)
    except Refused as refusal:
        raise Full(str(refusal)) from refusal


def placed(model: Any, device: Device, title: str) -> Any:
    """The model on its device, ready to run; others may take the memory there between the look and the move."""
    for last in (False, True):
        try:
            return model.to(device.place).requires_grad_(requires_grad=False).eval()
        except Exception as error:
            if not is_full(error):
                raise
            if last:
                raise lacking(f"for {title}") from error
        make_room()
    raise AssertionError("unreachable")
