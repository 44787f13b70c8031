"""Relevance through both towers of a CLIP against a second implementation, and what joint maps and searches measure."""

import json
import math
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from tokenizers import processors
from transformers import CLIPModel, PreTrainedTokenizerFast, SiglipModel

from core.analyses import emoji_vectors, joint_map
from core.analyses.clip_relevance import beginning, picture_tower, relevance, text_tower, words_of_tokens
from core.analyses.clip_shapes import LARGEST, pooled_at, shapes
from core.capture.recording import recording
from core.data.augment import CHANGES, view
from core.data.gallery import plain, plain_names
from core.data.pictures import display_name, picture, view_name
from core.data.scenes import emoji
from core.engine import ask
from core.measures.contrastive import gap, own_kind, siglip_loss
from core.measures.retrieval import best, rank_of, recall
from core.models.clip import (
    bias_of,
    class_vectors,
    opened_clip,
    picture_vectors,
    scale_of,
    text_inputs,
    text_vectors,
    zero_shot,
)
from core.requests import PairRelevanceRequest
from core.types import Refused, Stopped, Token
from tests.checkpoints import tiny_tokenizer
from tests.tiny import tiny

pytestmark = pytest.mark.usefixtures("any_folder")

few = settings(max_examples=25, deadline=None)
IMAGE, TEXT = "cat-and-dog", "the cat sat on mat"
CLASSES = {"clip": CLIPModel, "siglip": SiglipModel}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for each kind, far from zero; CLIP's texts stand between a start and an end mark."""
    place = tmp_path_factory.mktemp("towers")
    for kind in CLASSES:
        tiny(kind).save_pretrained(place / kind)
        inside = tiny_tokenizer().backend_tokenizer
        if kind == "clip":
            marks = [("[SEP]", 3), ("[MASK]", 4)]
            inside.post_processor = processors.TemplateProcessing(single="[SEP] $A [MASK]", special_tokens=marks)
        PreTrainedTokenizerFast(
            tokenizer_object=inside, unk_token="[UNK]", pad_token="[PAD]", bos_token="[SEP]", eos_token="[MASK]"
        ).save_pretrained(place / kind)
        reader = {"size": {"height": 16, "width": 16}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
        reader["image_processor_type"] = {"clip": "CLIPImageProcessor", "siglip": "SiglipImageProcessor"}[kind]
        said = json.dumps(reader | {"do_center_crop": False})
        (place / kind / "preprocessor_config.json").write_text(said)
    return place


# --- relevance --------------------------------------------------------------------------------------------------------


def by_eager(model: str, kind: str, side: str) -> np.ndarray:
    """The same rule over transformers' own eager attention, in float64 and by loops: [query, key]."""
    opened = opened_clip(model)
    own = CLASSES[kind].from_pretrained(model, attn_implementation="eager").eval()
    seen = own.get_image_features(
        pixel_values=opened.processor(images=[picture(IMAGE)], return_tensors="pt")["pixel_values"],
        output_attentions=True,
    )
    read = own.get_text_features(**text_inputs(opened, [TEXT]), output_attentions=True)
    score = torch.nn.functional.cosine_similarity(seen.pooler_output, read.pooler_output)[0]
    maps = (seen if side == "picture" else read).attentions
    whole = np.eye(maps[0].shape[-1])
    for weights, gradient in zip(maps, torch.autograd.grad(score, maps), strict=True):
        heads = [np.maximum((g * w).detach().double().numpy(), 0) for g, w in zip(gradient[0], weights[0], strict=True)]
        whole = whole + sum(heads) / len(heads) @ whole
    return whole - np.eye(len(whole))


def test_relevance_equals_the_rule_over_eager_attention(folder):
    model = str(folder / "clip")
    found = ask(PairRelevanceRequest(model, IMAGE, TEXT))
    patches = by_eager(model, "clip", "picture")[0, 1:].reshape(4, 4)
    assert np.allclose(found.picture, patches, rtol=1e-3, atol=1e-7) and patches.max() > 1e-4
    text = by_eager(model, "clip", "text")[-1]  # the END token stands last
    assert np.allclose(found.text[1:-1], text[1:-1], rtol=1e-3, atol=1e-7) and text[1:-1].max() > 1e-4
    assert found.text[0] == found.text[-1] == 0
    assert [token.text for token in found.tokens] == ["[SEP]", *TEXT.split(), "[MASK]"]


def test_the_cosine_is_the_models_own(folder):
    for kind in CLASSES:
        model = str(folder / kind)
        wanted = float((text_vectors(model, [TEXT]) @ picture_vectors(model, [IMAGE]).T)[0, 0])
        assert ask(PairRelevanceRequest(model, IMAGE, TEXT)).cosine == pytest.approx(wanted, abs=1e-5)


def test_a_tower_the_score_does_not_depend_on_has_no_relevance(folder):
    opened = opened_clip(str(folder / "clip"))
    seen, _ = picture_tower(opened, picture(IMAGE))
    read, _ = text_tower(opened, TEXT)
    assert not relevance(seen, read.vector[0]).any()
    assert not relevance(read, seen.vector[0]).any()
    assert relevance(seen, seen.vector[0]).any() and relevance(read, read.vector[0]).any()


def test_where_a_tower_pools_by_attention_every_row_may_count(folder):
    found = ask(PairRelevanceRequest(str(folder / "siglip"), IMAGE, TEXT))
    assert found.patches.prefix == 0 and found.picture.shape == (4, 4)
    assert found.picture.max() > 0 and (found.picture >= 0).all()


def test_the_shared_model_gets_no_graph(folder):
    opened = opened_clip(str(folder / "clip"))
    with torch.enable_grad(), recording():
        assert not opened.model.get_text_features(**text_inputs(opened, [TEXT])).pooler_output.requires_grad
        assert beginning(opened.model).get_text_features(**text_inputs(opened, [TEXT])).pooler_output.requires_grad
    assert not any(p.requires_grad for p in opened.model.parameters())


def test_words_by_pencil():
    start, end = Token("[S]", 0, -1, True), Token("[E]", 4, -1, True)
    tokens = (start, Token("ca", 1, 0), Token("ts", 2, 0), Token("sat", 3, 1), end)
    found = words_of_tokens(tokens, np.array([0, 1, 2, 1, 0]))
    assert found == [("cats", pytest.approx(0.75)), ("sat", pytest.approx(0.25))]
    assert words_of_tokens(tokens, np.zeros(5)) == [("cats", 0.0), ("sat", 0.0)]


def test_shapes_are_those_of_the_model(folder):
    found = shapes(str(folder / "clip"), ["the cat", TEXT])
    assert (found.height, found.patches, found.prefix, found.tokens) == (16, 16, 1, 7)
    assert (found.vision_layers, found.text_layers, found.embedding) == (2, 2, 512)
    assert found.pooled == "the END token [MASK]"
    assert shapes(str(folder / "siglip"), ["the cat"]).tokens == 64


def test_which_token_stands_for_a_text():
    config, tokenizer = SimpleNamespace(eos_token_id=2), SimpleNamespace(eos_token_id=9, eos_token="<end>")
    assert pooled_at(config, tokenizer, torch.tensor([[1, 5, 9, 0], [1, 5, 6, 9]])) == "the END token <end>"
    tokenizer.eos_token_id = 2
    assert pooled_at(config, tokenizer, torch.tensor([[1, 5, 2, 0]])) == LARGEST
    config.eos_token_id = tokenizer.eos_token_id = 3
    assert pooled_at(config, tokenizer, torch.tensor([[1, 5, 3, 0]])) == "the END token <end>"


# --- retrieval --------------------------------------------------------------------------------------------------------


@few
@given(some.integers(1, 30), some.integers(1, 40), some.integers(0, 999))
def test_the_nearest_are_those_of_brute_force(n, k, seed):
    draw = np.random.default_rng(seed)
    gallery = draw.integers(-2, 3, size=(n, 3)).astype(np.float32)  # many ties
    question = draw.integers(-2, 3, size=3).astype(np.float32)
    cosines = [float(sum(a * b for a, b in zip(row, question, strict=True))) for row in gallery]
    order = sorted(range(n), key=lambda i: (-cosines[i], i))
    found, values = best(question, gallery, k)
    assert found[0].tolist() == order[:k]
    assert values[0].tolist() == [cosines[i] for i in order[:k]]
    first = order[0]
    assert rank_of(question, gallery, first) == 1
    assert rank_of(question, gallery, order[-1]) == 1 + sum(c > cosines[order[-1]] for c in cosines)


def test_recall_by_pencil():
    gallery = np.eye(3)
    questions = np.array([[1, 0, 0], [1, 0.5, 0], [0, 0, 1]])
    assert recall(questions, gallery) == pytest.approx(2 / 3)
    assert recall(questions, gallery, 2) == 1


# --- the gap ----------------------------------------------------------------------------------------------------------


def on_circle(*degrees: float) -> np.ndarray:
    return np.array([[math.cos(math.radians(d)), math.sin(math.radians(d))] for d in degrees])


def test_the_gap_in_closed_form():
    assert gap(on_circle(0, 0), on_circle(90, 90, 90)) == pytest.approx(math.sqrt(2))
    assert gap(on_circle(0), on_circle(180)) == pytest.approx(2)
    assert gap(on_circle(10, 50), on_circle(50, 10)) == pytest.approx(0)
    assert gap(on_circle(-60, 60), on_circle(120, -120)) == pytest.approx(1)


def test_kinds_that_keep_to_themselves_and_kinds_that_mix():
    assert own_kind(on_circle(0, 10), on_circle(90, 100)) == (1, pytest.approx(1 / 3))
    assert own_kind(on_circle(0, 90), on_circle(1, 91)) == (0, pytest.approx(1 / 3))
    assert own_kind(on_circle(0, 5, 90), on_circle(91))[1] == pytest.approx(0.5)


def test_a_joint_map_centres_each_kind(folder):
    asked = joint_map.JointMapRequest(str(folder / "clip"), tuple(one.key for one in emoji()[:12]), ("en", "fr"))
    plain_kinds = joint_map.kinds(asked)
    assert plain_kinds == ("pictures",) * 12 + ("en",) * 12 + ("fr",) * 12
    assert joint_map.vectors(asked).shape == (36, 512) and ask(asked).shape == (36, 2)
    centred = joint_map.vectors(replace(asked, centre=True))
    raw = joint_map.vectors(asked)[:12]
    wanted = raw - raw.mean(axis=0)
    assert np.allclose(centred[:12], wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-5)
    with pytest.raises(Refused, match="at least one language"):
        joint_map.vectors(replace(asked, languages=()))


# --- views and plain pictures -----------------------------------------------------------------------------------------


@few
@given(some.sets(some.sampled_from(list(CHANGES))), some.integers(0, 50), some.integers(8, 40), some.integers(8, 40))
def test_a_view_keeps_the_shape_and_the_same_seed_gives_the_same_view(changes, seed, height, width):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = view(pixels, tuple(changes), seed)
    assert found.shape == pixels.shape and found.dtype == np.uint8
    assert np.array_equal(found, view(pixels, tuple(changes), seed))
    if not changes:
        assert np.array_equal(found, pixels)


def test_each_change_does_what_it_says():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert np.array_equal(view(pixels, ["flip"], 0, always=True), pixels[:, ::-1])
    grey = view(pixels, ["grey"], 0, always=True)
    assert np.array_equal(grey[..., 0], grey[..., 2])
    smooth = view(pixels, ["blur"], 0).astype(int)
    assert np.abs(np.diff(smooth, axis=1)).mean() < np.abs(np.diff(pixels.astype(int), axis=1)).mean() * 0.8
    noise = view(np.full((64, 64, 3), 128, np.uint8), ["noise"], 3).astype(float)
    assert noise.std() == pytest.approx(0.12 * 255, rel=0.05)
    tossed = [np.array_equal(view(pixels, ["flip"], seed), pixels) for seed in range(60)]
    assert 15 < sum(tossed) < 45
    with pytest.raises(Refused, match="no augmentation"):
        view(pixels, ["twirl"], 0)


def test_views_and_plain_emoji_are_pictures_by_name():
    for seed in range(6):
        name = view_name("cat-face", ("flip",), seed, always=True)
        assert np.array_equal(picture(name), picture("cat-face")[:, ::-1])
    assert display_name(name) == display_name("cat-face")
    assert len(plain_names()) == len(emoji())
    assert (picture(plain_names()[0])[0, 0] == 255).all() and plain("emoji-nothing") is None
    assert display_name("emoji-1f431") == "cat face"


# --- asking a model ---------------------------------------------------------------------------------------------------


def test_siglip_judges_every_class_by_itself(folder, tmp_path):
    """As transformers' own class does, its loss included."""
    name = str(shutil.copytree(folder / "siglip", tmp_path / "siglip"))
    own = SiglipModel.from_pretrained(name).eval()
    with torch.no_grad():
        own.logit_scale.fill_(2.0), own.logit_bias.fill_(-1.5)
    own.save_pretrained(name)
    classes, images = ["the cat", "a mat on"], [IMAGE, "cat-face"]
    opened = opened_clip(name)
    pixels = opened.processor(images=[picture(one) for one in images], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        out = own(pixel_values=pixels, **text_inputs(opened, classes), return_loss=True)
    assert zero_shot(name, IMAGE, classes) == pytest.approx(out.logits_per_image[0].sigmoid().numpy(), rel=1e-4)
    cosines = text_vectors(name, classes) @ picture_vectors(name, images).T
    assert siglip_loss(cosines, scale_of(name), bias_of(name)) == pytest.approx(float(out.loss), rel=1e-4)
    assert bias_of(str(folder / "clip")) is None


def test_siglip_reads_texts_filled_up_to_one_length(folder):
    inputs = text_inputs(opened_clip(str(folder / "siglip")), ["the cat"])
    assert inputs["input_ids"].shape == (1, 64) and "attention_mask" not in inputs


def test_a_class_named_twice_is_refused(folder):
    with pytest.raises(Refused, match="'cat' is named twice"):
        class_vectors(str(folder / "clip"), ["cat", "mat", "cat"], ["the {}"])


def test_a_reader_of_another_size_is_told(folder, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    for file in (folder / "clip").iterdir():
        (wrong / file.name).write_bytes(file.read_bytes())
    said = json.loads((wrong / "preprocessor_config.json").read_text())
    (wrong / "preprocessor_config.json").write_text(json.dumps(said | {"size": {"height": 24, "width": 24}}))
    with pytest.raises(Refused, match=r"reads pictures of 16 x 16 px, but .* makes them 24 x 24"):
        picture_vectors(str(wrong), [IMAGE])


def test_many_texts_can_be_stopped_and_tell_how_far_they_are(folder):
    model, told = str(folder / "clip"), []
    texts = [f"the cat sat on {i}" for i in range(70)]
    text_vectors(model, texts, lambda done, whole: told.append((done, whole)))
    assert told == [(32, 70), (64, 70), (70, 70)]
    with pytest.raises(Stopped):
        text_vectors(model, texts, cancelled=lambda: True)


def test_shipped_vectors_serve_their_own_model_alone(tmp_path, monkeypatch):
    file = tmp_path / "vectors.npz"
    made = np.random.default_rng(0).normal(size=(len(emoji()), 4)).astype(np.float16)
    np.savez_compressed(file, vectors=made, names=np.array(plain_names()), sha256=np.array("abc"))

    class Card:
        sha256 = "abc"

    class Opened:
        card = Card()

    found = emoji_vectors.shipped(Opened(), file)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert np.allclose(found[7], made[7] / np.linalg.norm(made[7].astype(float)), atol=1e-3)
    Card.sha256 = "another"
    assert emoji_vectors.shipped(Opened(), file) is None
    Card.sha256 = ""
    assert emoji_vectors.shipped(Opened(), file) is None
