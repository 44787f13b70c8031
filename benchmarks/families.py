"""Hold Gaze's maps against transformers' own for every model type: python -m benchmarks.families [TYPE ...] [--task T].

For each type that transformers maps under one of seven tasks a tiny random checkpoint is saved, opened as a user's
folder, and its maps are held against output_attentions of the eager class loaded from the same folder. Outcomes: equal
(to 1e-5), refused (with its sentence), unmade (no tiny checkpoint could be made), wrong, crash. What eager gives stands
beside it: maps, none, an error of its own, or the shape of what is no map from each token to each other.
A row runs in a process of its own chunk, with a time limit. Without arguments the table is written to
assets/families.json.
"""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import os
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "assets" / "families.json"
TEXT, TARGET = "The cat sat on the mat.", "A small dog sleeps."
PICTURE = "cat-face"  # of the gallery
WRITING = ("seq2seq", "masked")  # tasks of classes that may write a target
CLOSE = 1e-5
SECONDS, ROWS_AT_ONCE = 240, 24
LONGEST = 300  # characters of a sentence in the table

Maps = dict[str, list[Any]]  # kind -> [layer] of [head, query, key]


def row(kind: str, task: str, scratch: Path) -> dict[str, Any]:
    """One line of the table."""
    from benchmarks import shrinking

    line = {"type": kind, "task": task, "outcome": "", "difference": None, "eager": "", "sentence": ""}
    folder = scratch / f"{task}-{kind}"
    try:
        shrinking.save(kind, task, folder)
    except Exception as error:
        return line | {"outcome": "unmade", "sentence": said(error)}
    try:
        found = shown(folder, task)
        line |= {"outcome": "shown"}
    except ValueError as error:
        if type(error).__name__ != "Refused":
            return line | {"outcome": "crash", "eager": kinds_of(own(folder, task)), "sentence": where(error)}
        line |= {"outcome": "refused", "eager": kinds_of(own(folder, task)), "sentence": str(error)}
        return line | ({"outcome": "unmade"} if ran_and_failed(error) and line["eager"].startswith("fails") else {})
    except Exception as error:
        return line | {"outcome": "crash", "eager": kinds_of(own(folder, task)), "sentence": where(error)}
    wanted = own(folder, task)
    if isinstance(wanted, str) and wanted.startswith("fails"):
        return line | {"outcome": "unmade", "eager": wanted, "sentence": "the eager class cannot run it either"}
    line |= {"eager": kinds_of(wanted)} | compared(found, wanted)
    return line | ({"eager": "maps"} if line["outcome"] == "equal" else {})


def shown(folder: Path, task: str) -> Maps:
    """Gaze's maps of a folder."""
    import numpy as np

    from core import ask
    from core.requests import DetectionRequest, ImageRequest, TextRequest

    if task == "boxes":
        cross = ask(DetectionRequest(str(folder), PICTURE)).cross
        return {"cross": list(cross.reshape(*cross.shape[:3], -1))}
    if task in ("pictures", "zero-shot"):
        made = ask(ImageRequest(str(folder), PICTURE))
    else:
        made = ask(TextRequest(str(folder), TEXT, target=TARGET if task in WRITING else ""))
    found: Maps = {}
    for one in made.attentions:
        real = np.array([token.text != "sink" or not token.special for token in one.keys])
        found[one.kind] = [one.weights[layer][..., real] for layer in range(one.weights.shape[0])]
        found[f"{one.kind} ids"] = [token.id for token in one.queries]
    return found


def own(folder: Path, task: str) -> Maps | str:
    """What the eager class gives: its maps by field, or why there are none."""
    import torch
    import transformers as hf

    from core.store.checkpoint import read_config

    hf.logging.set_verbosity_error()
    cls = getattr(hf, read_config(folder, "it")["architectures"][0])
    try:
        try:
            model = cls.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
        except ValueError:
            model = cls.from_pretrained(folder, dtype=torch.float32).eval()
        with torch.no_grad():
            out = run_alone(model, folder, task)
    except Exception as error:
        return f"fails: {said(error)}"
    fields = ("attentions", "encoder_attentions", "decoder_attentions", "cross_attentions")
    found: Maps = {}
    for name in fields:
        layers = [next(iter(one.values())) if isinstance(one, dict) else one for one in getattr(out, name, None) or ()]
        layers = [one for one in layers if isinstance(one, torch.Tensor)]
        if layers:
            found[name] = layers
    return found or "none"


