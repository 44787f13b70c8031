"""Composed scenes: the mask meets the pixels, emoji stand where they were put, and the gallery is whole."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.gallery import gallery, mask, pixels, scene_from
from core.data.scenes import BACKGROUNDS, Background, Placed, Scene, backgrounds, compose, emoji, random_scene, sprites
from core.types import Refused

CAT = next(one.key for one in emoji() if one.names["en"] == "cat face")
HEART = next(one.key for one in emoji() if one.names["en"] == "red heart")
GREEN, WHITE = (0.0, 1.0, 0.0), (1.0, 1.0, 1.0)


def on(colour, *placed, width=64, height=64) -> Scene:
    return Scene(placed, Background(first=colour), width, height)


@pytest.mark.parametrize("kind", BACKGROUNDS)
def test_outside_the_mask_there_is_only_background(kind):
    behind = Background(kind, (0.9, 0.1, 0.3), (0.1, 0.5, 0.9), turn=30, seed=4)
    scene = Scene((Placed(CAT, 0.3, 0.6, 0.5, 25), Placed(HEART, 0.8, 0.3, 0.3)), behind, 80, 56)
    made = compose([scene])
    empty = backgrounds([behind], 56, 80)[0]
    outside = made.masks[0].sum(0) == 0
    assert outside.float().mean() > 0.3
    assert torch.allclose(made.pictures[0][:, outside], empty[:, outside])
    full = made.masks[0].sum(0) > 0.99
    assert (made.pictures[0] - empty).abs().sum(0)[full].mean() > 0.3


def test_two_backgrounds_tell_the_mask():
    # A pixel of opacity a is a * emoji + (1 - a) * background: two backgrounds give a by subtraction.
    placed = Placed(CAT, 0.45, 0.5, 0.7, -15), Placed(HEART, 0.7, 0.6, 0.4)
    white, black = (compose([on(colour, *placed)]) for colour in (WHITE, (0.0, 0.0, 0.0)))
    opacity = 1 - (white.pictures - black.pictures).mean(1)
    assert torch.allclose(opacity, white.masks.sum(1), atol=1e-5)


@pytest.mark.parametrize("size", [(64, 64), (96, 48), (40, 100)])
def test_an_emoji_stands_where_it_was_put(size):
    width, height = size
    made = compose([on(WHITE, Placed(HEART, 0.3, 0.7, 0.4), width=width, height=height)])
    weights = made.masks[0, 0]
    x = (weights.sum(0) * (torch.arange(width) + 0.5)).sum() / weights.sum()
    y = (weights.sum(1) * (torch.arange(height) + 0.5)).sum() / weights.sum()
    assert float(x) == pytest.approx(0.3 * width, abs=1.5)
    assert float(y) == pytest.approx(0.7 * height, abs=2.5)
    across = (weights.sum(0) > 0.5).sum()
    assert float(across) == pytest.approx(0.4 * min(size), abs=4)


def test_drawn_at_its_own_size_the_sprite_is_itself():
    whole = compose([on((0.0, 0.0, 0.0), Placed(CAT, size=1.0))]).pictures[0]
    place = [one.key for one in emoji()].index(CAT)
    assert torch.allclose(whole, sprites()[place, :3].float() / 255, atol=1e-5)


def test_a_quarter_turn_and_a_flip():
    plain, turned, flipped = (
        compose([on(GREEN, Placed(CAT, size=0.9, turn=turn, flipped=flip))]).pictures[0]
        for turn, flip in ((0, False), (90, False), (0, True))
    )
    assert torch.allclose(turned, plain.rot90(-1, (1, 2)), atol=1e-4)  # clockwise
    assert torch.allclose(flipped, plain.flip(2), atol=1e-4)


def test_what_is_covered_is_not_in_the_mask():
    made = compose([on(WHITE, Placed(HEART, size=0.4), Placed(HEART, size=0.8))])
    assert made.masks[0, 0].max() < 0.05
    assert made.masks[0, 1].max() > 0.99
    assert made.masks.sum(1).max() <= 1 + 1e-6


def test_scenes_in_a_batch_are_those_alone():
    chooser = random.Random(5)
    keys = [one.key for one in emoji()]
    scenes = [random_scene(chooser, keys, count) for count in (1, 2, 3, 1)]
    together = compose(scenes)
    for i, scene in enumerate(scenes):
        alone = compose([scene])
        assert torch.allclose(alone.pictures[0], together.pictures[i], atol=1e-6)
        assert torch.allclose(alone.masks[0], together.masks[i, : len(scene.placed)], atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_random_scenes_lie_inside_the_picture(seed, count):
    scene = random_scene(random.Random(seed), [CAT, HEART], count)
    assert len(scene.placed) == count
    made = compose([scene])
    assert float(made.pictures.min()) >= 0
    assert float(made.pictures.max()) <= 1
    assert all(float(m.sum()) > 20 for m in made.masks[0][-1:])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Scene((), width=4), "8 to 1,024"),
        (lambda: Scene((Placed(CAT),) * 13), "up to 12"),
        (lambda: Scene((Placed(CAT, size=0.0),)), "0.02 to 4"),
        (lambda: Scene((Placed(CAT, x=float("nan")),)), "0.02 to 4"),
        (lambda: Scene((), Background("tartan")), "tartan"),
        (lambda: compose([Scene((Placed("nothing"),))]), "no emoji 'nothing'"),
        (lambda: compose([Scene(()), Scene((), width=80)]), "differ in size"),
        (lambda: scene_from({"placed": [{"sign": "x"}]}), "cannot be read"),
        (lambda: scene_from({}), "cannot be read"),
    ],
)
def test_bad_scenes_are_refused_with_advice(make, says):
    with pytest.raises(Refused, match=says):
        make()


def test_the_gallery_is_whole_and_says_whose_it_is():
    pictures = gallery()
    scenes = [p for p in pictures.values() if p.scene]
    photographs = [p for p in pictures.values() if not p.scene]
    assert len(scenes) >= 60
    assert len(photographs) == 6
    for picture in scenes:
        shown, share = pixels(picture), mask(picture)
        assert shown.shape[:2] == share.shape == (picture.scene.height, picture.scene.width)
        assert 0.01 < share.mean() < 0.9
    for picture in photographs:
        assert picture.licence
        assert picture.attribution
        assert pixels(picture).dtype == np.uint8
        assert mask(picture) is None


def test_every_emoji_has_a_picture_and_its_names():
    assert len(sprites()) == len(emoji()) == 1563
    assert (sprites()[:, 3].amax(dim=(1, 2)) > 200).all()
    assert all(len(one.names) == 28 and all(one.names.values()) for one in emoji())
    assert len({one.group for one in emoji()}) == 9
