"""Vision models asked end to end from small checkpoints, and every kind of bad picture."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPVisionConfig,
    DeiTConfig,
    DeiTForImageClassification,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel,
    SwinConfig,
    SwinModel,
    ViTConfig,
    ViTForImageClassification,
)

from core.data import pictures
from core.data.gallery import gallery, pixels
from core.data.pictures import add_picture, picture, take_in_scene, true_mask
from core.data.scenes import Placed, Scene, emoji
from core.engine import ask
from core.requests import Edit, ImageRequest, TextRequest
from core.store.opening import open_model
from core.types import Refused
from tests.checkpoints import tiny_bert, tiny_tokenizer

pytestmark = pytest.mark.usefixtures("any_folder")

SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def reader(kind: str, **more) -> str:
    norm = {
        "do_normalize": True,
        "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
        "do_rescale": True,
        "do_resize": True,
    }
    return json.dumps({"image_processor_type": kind} | norm | more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for each kind of model, patches of 8 px."""
    torch.manual_seed(0)
    square = {"size": {"height": 32, "width": 32}}
    crop = {"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}, "do_center_crop": True}
    image = {"image_size": 32, "patch_size": 8} | SIZE
    text = CLIPTextConfig(vocab_size=10, max_position_embeddings=16, projection_dim=16, eos_token_id=3, **SIZE)
    towers = CLIPConfig(text_config=text.to_dict(), vision_config=CLIPVisionConfig(**image).to_dict())
    swin = SwinConfig(image_size=32, patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 4], window_size=4)
    made = {
        "vit": (ViTForImageClassification(ViTConfig(**image, num_labels=12)), reader("ViTImageProcessor", **square)),
        "deit": (DeiTForImageClassification(DeiTConfig(**image)), reader("DeiTImageProcessor", **crop)),
        "dinov2": (
            Dinov2WithRegistersModel(Dinov2WithRegistersConfig(**image, num_register_tokens=4)),
            reader("BitImageProcessor", **crop),
        ),
        "clip": (CLIPModel(towers), reader("CLIPImageProcessor", **crop)),
        "swin": (SwinModel(swin), reader("ViTImageProcessor", **square)),
    }
    place = tmp_path_factory.mktemp("vision")
    for name, (model, said) in made.items():
        model.save_pretrained(place / name)
        (place / name / "preprocessor_config.json").write_text(said)
    tiny_tokenizer().save_pretrained(place / "clip")
    return place


@pytest.mark.parametrize(("name", "prefix"), [("vit", 1), ("deit", 2), ("dinov2", 5), ("clip", 1)])
@pytest.mark.parametrize("fit", ["model", "whole"])
def test_attention_between_patches_equals_eager(folder, name, prefix, fit):
    wide = "beach-panorama"  # twice as wide as high
    encoding = ask(ImageRequest(str(folder / name), wide, fit))
    patches = encoding.patches
    assert patches.prefix == prefix
    assert (patches.rows, patches.columns) == ((4, 4) if fit == "model" else (4, 8))
    assert [t.special for t in encoding.tokens] == [True] * prefix + [False] * patches.rows * patches.columns
    assert encoding.tokens[prefix + patches.columns].text == "2,1"
    opened = open_model(str(folder / name))
    model = opened.model.vision_model if name == "clip" else opened.model
    sides = {"size": {"height": 32, "width": 64}, "do_center_crop": False} if fit == "whole" else {}
    tensor = opened.processor(images=pixels(gallery()[wide]), return_tensors="pt", **sides)["pixel_values"]
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        wanted = model(pixel_values=tensor, interpolate_pos_encoding=fit == "whole", output_attentions=True).attentions
    model.set_attn_implementation("gaze")
    assert np.allclose(encoding.attentions[0].weights, torch.stack(wanted)[:, 0].numpy(), atol=1e-5)


def test_names_of_the_first_tokens_and_predictions(folder):
    first = [t.text for t in ask(ImageRequest(str(folder / "deit"), "cat-face")).tokens[:2]]
    assert first == ["[CLS]", "[DIST]"]
    assert ask(ImageRequest(str(folder / "dinov2"), "cat-face")).tokens[4].text == "[REG4]"
    encoding = ask(ImageRequest(str(folder / "vit"), "cat-face"))
    (prediction,) = encoding.predictions
    assert len(prediction.choices) == 10
    assert 0 < sum(c.probability for c in prediction.choices) <= 1
    assert ask(ImageRequest(str(folder / "dinov2"), "cat-face")).predictions == ()


