"""What patches, positions, shifts, Swin and DETR show: against transformers' own code, and the screens themselves."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers as hf
from PIL import Image

from core.analyses.patch_positions import relative, tables, without_positions
from core.analyses.patch_tokens import shape_of
from core.data.pictures import add_picture, picture
from core.engine import ask
from core.measures import windows
from core.models import detector as detr
from core.requests import (
    DetectionRequest,
    Move,
    MovedPictureRequest,
    PatchPositionsRequest,
    PatchTokensRequest,
    WindowsRequest,
)
from core.store.opening import open_model
from core.store.shelf import SHELF
from core.types import Refused
from tests.tiny import tiny
from ui.views.vision.patches import sides
from ui.views.vision.positions import thinned

VIT, CNN, IMAGE, WIDE = "emoji-vit", "small-cnn", "cat-and-dog", "photo-china"


SWIN = {"image_size": 32, "patch_size": 4, "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4}


def reader(folder: Path, side: int) -> None:
    size = {"image_processor_type": "ViTImageProcessor", "size": {"height": side, "width": side}}
    (folder / "preprocessor_config.json").write_text(json.dumps(size))


@pytest.fixture(scope="module")
def swin(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("swin")
    torch.manual_seed(0)
    model = hf.SwinForImageClassification(hf.SwinConfig(**SWIN))
    with torch.no_grad():
        for one in model.parameters():
            if one.ndim > 1:
                one.normal_(0, 0.2)
    model.save_pretrained(folder)
    reader(folder, 32)
    return str(folder)


@pytest.fixture(scope="module")
def detector(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("detr")
    model, processor = detr.untrained()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return str(folder)


def test_tokens_are_what_the_model_begins_with():
    found, opened = ask(PatchTokensRequest(VIT, IMAGE)), open_model(VIT)
    read = opened.processor(images=picture(IMAGE), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        theirs = opened.model.vit.embeddings(read)[0].numpy()
    assert found.values.shape == (65, 160)
    assert np.allclose(found.values, theirs, atol=1e-6)
    assert (found.side, found.prefix) == (8, 1)
    seen = (read[0].permute(1, 2, 0).numpy() + 1) * 127.5  # the reader makes colours -1 to 1
    assert np.abs(found.pixels - seen).max() <= 0.51
    shape = shape_of(VIT)
    assert (shape.side, shape.patch, shape.width, shape.layers, shape.heads) == (64, 8, 160, 5, 5)


def test_a_picture_like_a_thread_is_refused_whole_and_read_squeezed():
    file = io.BytesIO()
    Image.new("RGB", (1024, 8), "red").save(file, "PNG")
    name = add_picture(file.getvalue())
    with pytest.raises(Refused, match="8,192 patches; Gaze reads up to 2,048"):
        ask(PatchTokensRequest(VIT, name, "whole"))
    with pytest.raises(Refused, match="8,192 patches"):
        ask(PatchPositionsRequest(VIT, name, "whole"))
    assert ask(PatchTokensRequest(VIT, name)).values.shape == (65, 160)


def test_sizes_that_are_a_burden_are_not_offered():
    shape, square = shape_of(VIT), ask(PatchTokensRequest(VIT, IMAGE))
    assert sides(square, shape) == [64, 128, 224, 384]
    strip = replace(square, pixels=np.zeros((64, 64 * 12, 3), np.uint8))
    assert sides(strip, shape) == [64, 128, 224]  # 384 x 4,608 px would be 1.8 million


def test_the_mistake_gives_other_patches_of_the_same_numbers():
    right, wrong = ask(PatchTokensRequest(VIT, IMAGE)), ask(PatchTokensRequest(VIT, IMAGE, permuted=False))
    assert right.values.shape == wrong.values.shape
    assert sorted(right.pixels.ravel()) == sorted(wrong.pixels.ravel())
    assert not np.array_equal(right.pixels, wrong.pixels)
    assert np.allclose(right.values[0], wrong.values[0])  # [CLS] reads no patch yet


def test_positions_are_the_models_table():
    table = open_model(VIT).model.vit.embeddings.position_embeddings[0, 1:].detach().numpy()
    assert np.array_equal(ask(PatchPositionsRequest(VIT)).reshape(64, -1), table)
    assert np.array_equal(ask(PatchPositionsRequest(VIT, IMAGE, "model")), ask(PatchPositionsRequest(VIT)))


def test_a_wide_picture_gets_the_table_stretched():
    table = torch.from_numpy(ask(PatchPositionsRequest(VIT)).copy()).permute(2, 0, 1)[None]
    found = ask(PatchPositionsRequest(VIT, WIDE, "whole"))
    assert found.shape[1] > found.shape[0] == 8
    theirs = torch.nn.functional.interpolate(table, found.shape[:2], mode="bicubic", align_corners=False)
    assert np.allclose(found, theirs[0].permute(1, 2, 0), atol=1e-5)


@pytest.mark.parametrize("family", ["vit", "deit", "dinov2", "clip"])
def test_without_positions_every_family_forgets_places(family):
    """Patches shuffled give the same tokens shuffled; the model itself is left as it was."""
    model = tiny(family)
    model = model.vision_model if family == "clip" else model
    before = {name: one.detach().clone() for name, one in model.named_parameters()}
    bare = without_positions(model)
    picture = torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    blocks_ = picture.reshape(1, 3, 4, 4, 4, 4)
    turned = blocks_.flip(2).reshape(1, 3, 16, 16)
    with torch.inference_mode():
        first, second = (
            bare(pixel_values=one).last_hidden_state[0, -16:].reshape(4, 4, -1) for one in (picture, turned)
        )
        kept = model(pixel_values=turned).last_hidden_state[0, -16:].reshape(4, 4, -1)
    assert torch.allclose(first.flip(0), second, atol=1e-5)
    assert not torch.allclose(first.flip(0), kept, atol=1e-2)
    assert all(torch.equal(one, before[name]) for name, one in model.named_parameters())
    assert all(one.any() for one in tables(model).values())


def test_swins_biases_read_like_a_map(swin):
    """Where a key lies down and right of its query, as the model itself adds it to the scores."""
    opened = open_model(swin)
    module = opened.model.swin.encoder.layers[0].blocks[1].attention.relative_position_bias
    with torch.inference_mode():
        added = module()[0].numpy()  # [head, query, key] of a window of 4 x 4
    found = relative(swin, 1)
    assert found.shape == (2, 7, 7)
    for query in range(16):
        for key in range(16):
            down, right = key // 4 - query // 4, key % 4 - query % 4
            assert np.array_equal(found[:, down + 3, right + 3], added[:, query, key])
    with pytest.raises(Refused, match="no table"):
        ask(PatchPositionsRequest(swin))
    with pytest.raises(Refused, match="no block 5"):
        relative(swin, 4)


@pytest.mark.parametrize("move", [Move("patch"), Move("shuffle", seed=3)], ids=["patch", "shuffle"])
def test_without_positions_tokens_move_along_exactly(move):
    free, placed = ask(MovedPictureRequest(VIT, IMAGE, move, False)), ask(MovedPictureRequest(VIT, IMAGE, move))
    assert all(np.allclose(one.cosines, 1, atol=1e-6) and one.whole for one in free.layers)
    for one, other in zip(free.said[0][0].choices, free.said[1][0].choices, strict=True):
        assert one.text == other.text
        assert one.probability == pytest.approx(other.probability, abs=1e-5)
    assert placed.layers[0].name == "patches"
    assert np.allclose(placed.layers[0].cosines, 1, atol=1e-6)
    assert placed.layers[1].name == "+ positions"
    assert placed.layers[1].cosines.max() < 1 - 1e-4 or placed.layers[1].cosines.min() < 0.99


def test_a_pixel_changes_every_patch_but_not_the_numbers_of_the_picture():
    found = ask(MovedPictureRequest(VIT, IMAGE, Move("shift", 1)))
    assert np.array_equal(found.after, np.roll(found.before, 1, axis=1))
    assert not any(one.whole for one in found.layers)
    assert found.layers[0].cosines.mean() < 0.9999


@pytest.mark.skipif(CNN not in SHELF, reason="small-cnn is not here")
@pytest.mark.parametrize(("pixels", "touched"), [(1, 7), (8, 12)])
def test_the_cnns_first_stage_moves_along_but_at_its_border(pixels, touched):
    """A 7 x 7 convolution feels a border 3 px away: 3 + 3 columns before and after, those of both counted once."""
    found = ask(MovedPictureRequest(CNN, IMAGE, Move("shift", pixels)))
    stage = found.layers[1]
    assert (stage.step, stage.whole) == (1, True)
    columns = (stage.cosines > 1 - 1e-6).all(axis=0)
    assert 64 - touched <= columns.sum() <= 64 - touched + 1
    assert columns[touched:-3].all()
    assert [one.step for one in found.layers] == [1, 1, 2, 4, 8]


def test_a_layer_is_compared_with_plain_code():
    found, opened = ask(MovedPictureRequest(VIT, IMAGE, Move("shift", 8))), open_model(VIT)
    read = opened.processor(images=picture(IMAGE), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        one, other = (
            opened.model(pixel_values=x, output_hidden_states=True).hidden_states[3][0, 1:].reshape(8, 8, -1)
            for x in (read, read.roll(8, dims=-1))
        )
    theirs = torch.cosine_similarity(one.roll(1, dims=1), other, dim=-1).numpy()
    layer = next(x for x in found.layers if x.name == "layer 3")
    assert np.allclose(layer.cosines, theirs, atol=1e-5)
    a, b = (torch.nn.functional.normalize(x.reshape(64, -1), dim=-1) for x in (one, other))
    assert layer.chance == pytest.approx(float((a @ b.T).mean()), abs=1e-5)


def test_swin_is_followed_stage_by_stage(swin):
    found = ask(MovedPictureRequest(swin, IMAGE, Move("shift", 8)))
    assert [(one.name, one.step) for one in found.layers] == [("patches", 4), ("stage 1", 8), ("stage 2", 8)]
    assert np.allclose(found.layers[0].cosines, 1, atol=1e-6)
    with pytest.raises(Refused, match="no table"):
        ask(MovedPictureRequest(swin, IMAGE, Move("shift", 8), False))
    with pytest.raises(Refused, match="patch by patch"):
        ask(MovedPictureRequest("translator", IMAGE, Move("patch")))


def test_a_models_windows_are_those_of_its_own_attention(swin):
    found, opened = ask(WindowsRequest(swin, IMAGE)), open_model(swin)
    assert [(b.stage, b.rows, b.window, b.shift) for b in found] == [
        (0, 8, 4, 0),
        (0, 8, 4, 2),
        (1, 4, 4, 0),
        (1, 4, 4, 0),
    ]
    plain = hf.SwinForImageClassification.from_pretrained(swin, attn_implementation="eager").eval()
    read = opened.processor(images=picture(IMAGE), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        theirs = plain(pixel_values=read, output_attentions=True).attentions  # the last block of each stage
    assert np.allclose(found[1].weights, theirs[0].numpy(), atol=1e-6)
    assert np.allclose(found[3].weights, theirs[1].numpy(), atol=1e-6)
    sizes = (8, 8, 4, 2)
    for patch in ((0, 0), (1, 6), (7, 7), (4, 3)):
        row = windows.row_on_grid(found[1].weights, patch, *sizes)
        assert np.allclose(row.sum(axis=(1, 2)), 1, atol=1e-5)
        assert row[:, ~windows.sees_from(patch, *sizes)].max() < 1e-6
    with pytest.raises(Refused, match="no windows"):
        ask(WindowsRequest(VIT, IMAGE))


def test_boxes_classes_and_cross_attention_are_the_models_own(detector):
    found = ask(DetectionRequest(detector, WIDE))
    plain = hf.DetrForObjectDetection.from_pretrained(detector, attn_implementation="eager").eval()
    read = open_model(detector).processor(images=picture(WIDE), return_tensors="pt")
    with torch.inference_mode():
        out = plain(**read, output_attentions=True)
    cross = torch.stack(out.cross_attentions)[:, 0].numpy()
    assert np.allclose(found.cross.reshape(cross.shape), cross, atol=1e-5)
    rows, columns = found.cross.shape[-2:]
    assert (rows, columns) == (-(-read["pixel_values"].shape[-2] // 32), -(-read["pixel_values"].shape[-1] // 32))
    height, width = picture(WIDE).shape[:2]
    theirs = open_model(detector).processor.post_process_object_detection(out, 0.0, [(height, width)])[0]
    for query, score, box in zip(found.queries, theirs["scores"], theirs["boxes"], strict=True):
        assert query.score == pytest.approx(float(score), abs=1e-5)
        corner = (query.box.left * width, query.box.top * height)
        ends = (corner[0] + query.box.width * width, corner[1] + query.box.height * height)
        assert np.allclose((*corner, *ends), box, atol=0.05)
        assert sum(one.probability for one in query.choices) + query.nothing == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [(480, 640), (64, 64), (300, 1000), (1024, 576), (333, 501)])
def test_sizes_are_those_of_detrs_own_reader(size):
    from transformers.image_transforms import get_size_with_aspect_ratio

    high, wide, rows, columns = detr.cells_of(*size)
    theirs = get_size_with_aspect_ratio(size, 800, 1_333)
    assert abs(high - theirs[0]) <= 1
    assert abs(wide - theirs[1]) <= 1
    assert (rows, columns) == (-(-theirs[0] // 32), -(-theirs[1] // 32))


def test_a_click_takes_the_smallest_box_around_it():
    def query(number: int, *box: float) -> detr.Query:
        return detr.Query(number, detr.Box(*box), (), 0.0)

    large, small = query(0, 0, 0, 1, 1), query(1, 0.4, 0.4, 0.2, 0.2)
    assert detr.query_at((large, small), 0.5, 0.5) is small
    assert detr.query_at((large, small), 0.1, 0.5) is large
    assert detr.query_at((small,), 0.1, 0.5) is None


def test_what_is_no_detr_is_refused():
    with pytest.raises(Refused, match="draws no boxes"):
        ask(DetectionRequest(VIT, IMAGE))


def test_large_grids_of_positions_fit_the_message():
    assert [thinned(*size) for size in ((8, 8), (24, 24), (37, 37), (48, 48), (8, 100))] == [1, 1, 2, 4, 2]
