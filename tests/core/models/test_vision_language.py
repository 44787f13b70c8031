"""Decoders of pictures and words: maps equal to the eager class's, grids as the processor made them, refusals."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
import transformers as hf

from core import ask, open_model
from core.data.pictures import picture
from core.models.vision_language import grid_of, prepared
from core.requests import PictureTextRequest, TextRequest
from core.store.families import families_that
from core.types import Patches, Refused
from tests.vision_language import MADE, QUESTION, asked, saved_vision_language

GRIDS = {"gemma3": (2, 2)}
OWN_PROCESSOR = ("llava", "idefics3", "gemma3", "paligemma")  # the others want packages for films


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    where = tmp_path_factory.mktemp("models")
    return {name: saved_vision_language(name, where / name) for name in MADE}


def copied(folders, name, where):
    return shutil.copytree(folders[name], where / name)


@pytest.mark.parametrize("name", MADE)
def test_maps_are_those_of_the_eager_model(folders, name):
    encoding = ask(asked(folders[name]))
    opened = open_model(str(folders[name]))
    eager = type(opened.model).from_pretrained(folders[name], attn_implementation="eager").eval()
    inputs, _ = prepared(opened, picture("cat-and-dog"), QUESTION)
    with torch.inference_mode():
        wanted = torch.cat(eager(**inputs, output_attentions=True, use_cache=False).attentions).numpy()
    (attention,) = encoding.attentions
    assert attention.weights.shape == wanted.shape
    for layer in range(len(wanted)):
        np.testing.assert_allclose(attention.weights[layer], wanted[layer], atol=1e-5)
    assert opened.card.family == "vision-language"


@pytest.mark.parametrize("name", OWN_PROCESSOR)
def test_the_text_is_prepared_as_the_folders_own_processor_does_it(folders, name):
    own = hf.AutoProcessor.from_pretrained(folders[name])
    text = QUESTION
    if own.chat_template:
        content = [{"type": "image"}, {"type": "text", "text": QUESTION}]
        text = own.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    off = {"images_kwargs": {"do_image_splitting": False}} if name == "idefics3" else {}
    more = {"text_kwargs": {"add_special_tokens": False}}
    theirs = own(text=[text], images=[picture("cat-and-dog")], return_tensors="pt", **off, **more)
    ours, _ = prepared(open_model(str(folders[name])), picture("cat-and-dog"), QUESTION)
    assert torch.equal(ours["input_ids"], theirs["input_ids"])
    assert torch.equal(ours["pixel_values"], theirs["pixel_values"])


@pytest.mark.parametrize("name", MADE)
def test_the_pictures_tokens_are_named_by_their_place_in_the_grid(folders, name):
    encoding = ask(asked(folders[name]))
    rows, columns = GRIDS.get(name, (4, 4))
    patches, words = encoding.patches, [token.text for token in encoding.tokens]
    assert (patches.rows, patches.columns, patches.left, patches.width) == (rows, columns, 0, 1)
    own = words[patches.prefix : patches.prefix + rows * columns]
    assert own == [f"{row + 1},{column + 1}" for row in range(rows) for column in range(columns)]
    assert [word for word in words if word in ("cat", "on", "?")] == ["cat", "on", "?"]
    assert encoding.predictions[0].place == "next token"


def test_a_wide_picture_has_a_wide_grid_where_the_processor_keeps_its_shape(folders):
    encoding = ask(asked(folders["qwen2_5_vl"], "beach-panorama"))  # 192 x 384
    patches = encoding.patches
    assert encoding.tokens[patches.prefix + patches.columns].text == "2,1"
    assert patches.columns > patches.rows
    assert patches.rows * patches.columns <= 16  # 64 x 64 pixels at most, 16 a token


def test_what_a_square_cut_leaves_out_lies_outside_the_grid(folders):
    patches = ask(asked(folders["llava"], "beach-panorama")).patches
    assert patches == Patches(4, 4, patches.prefix, 0.25, 0.0, 0.5, 1.0)
    assert ask(asked(folders["gemma3"], "beach-panorama")).patches.width == 1


@pytest.mark.parametrize(("name", "shape"), [*((name, (64, 64)) for name in MADE), ("qwen2_5_vl", (32, 64))])
def test_a_place_of_the_picture_is_the_token_of_its_place(folders, name, shape):
    """What changes most where one cell of the grid changes its colour is the vector of that cell's token."""
    opened = open_model(str(folders[name]))
    rows, columns = GRIDS.get(name, (shape[0] // 16, shape[1] // 16))
    grey, read = np.full((*shape, 3), 128, np.uint8), []
    words = getattr(opened.model.model, "language_model", None) or opened.model.model.text_model
    hook = words.register_forward_pre_hook(
        lambda _module, _given, named: read.append(named["inputs_embeds"][0]), with_kwargs=True
    )
    row, column = 1, columns - 2
    dotted = grey.copy()
    down, across = shape[0] // rows, shape[1] // columns
    dotted[row * down : (row + 1) * down, column * across : (column + 1) * across] = (255, 0, 0)
    for pixels in (grey, dotted):
        inputs, _ = prepared(opened, pixels, QUESTION)
        with torch.inference_mode():
            opened.model(**inputs)
    hook.remove()
    moved = (read[1] - read[0]).abs().sum(-1)
    found = grid_of(opened, inputs, inputs["input_ids"][0].tolist(), shape)
    first = found.prefix
    assert (found.rows, found.columns) == (rows, columns)
    assert int(moved.argmax()) - first == row * columns + column


def test_cutting_into_tiles_is_switched_off_and_said(folders):
    assert any("one grid" in remark for remark in ask(asked(folders["smolvlm"])).remarks)
    assert not ask(asked(folders["llava"])).remarks


def test_text_pages_read_the_same_folder(folders):
    encoding = ask(TextRequest(str(folders["gemma3"]), "the cat sits"))
    assert [token.text for token in encoding.tokens if not token.special] == ["the", "cat", "sits"]
    assert "vision-language" in families_that("continue")
    assert families_that("see while reading") == ("vision-language",)


def test_a_folder_without_an_image_processor_reads_texts_and_says_what_it_lacks(folders, tmp_path):
    folder = copied(folders, "llava", tmp_path)
    for name in ("preprocessor_config.json", "processor_config.json"):
        (folder / name).unlink(missing_ok=True)
    assert ask(TextRequest(str(folder), "the cat sits")).attentions
    with pytest.raises(Refused, match=r"does not say how to prepare pictures.*processor\.save_pretrained\(folder\)"):
        ask(asked(folder))


def test_a_folder_without_a_chat_template_gives_the_picture_no_place(folders, tmp_path):
    folder = copied(folders, "llava", tmp_path)
    for path in folder.glob("chat_template*"):
        path.unlink()
    with pytest.raises(Refused, match=r"no chat template that gives a picture a place.*processor\.save_pretrained"):
        ask(asked(folder))
    assert ask(asked(folder, text="<image> the cat")).patches.prefix == 0


def test_tokens_that_are_no_grid_are_refused(folders, tmp_path):
    folder = copied(folders, "llava", tmp_path)
    said = json.loads((folder / "processor_config.json").read_text())
    (folder / "processor_config.json").write_text(json.dumps({**said, "num_additional_image_tokens": 2}))
    with pytest.raises(Refused, match="makes 17 tokens of this picture, which are no one grid"):
        ask(asked(folder))


def test_tiles_are_refused(tmp_path):
    folder = saved_vision_language("llava_next", tmp_path / "llava_next")
    with pytest.raises(Refused, match=r"which are no one grid.*Choose a model that reads it as one grid"):
        ask(asked(folder))
    assert ask(TextRequest(str(folder), "the cat sits")).attentions


def test_a_text_that_names_a_second_picture_is_refused(folders):
    folder = folders["qwen2_5_vl"]
    with pytest.raises(Refused, match="Leave marks for pictures out of your text"):
        ask(asked(folder, text="<|image_pad|> the cat"))


def test_other_models_and_empty_texts_are_answered_by_advice(folders):
    with pytest.raises(Refused, match="reads no picture among its words"):
        ask(PictureTextRequest("mini-gpt", "cat-and-dog", QUESTION))
    with pytest.raises(Refused, match="There is no text"):
        ask(asked(folders["llava"], text="  "))
    with pytest.raises(Refused, match="characters"):
        PictureTextRequest("x", "cat-and-dog", "a" * 20_001)


def test_weights_that_are_made_on_demand_are_the_same(folders, monkeypatch):
    whole = ask(asked(folders["gemma3"])).attentions[0].weights[:]
    monkeypatch.setattr("core.models.text.KEPT_NUMBERS", 0)
    again = ask(PictureTextRequest(str(folders["gemma3"]), "cat-and-dog", QUESTION + " ")).attentions[0].weights
    assert not isinstance(again, np.ndarray)
    np.testing.assert_allclose(again[3, 2], whole[3, 2], atol=1e-5)
