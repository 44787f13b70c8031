"""Walks from page to page in one session: what one page remembers, another never takes for its own."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.apptest import SHELL

pytestmark = pytest.mark.slow  # each page is drawn again and again

#: Of every page with choices the one that says what is seen: (name of its widget, what it is set to in turn).
VIEWS = {
    "attention": ("show", ()),
    "alignment": ("view", ("Pair", "File")),
    "blank": ("show", ()),
    "bugs": ("panel", ()),
    "tokenizers": ("show", ()),
    "transfer": ("show", ()),
    "inside": ("screen", ("Steps", "Scale", "Masks", "Kinds", "Heads", "Order", "Stream", "Break it")),
    "surgery": ("view", ("Heads", "By hand")),
    "positions": ("show", ()),
    "efficient": ("view", ("Maps",)),
    "embedding": ("units", ("sentences", "words")),
    "vision": ("screen", ("Look", "Positions", "Patches")),
    "clip": ("screen", ("Matrix", "Zero-shot", "Retrieval", "Word to region", "SimCLR")),
}
FAR = "google/vit-base-patch16-224"  # not here, and no test has a network
BARE = ("models", "start", "lab_sheets")  # nothing is chosen there
PAGES = (*VIEWS, *BARE)


@pytest.fixture
def walk() -> AppTest:
    at = AppTest.from_file(str(SHELL), default_timeout=240)
    at.session_state["embedding/session kept"] = {"method": "PCA"}  # UMAP takes seconds, and is no other page's affair
    return at


def step(at: AppTest, page: str) -> AppTest:
    at.switch_page(f"../pages/{page}.py").run()
    return sound(at)


def sound(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].message
    wrong = [one.proto.body for one in at.get("html") if 'role="alert"' in one.proto.body]
    assert not wrong, wrong
    return at


def kept(at: AppTest, page: str) -> dict:
    """The choices of a page, whether it is drawn or not."""
    name = f"{page}/session kept"
    return dict(at.session_state[name]) if name in at.session_state else {}


def options_of(at: AppTest, page: str) -> tuple[str, tuple]:
    """The widget that says what is seen, and all that it may be set to."""
    name, some = VIEWS[page]
    for box in (*at.button_group, *at.selectbox, *at.radio):
        if box.key == f"{page}:{name}":
            return name, some or tuple(one.content if hasattr(one, "content") else one for one in box.options)
    return name, some


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_the_same_after_any_other(walk, page):
    """There and back from one page to all others: every ordered pair that it is part of, in one session."""
    step(walk, page)
    mine, others = kept(walk, page), {}
    for turn, other in enumerate(one for one in PAGES if one != page):
        step(walk, other)
        if other in VIEWS:
            name, options = options_of(walk, other)
            if options:
                walk.session_state[f"{other}:{name}"] = options[turn % len(options)]
                sound(walk.run())
        others[other] = kept(walk, other)
        assert kept(walk, page) == mine
        step(walk, page)
        assert kept(walk, page) == mine
        assert {one: kept(walk, one) for one in others} == others


@pytest.mark.parametrize("after", ["alignment", "blank", "transfer", "tokenizers", "surgery", "efficient", "inside"])
def test_what_is_typed_on_one_page_is_not_on_another(walk, after):
    step(walk, "attention")
    walk.text_input(key="attention:text").set_value("Nobody wrote this.")
    sound(walk.run())
    step(walk, after)
    boxes = [box.value for box in (*walk.text_input, *walk.text_area)]
    assert "Nobody wrote this." not in boxes
    step(walk, "attention")
    assert walk.text_input(key="attention:text").value == "Nobody wrote this."


def test_the_view_of_one_page_is_not_the_other_ones(walk):
    """Surgery and Alignment both have a `view`, Inside, Vision and CLIP a `screen`, Surgery and Inside a hand."""
    step(walk, "surgery")
    walk.session_state["surgery:view"] = "By hand"
    sound(walk.run())
    step(walk, "inside")
    assert walk.session_state["inside:screen"] == "Steps"
    step(walk, "alignment")
    assert walk.session_state["alignment:view"] == "Pair"
    step(walk, "surgery")
    assert walk.session_state["surgery:view"] == "By hand"


def test_a_model_that_is_not_there_on_one_page_is_asked_by_no_other(walk):
    step(walk, "vision")
    walk.session_state["vision:model"] = FAR
    walk.run()
    assert not walk.exception and any('role="alert"' in one.proto.body for one in walk.get("html"))
    for other in ("clip", "attention", "embedding", "inside"):
        step(walk, other)
    step(walk, "attention")
    assert walk.session_state["attention:model"] != FAR


def test_where_the_slider_of_a_map_stands_is_no_layer_of_another_page(walk):
    step(walk, "embedding")
    walk.session_state["embedding/position"] = 3
    sound(walk.run())
    step(walk, "vision")
    step(walk, "transfer")
    step(walk, "embedding")
    assert walk.session_state["embedding/position"] == 3