@pytest.mark.parametrize(("shape", "box"), [((192, 384), (0.3, 0.1, 0.4, 0.8)), ((384, 192), (0.1, 0.3, 0.8, 0.4))])
def test_a_centre_crop_says_which_part_was_seen(folder, shape, box):
    # The shorter side becomes 40 px, of which 32 are kept; of the longer one, 80 px, too.
    data = io.BytesIO()
    Image.fromarray(np.zeros((*shape, 3), np.uint8)).save(data, "PNG")
    patches = ask(ImageRequest(str(folder / "dinov2"), add_picture(data.getvalue()))).patches
    assert (patches.left, patches.top, patches.width, patches.height) == pytest.approx(box)


def test_an_edit_reaches_the_patches(folder):
    plain = ask(ImageRequest(str(folder / "vit"), "cat-face"))
    cold = ask(ImageRequest(str(folder / "vit"), "cat-face", edit=Edit(heads_off=(("vision", 0, 0),))))
    assert not np.allclose(plain.attentions[0].weights[1], cold.attentions[0].weights[1])


def test_models_that_have_no_such_map_are_refused_with_advice(folder, tmp_path):
    with pytest.raises(Refused, match="windows"):
        ask(ImageRequest(str(folder / "swin"), "cat-face"))
    tiny_bert().save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(Refused, match="patch by patch"):
        ask(ImageRequest(str(tmp_path), "cat-face"))
    with pytest.raises(Refused, match="reads no text"):
        ask(TextRequest(str(folder / "vit"), "the cat"))


def file(size=(60, 40), kind="PNG", **more) -> bytes:
    data = io.BytesIO()
    draw = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(draw).save(data, kind, **more)
    return data.getvalue()


def test_a_picture_is_read_once_and_found_by_its_name():
    name = add_picture(file())
    assert name == add_picture(file())
    assert picture(name).shape == (40, 60, 3)
    assert true_mask(name) is None
    large = picture(add_picture(file((3000, 1500))))
    assert large.shape == (512, 1024, 3)


def test_a_camera_held_upright_gives_an_upright_picture():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show
    assert picture(add_picture(file((60, 40), "JPEG", exif=exif))).shape == (60, 40, 3)


def test_what_is_transparent_becomes_white():
    data = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(data, "PNG")
    assert (picture(add_picture(data.getvalue())) == 255).all()


def test_a_composed_scene_keeps_its_mask():
    name = take_in_scene(Scene((Placed(emoji()[0].key, size=0.5),)))
    assert picture(name).shape == (64, 64, 3)
    assert 0.1 < true_mask(name).mean() < 0.25


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no picture"),
        (b"GIF89a nonsense", "no picture"),
        (file()[:60], "no picture"),
        (file((4, 40)), "too small"),
        (b"x" * 25_000_001, "up to 25 MB"),
    ],
    ids=["empty", "nonsense", "cut", "thin", "large"],
)
def test_bad_files_are_refused_with_advice(data, says):
    with pytest.raises(Refused, match=says):
        add_picture(data)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1_000)
    with pytest.raises(Refused, match="million"):
        add_picture(file((70, 40)))


def test_one_of_hundreds_is_kept_smaller(monkeypatch):
    """Forty stay where not two stay unpacked."""
    monkeypatch.setattr(pictures.STORE, "most_bytes", 900 * 600 * 3)
    shades = np.add.outer(np.arange(600), np.arange(900)) % 256
    colours = [np.stack([shades // 2, shades // 3, np.full_like(shades, i)], -1).astype(np.uint8) for i in range(40)]
    names = []
    for colour in colours:
        data = io.BytesIO()
        Image.fromarray(colour).save(data, "PNG")
        names.append(add_picture(data.getvalue(), many=True))
    first = picture(names[0])
    assert first.shape == (341, 512, 3)
    assert first.mean((0, 1)) == pytest.approx(colours[0].mean((0, 1)), abs=2)


def test_memory_is_bounded_and_what_is_gone_is_said(monkeypatch):
    monkeypatch.setattr(pictures.STORE, "most_bytes", 15_000)
    first = add_picture(file((50, 41)))
    add_picture(file((51, 41)))
    second = add_picture(file((52, 41)))
    with pytest.raises(Refused, match="no longer here"):
        picture(first)
    assert picture(second).shape == (41, 52, 3)