def run_alone(model: Any, folder: Path, task: str) -> Any:
    """One forward pass of a class of transformers over what Gaze is asked about."""
    import torch
    import transformers as hf

    if task in ("pictures", "zero-shot", "boxes"):
        from core.data.pictures import picture

        read = hf.AutoImageProcessor.from_pretrained(folder)(images=picture(PICTURE), return_tensors="pt")
        if task == "zero-shot" or hasattr(model, "vision_model"):
            model = getattr(model, "vision_model", model)
        return model(**read, output_attentions=True, return_dict=True)
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    read = tokenizer(TEXT, return_tensors="pt")
    given = {name: read[name] for name in ("input_ids", "attention_mask")}
    if task == "causal" and read["input_ids"][0, -1] == tokenizer.eos_token_id:
        given = {name: one[:, :-1] for name, one in given.items()}  # nothing is written on behind an end
    if task in WRITING and getattr(model.config, "is_encoder_decoder", False):
        target = tokenizer(text_target=TARGET)["input_ids"]
        start = model.generation_config.decoder_start_token_id
        start = model.config.decoder_start_token_id if start is None else start
        given["decoder_input_ids"] = torch.tensor([[start, *target[:-1]]])
    if "use_cache" in inspect.signature(model.forward).parameters:
        given["use_cache"] = False  # FSMT hides what comes only where nothing is kept
    return model(**given, output_attentions=True, return_dict=True)


FIELDS = {
    "encoder": ("encoder_attentions", "attentions"),
    "decoder": ("decoder_attentions", "attentions"),
    "cross": ("cross_attentions",),
    "vision": ("attentions", "encoder_attentions"),
}


def compared(found: Maps, wanted: Maps | str) -> dict[str, Any]:
    """The outcome of maps that both give."""
    import numpy as np

    if isinstance(wanted, str):
        return {"outcome": "shown" if wanted == "none" else "wrong", "sentence": f"eager: {wanted}"}
    largest = 0.0
    for kind, layers in found.items():
        if kind not in FIELDS:
            continue
        stacks = {"encoder", "decoder"} <= found.keys()  # a field without a stack's name is the decoder's then
        names = FIELDS[kind][:1] if stacks and kind == "encoder" else FIELDS[kind]
        name = next((one for one in names if one in wanted), "")
        if not name and stacks:  # a classifier hands out the decoder's alone
            continue
        theirs = [one[0].float().numpy() for one in wanted.get(name, ())]
        # Linear layers hand out something of another size between those that attend.
        theirs = [one for one in theirs if one.shape == layers[0].shape] or theirs
        if len(theirs) != len(layers):
            return {"outcome": "wrong", "sentence": f"{kind}: {len(layers)} layers, eager has {len(theirs)}"}
        for ours, one in zip(layers, theirs, strict=True):
            if ours.shape != one.shape:
                return {"outcome": "wrong", "sentence": f"{kind}: shape {ours.shape}, eager has {one.shape}"}
            away = float(np.abs(ours - one).max())
            # Granite scales the output by what the sink leaves, and hands out weights that sum to 1 without it.
            shares = ours / np.maximum(ours.sum(axis=-1, keepdims=True), 1e-30)
            largest = max(largest, min(away, float(np.abs(shares - one).max())))
    # To three digits, so that the table is the same on another day.
    return {"outcome": "equal" if largest <= CLOSE else "wrong", "difference": float(f"{largest:.0e}")}


