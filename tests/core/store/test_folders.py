"""What folders are that people call a model: where the model lies inside, and what else they may be."""

import json
from pathlib import Path

import pytest

from core.store.folders import base_of, otherwise, quantised_file, within


def put(folder: Path, name: str, holds: object = None) -> Path:
    """A small file in a folder, made with all above it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(holds if holds is not None else {}), encoding="utf-8")
    return path


def test_a_model_is_its_own_folder(tmp_path):
    put(tmp_path, "config.json")
    put(tmp_path, "checkpoint-10/config.json")
    assert within(tmp_path) == tmp_path


def test_the_last_state_of_a_training_counts_by_number(tmp_path):
    for step in (500, 1000, 90):
        put(tmp_path, f"checkpoint-{step}/config.json")
    put(tmp_path, "runs/events.json")
    assert within(tmp_path).name == "checkpoint-1000"


def test_sentence_transformers_name_their_transformer(tmp_path):
    put(tmp_path, "0_Transformer/config.json")
    put(tmp_path, "1_Pooling/config.json")
    modules = [
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"path": "0_Transformer", "type": "sentence_transformers.models.Transformer"},
    ]
    put(tmp_path, "modules.json", modules)
    assert within(tmp_path).name == "0_Transformer"
    modules[1]["path"] = "../elsewhere"  # nothing outside the folder is ever opened
    put(tmp_path, "modules.json", modules)
    assert within(tmp_path) == tmp_path


def test_one_model_inside_is_meant_and_several_are_named(tmp_path):
    put(tmp_path, "best/config.json")
    assert within(tmp_path).name == "best"
    put(tmp_path, "last/config.json")
    assert within(tmp_path) == tmp_path
    assert otherwise(tmp_path) == "it holds several models. Name one of the folders inside: best, last."


@pytest.mark.parametrize("holds", [{}, {"base_model_name_or_path": 3}, []])
def test_an_adapter_may_not_say_whose_it_is(tmp_path, holds):
    put(tmp_path, "adapter_config.json", holds)
    assert base_of(tmp_path) == ""


def test_an_adapter_names_its_base(tmp_path):
    assert base_of(tmp_path) is None
    put(tmp_path, "adapter_config.json", {"base_model_name_or_path": "gpt2"})
    assert base_of(tmp_path) == "gpt2"


def test_a_quantised_file_counts_where_nothing_else_is(tmp_path):
    put(tmp_path, "small.Q4_0.gguf")
    assert quantised_file(tmp_path) == "small.Q4_0.gguf"
    put(tmp_path, "config.json")
    assert quantised_file(tmp_path) is None


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("open_clip_config.json", "open_clip"),
        ("model_index.json", "makes pictures"),
        ("saved_model.pb", "TensorFlow"),
        ("onnx/model.onnx", "ONNX"),
        ("tokenizer.json", "tokenizer alone"),
    ],
)
def test_what_else_a_folder_is_is_said(tmp_path, file, what):
    assert otherwise(tmp_path) == ""
    put(tmp_path, file)
    assert what in otherwise(tmp_path)
