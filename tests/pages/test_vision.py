"""What patches, positions, shifts, Swin and DETR show: against transformers' own code, and the screens themselves."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import PAGES, components
from tests.core.analyses.test_vision import detector, swin  # noqa: F401 - fixtures
from tests.drawn import said, unpacked

PAGE = PAGES / "vision.py"


VIT, CNN, IMAGE, WIDE = "emoji-vit", "small-cnn", "cat-and-dog", "photo-china"


def shown(screen: str, **query: str) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in {"screen": screen, **query}.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """What the page says, without the marks of terms."""
    return re.sub("<[^>]+>", "", said(at))


def titles(at: AppTest) -> list[str]:
    return [p["title"] for one in components(at) for p in header(one)]


def header(one) -> list[dict]:
    return unpacked(one.proto.bytes)[0].get("panels", []) if one.proto.bytes else []


def test_patches_of_the_model_and_of_vit_base():
    at = shown("Patches")
    assert titles(at) == ["Picture 64 × 64 × 3", "8 × 8 patches", "Flattened 64 × 192", "Tokens 65 × 160"]
    assert "64 of 64 tokens are true patches" in str(header(components(at)[-1]))
    at = shown("Patches", side="224", patch="16")
    assert "196 patches + 1 = 197 tokens, each 768 numbers" in words(at)
    assert titles(at) == ["Picture 224 × 224 × 3", "14 × 14 patches", "Flattened 196 × 768"]
    assert "38,809" in words(at)


@pytest.mark.parametrize(("side", "patch"), [("384", "32"), ("384", "4"), ("64", "32")])
def test_large_pictures_and_patches_fit_the_message(side, patch):
    at = shown("Patches", side=side, patch=patch, picture="beach-panorama", whole="true", unpermuted="true")
    assert len(titles(at)) == 3


def test_the_mistake_is_counted_on_the_screen():
    at = shown("Patches", unpermuted="true")
    assert "0 of 64 tokens are true patches" in str(header(components(at)[-1]))
    assert "0 of 64 tokens are true patches" in words(at)


def test_nonsense_in_the_address_begins_with_the_models_own():
    assert "64 patches" in words(shown("Patches", side="banana", patch="-3"))
    assert titles(shown("Swin", grid="9", window="x"))[0] == "Where this patch looks"


def test_positions_of_a_table_and_of_swin(swin):  # noqa: F811
    at = shown("Positions")
    assert "8 × 8 positions: a plane" in words(at)
    assert titles(at)[1:] == ["Patch 5, 5", "Patch 5, 5 against all", "Row against row", "Column against column"]
    at = shown("Positions", model=swin)
    assert "No table" in words(at)
    assert titles(at) == ["head 1", "head 2"]


def test_shifts_say_what_moved_along(swin):  # noqa: F811
    at = shown("Shift and shuffle", move="1 patch", places="false")
    assert "to the last digit" in words(at)
    at = shown("Shift and shuffle", move="1 patch", places="false", model=swin)
    assert "no table" in words(at)  # advice, and the built-in model's picture
    assert "emoji-vit, layer 1" in titles(at)


def test_swin_shows_windows_costs_and_a_models_own(swin):  # noqa: F811
    assert titles(shown("Swin"))[:2] == ["Where this patch looks", "Rolled and cut into windows"]
    at = shown("Swin", windows="Cost")
    assert "2.0 G multiplications when all" in words(at)
    lines = {one["name"]: one["y"] for one in json.loads(at.get("plotly_chart")[0].proto.spec)["data"] if "name" in one}
    assert lines["all patches"][3] == 2_003_828_736  # 56 x 56 patches, C = 96
    assert lines["windows of 4 × 4"][3] == 4 * 3136 * 96**2 + 2 * 16 * 3136 * 96
    assert titles(shown("Swin", windows="In a model", model=swin)) == [
        "Its window",
        "mean of all heads",
        "head 1",
        "head 2",
    ]
    at = shown("Swin", windows="In a model")
    assert "Choose a Swin model" in words(at)
    assert "Where this patch looks" in titles(at)


def test_detr_explains_itself_until_a_model_is_here(detector):  # noqa: F811
    at = shown("DETR")
    assert "25 × 25 = 625 tokens" in titles(at)[0]
    assert "8 maps of 100 × 625" in words(at)
    at.button(key="vision:show_untrained").click().run()
    assert "random: never trained" in words(at)
    assert titles(at)[0] == "Boxes"
    at.button(key="vision:trained").click().run()
    assert "25 × 25 = 625 tokens" in titles(at)[0]
    assert titles(shown("DETR", model=detector))[0] == "Boxes"


def test_a_screen_that_cannot_ask_the_model_takes_one_that_it_can():
    at = shown("DETR", model="facebook/detr-resnet-50")
    at.segmented_control(key="vision:screen").set_value("Shift and shuffle").run()
    assert at.session_state["vision:model"] == VIT
    assert "gaze-advice" not in said(at)