def kinds_of(wanted: Maps | str) -> str:
    """What eager gives: 'maps', 'none', 'fails: why', 'shape: (...)' of what is no map of tokens, or 'no shares'."""
    if isinstance(wanted, str):
        return wanted
    every = [one for layers in wanted.values() for one in layers]
    odd = [one for one in every if one.ndim != 4 or one.shape[0] != 1]
    for name, layers in wanted.items():
        longest = max(one.shape[-1] for one in layers)
        odd += [one for one in layers if name != "cross_attentions" and {*one.shape[-2:]} != {longest}]
    if odd:
        return f"shape: {tuple(odd[0].shape)}"
    sums = [one.sum(-1) for one in every]
    wrong = next((one for one in sums if one.max() > 1.001 or one.min() < -0.001), None)
    return "maps" if wrong is None else f"no shares: rows sum to {wrong.min():.2g} ... {wrong.max():.2g}"


def ran_and_failed(error: Exception) -> bool:
    """Whether a refusal only says that the model could not be run."""
    return "cannot be run over this" in str(error)


def said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:LONGEST]


def where(error: Exception) -> str:
    """The error, and the last line of Gaze that it came through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT / "core") in f.filename]
    at = f" at {Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].name}" if frames else ""
    return said(error) + at


def work(names: list[str]) -> None:
    """Lines of some 'task/type' as JSON, one a line, as soon as each is there."""
    logging.disable(logging.CRITICAL)
    from core.store.opening import _opened

    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            task, _, kind = name.partition("/")
            line = row(kind, task, Path(scratch))
            print("ROW " + json.dumps(line | {"sentence": line["sentence"].replace(scratch, "")}), flush=True)
            _opened().clear()


def table(names: list[str]) -> list[dict[str, Any]]:
    """All lines, chunk by chunk; a line whose process dies or takes too long is a crash, and the others go on."""
    lines: list[dict[str, Any]] = []
    left = list(names)
    while left:
        chunk = left[:ROWS_AT_ONCE]
        command = [sys.executable, "-m", "benchmarks.families", "--rows", *chunk]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                timeout=SECONDS,
                capture_output=True,
                text=True,
                env=os.environ | {"HF_HUB_OFFLINE": "1"},
            )
            out, why = done.stdout, f"its process ended with {done.returncode}: {done.stderr[-200:]}"
        except subprocess.TimeoutExpired as error:
            out, why = (error.stdout or b"").decode(), "the chunk took too long"
        made = [json.loads(line[4:]) for line in out.splitlines() if line.startswith("ROW ")]
        lines += made
        if len(made) < len(chunk) and (made == [] or "too long" not in why):
            task, _, kind = chunk[len(made)].partition("/")
            lines.append(
                {"type": kind, "task": task, "outcome": "crash", "difference": None, "eager": "", "sentence": why}
            )
            made.append({})
        left = left[len(made) :]
        print(f"{len(lines)} of {len(names)}", file=sys.stderr, flush=True)
    return sorted(lines, key=lambda line: (line["task"], line["type"]))


def summary(lines: list[dict[str, Any]]) -> str:
    """The table in numbers."""
    counts = Counter(line["outcome"] for line in lines)
    gives = [line for line in lines if line["eager"] == "maps"]
    equal = sum(line["outcome"] == "equal" for line in gives)
    named = ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())
    return f"{equal} of {len(gives)} that give maps in eager are equal. {len(lines)} rows: {named}."


def main() -> int:
    options = argparse.ArgumentParser(description="Hold Gaze's maps against transformers' own, for every model type.")
    options.add_argument("types", nargs="*", help="only these model types; nothing is written then")
    options.add_argument("--task", action="append", help="only this task")
    options.add_argument("--rows", nargs="+", metavar="TASK/TYPE", help="used by itself: print these lines")
    chosen = options.parse_args()
    if chosen.rows:
        work(chosen.rows)
        return 0
    from benchmarks.shrinking import TASKS, types_of

    names = [
        f"{task}/{kind}"
        for task in chosen.task or TASKS
        for kind in types_of(task)
        if not chosen.types or kind in chosen.types
    ]
    lines = table(names)
    if chosen.types or chosen.task:
        for line in lines:
            print(*(f"{value}" for value in line.values() if value not in ("", None)), sep="  ")
    else:
        TABLE.write_text("[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n", encoding="utf-8")
    print(summary(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
