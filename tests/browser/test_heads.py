"""The browser half of the Attention page, seen through a real browser."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.chromium import PHONE, ROOT, serve

EVIL = "</script><img src=x onerror='window.pwned=1'>"
WORDS = ["[CLS]", "cat", "sat", EVIL, "قطة", "cat", "[SEP]"]

APP = """
import sys
from pathlib import Path
import streamlit as st
sys.path.insert(0, {root!r})
from ui.components.heads.view import heads_view
here = Path(__file__).parent
st.set_page_config(layout="wide")
data = st.selectbox("data", ["first", "second", "bytes", "linked"], key="data", bind="query-params")
if st.button("write"):
    st.query_params["other"] = "7"
st.write("run", st.session_state.setdefault("runs", 0))
st.session_state["runs"] += 1
if data == "linked":
    for key in "ab":
        heads_view((here / f"linked_{{key}}.bin").read_bytes(), key=key, height=420)
else:
    event = heads_view((here / f"{{data}}.bin").read_bytes(), key="heads", height=560)
    if event.toggle_head:
        st.write("-".join(str(event.toggle_head[part]) for part in ("kind", "layer", "head")))
"""


def weights(seed, heads=3, layers=2):
    scores = np.random.default_rng(seed).normal(0, 2, (layers, heads, len(WORDS), len(WORDS)))
    return np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)


def encode(maps, *, code="u16", endpoint=None, link=None, key="first", words=WORDS):
    """The wire format a second time, written from its description alone."""
    layers, heads = maps.shape[:2]
    maps = np.concatenate([maps, maps.mean(1, keepdims=True)], 1)
    codes = np.round(maps * 65535).astype("<u2") if code == "u16" else np.round(255 * np.sqrt(maps)).astype("u1")
    tokens = [
        {"text": text, "index": k, "special": text[0] == "[", "word": k, "segment": 0} for k, text in enumerate(words)
    ]
    kind = {
        "kind": "encoder", "title": "Encoder self-attention", "rows": tokens, "columns": tokens,
        "layers": layers, "numbers": [*range(1, layers + 1)], "heads": heads, "extra": ["mean"], "block": [1, 1],
        "measures": {"entropy": (-(maps * np.log2(maps)).sum(-1).mean(-1)[:, :heads]).tolist()},
    }  # fmt: skip
    header = {
        "key": key, "request": {"text": "x"}, "shown": {}, "endpoint": endpoint, "link": link,
        "start": {"kind": "encoder", "layer": 1, "head": 2, "view": "heatmap"}, "off": [["encoder", 0, 1]],
        "kinds": [kind], "captions": {}, "measure_titles": {"entropy": ["Entropy", "bits; low = sharp"]},
    }  # fmt: skip
    arrays = [{"name": "encoder", "type": codes.dtype.name, "shape": codes.shape}]
    text = json.dumps({"header": header, "arrays": arrays}).encode()
    numbers = codes.tobytes() + bytes(-codes.nbytes % 4)
    return len(text).to_bytes(4, "little") + text + bytes(-(4 + len(text)) % 4) + numbers


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    payloads = {
        "first": encode(weights(1)),
        "second": encode(weights(2), key="second"),
        "bytes": encode(weights(3), code="u8", endpoint="gaze", key="bytes"),
        "linked_a": encode(weights(1), link="pair", key="a"),
        "linked_b": encode(weights(2), link="pair", key="b"),
    }
    for name, payload in payloads.items():
        (folder / f"{name}.bin").write_bytes(payload)
    (folder / "app.py").write_text(APP.format(root=str(ROOT)), encoding="utf-8")
    with serve(folder / "log", folder / "app.py") as server:
        yield server.url


@pytest.fixture
def visit(new_page, address):
    """visit(query) -> a page whose view is ready."""

    def go(query="", prepare=None, **options):
        page = new_page(**options)
        if prepare:
            prepare(page)
        page.goto(f"{address}/?{query}")
        page.locator(".gaze-heads[data-ready]").first.wait_for()
        return page

    return go


def chosen(page, place=0):
    data = page.locator(".gaze-heads").nth(place).evaluate("root => ({...root.dataset})")
    return data["kind"], data["layer"], data["head"]


def query_of(page):
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_query(page, key, value):
    same = "([key, value]) => new URLSearchParams(location.search).get(key) === value"
    page.wait_for_function(same, arg=[key, value])


def show_cell(page, column):
    """Walk by keyboard from the locked row to a column; return the tooltip."""
    page.locator(".figure canvas.top").focus()
    for _ in range(column):
        page.keyboard.press("ArrowRight")
    return page.locator(".tip").inner_text()


def number_in(text):
    return float(re.search(r": ≈?\s*([\d.]+)\s%", text)[1]) / 100


def overview(page):
    return page.locator(".left .layers canvas.top")


def test_value_of_a_cell_is_the_one_sent(visit):
    tip = show_cell(visit("layer=1&head=2&row=2"), 5)
    assert re.match(r".?sat.? \(2\) → .?cat.? \(5\)", tip)
    assert number_in(tip) == pytest.approx(weights(1)[1, 2, 2, 5], rel=6e-3)
    assert "≈" not in tip


def test_bytes_are_squared_and_marked_as_rounded(visit):
    page = visit("data=bytes&layer=0&head=1&row=4", lambda page: page.route("**/gaze/head", lambda r: r.abort()))
    tip = show_cell(page, 3)
    assert "≈" in tip
    assert number_in(tip) == pytest.approx(weights(3)[0, 1, 4, 3], abs=4e-3)


def test_exact_weights_replace_rounded_ones(visit):
    asked = []
    exact = np.eye(len(WORDS), dtype="<f4") * 0.875 + 0.125 / len(WORDS)

    def answer(route):
        asked.append(route.request.post_data_json)
        route.fulfill(body=exact.tobytes(), content_type="application/octet-stream")

    page = visit("data=bytes&layer=1&head=mean&row=3", lambda page: page.route("**/gaze/head", answer))
    page.locator(".gaze-heads[data-exact='1']").wait_for()
    assert asked == [{"request": {"text": "x"}, "shown": {}, "kind": "encoder", "layer": 1, "head": "mean"}]
    tip = show_cell(page, 3)
    assert number_in(tip) == pytest.approx(exact[3, 3], abs=1e-3)
    assert "≈" not in tip


def test_failed_fetch_keeps_the_picture_and_says_so(visit):
    page = visit("data=bytes&row=3", lambda page: page.route("**/gaze/head", lambda route: route.fulfill(status=500)))
    expect(page.locator(".note")).to_have_text("The exact numbers did not arrive: what you see is rounded.")
    assert page.locator(".gaze-heads").get_attribute("data-exact") == "0"


def test_click_and_arrow_keys_choose_a_head_without_the_server(visit):
    sent = []

    def spy(page):
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append("frame")))
        # The browser itself asks for the page's icon again whenever the address changes.
        page.on("request", lambda request: "favicon" in request.url or sent.append(request.url))

    page = visit("data=first", spy)
    page.wait_for_load_state("networkidle")
    sent.clear()
    assert chosen(page) == ("encoder", "1", "2")
    overview(page).click(position={"x": 60, "y": 50})
    assert chosen(page) == ("encoder", "0", "0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert chosen(page) == ("encoder", "1", "1")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert chosen(page) == ("encoder", "1", "mean")
    expect(page.locator("h2")).to_have_text("Layer 2 · mean of its heads")
    page.get_by_role("radio", name="Lines").click()
    page.get_by_role("radio", name="Text").click()
    wait_for_query(page, "view", "text")
    assert not sent


def test_address_is_restored_and_keeps_keys_of_others(visit):
    page = visit("data=second&mine=1&layer=0&head=1&view=text&row=2")
    assert chosen(page) == ("encoder", "0", "1")
    expect(page.locator(".piece.pointed")).to_have_text("sat")
    overview(page).focus()
    page.keyboard.press("ArrowDown")
    wait_for_query(page, "layer", "1")
    wanted = {"kind": "encoder", "layer": "1", "head": "1", "view": "text", "order": "number", "row": "2"}
    assert query_of(page) == {"data": "second", "mine": "1", **wanted}


def test_address_survives_widgets_and_query_params_of_the_page(visit):
    page = visit("layer=0&head=0")
    overview(page).focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="write").click()
    wait_for_query(page, "other", "7")
    wait_for_query(page, "head", "1")
    choose_data(page, "second")
    page.locator(".gaze-heads[data-ready='second']").wait_for()
    wait_for_query(page, "data", "second")
    query = query_of(page)
    assert (query["layer"], query["head"], query["other"]) == ("0", "1", "7")
    assert chosen(page) == ("encoder", "0", "1")


def choose_data(page, name):
    page.get_by_role("combobox", name="data").click()
    page.get_by_role("option", name=name).click()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("layer=99", "Layer 100 does not exist in this model (it has 2): showing layer 2."),
        ("head=12", "Head 13 does not exist in this model (it has 3 a layer): showing head 3."),
        ("head=x", "“x” is not a head: showing head 3."),
        ("view=%3C/script%3E%3Cimg%20src=x%20onerror=window.pwned=1%3E", "is not a form of this picture"),
        ("kind=decoder", "“decoder” is not a kind of attention of this model: showing encoder self-attention."),
    ],
)
def test_bad_address_is_answered_with_one_sentence(visit, query, sentence):
    page = visit(query)
    expect(page.locator(".note")).to_contain_text(sentence)
    assert chosen(page) == ("encoder", "1", "2")
    assert page.evaluate("window.pwned") is None


def test_token_that_looks_like_markup_stays_text(visit):
    page = visit("view=text")
    expect(page.locator(".piece").nth(3)).to_have_text(EVIL)
    expect(page.locator(".gaze-heads img")).to_have_count(0)
    page.get_by_role("radio", name="Heatmap").click()
    assert page.evaluate("window.pwned") is None


def test_switching_a_head_off_is_the_only_message(visit):
    page = visit("layer=0&head=2")
    page.get_by_role("button", name="switch this head off").click()
    expect(page.get_by_text("encoder-0-2")).to_be_visible()
    overview(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="switch on again")).to_be_visible()


def test_linked_views_follow_each_other(visit):
    page = visit("data=linked")
    page.locator(".gaze-heads[data-ready='b']").wait_for()
    overview(page).nth(1).focus()
    page.keyboard.press("ArrowLeft")
    assert chosen(page, 0) == chosen(page, 1) == ("encoder", "1", "1")
    wait_for_query(page, "head", "1")


def corner(page):
    """Brightness of the low end of the colour scale, as drawn."""
    return page.locator(".left canvas.scale").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(6, 5, 1, 1).data].slice(0, 3).reduce((a, b) => a + b) / 3"
    )


def test_weight_scale_begins_at_the_ground_of_the_theme(visit):
    assert corner(visit(dark=False)) > 225
    assert corner(visit(dark=True)) < 60


def test_phone_shows_the_detail_first_in_one_column(visit):
    page = visit("layer=1&head=0", size=PHONE, has_touch=True)
    detail, heads = page.locator(".right").bounding_box(), page.locator(".left").bounding_box()
    assert detail["y"] + detail["height"] <= heads["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".figure canvas.top").tap(position={"x": 200, "y": 200})
    expect(page.locator(".tip")).to_contain_text("→")
    page.wait_for_function("() => new URLSearchParams(location.search).has('row')")


def test_two_words_are_held_and_the_heads_are_asked_for_the_edge(visit):
    page = visit("data=bytes&layer=0&head=1&view=lines&row=2&column=5")
    maps = weights(3)
    wanted = np.unravel_index(maps[:, :, 2, 5].argmax(), maps.shape[:2])
    page.get_by_role("button", name="which heads?").click()
    host = page.locator("[data-order=held]").first
    assert (host.get_attribute("data-layer"), host.get_attribute("data-head")) == tuple(str(one) for one in wanted)
    seen = page.locator("p.see").inner_text()
    assert f"most in head {wanted[0] + 1}.{wanted[1] + 1}, " in seen
    assert f"{int((maps[:, :, 2, 5] >= 0.1).sum())} of 6 heads" in seen
    expect(page).to_have_url(re.compile("order=held"))
    page.locator("canvas.lines").focus()
    page.keyboard.press("Escape")
    expect(page.locator("[data-order=number]").first).to_be_attached()
    assert page.get_by_role("button", name="which heads?").is_hidden()


def test_a_token_in_the_text_shows_what_it_looks_at_and_what_looks_at_it(visit):
    page = visit("layer=1&head=2&view=text&row=2")
    expected = weights(1)[1, 2]
    words = page.locator(".gaze-heads .word")
    expect(words.first).to_be_visible()
    given = [one.strip() for one in words.locator(".share").all_inner_texts()]
    taken = [one.get_attribute("data-takes") for one in words.all()]
    in_percent = lambda share: str(round(100 * share)) if share >= 0.03 else ""  # noqa: E731
    assert given == [in_percent(share) for share in expected[2]]
    assert taken == [in_percent(share) for share in expected[:, 2]]


def test_a_block_of_cells_is_drawn_with_the_mouse_and_the_heads_are_asked_for_it(visit):
    page = visit("data=first&layer=0&head=1")
    canvas = page.locator(".figure canvas.top")
    box = canvas.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    page.mouse.move(*at(0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(0.8, 0.8), steps=4)
    page.mouse.up()
    page.wait_for_function("() => new URLSearchParams(location.search).has('block')")
    found = query_of(page)
    row, column = int(found["row"]), int(found["column"])
    last_row, last_column = (int(one) for one in found["block"].split("."))
    assert last_row > row and last_column > column
    given = weights(1)[:, :, row : last_row + 1, column : last_column + 1].sum(-1).mean(-1)
    layer, head = np.unravel_index(given.argmax(), given.shape)
    assert f"most in head {layer + 1}.{head + 1}, {number(100 * given.max())}" in page.locator("p.see").inner_text()
    page.reload()
    expect(page.locator("p.see")).to_contain_text("a row on average")
    page.locator(".figure canvas.top").focus()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !new URLSearchParams(location.search).has('block')")


def number(share):
    return f"{share:.0f}" if share >= 9.95 else f"{share:.1f}"


def percents(shares):
    return [str(round(100 * share)) if share >= 0.03 else "" for share in shares]


def test_several_words_are_held_in_the_text_and_each_is_let_go_by_a_click(visit):
    page = visit("layer=1&head=2&view=text")
    maps = weights(1)[1, 2]
    words, pieces = page.locator(".gaze-heads .word"), page.locator(".gaze-heads .piece")
    for place in (2, 4, 5):
        pieces.nth(place).click()
    wait_for_query(page, "row", "2_4_5")
    pieces.nth(4).click()
    wait_for_query(page, "row", "2_5")
    page.mouse.move(0, 0)
    assert page.locator(".piece.pointed").count() == 2
    assert [one.strip() for one in words.locator(".share").all_inner_texts()] == percents(maps[[2, 5]].mean(0))
    assert [one.get_attribute("data-takes") for one in words.all()] == percents(maps[:, [2, 5]].sum(1))
    assert "On average over the 2 words held" in page.locator("p.see").inner_text()
    page.reload()
    expect(page.locator(".piece.pointed")).to_have_count(2)
    page.get_by_role("button", name="let all go").click()
    page.wait_for_function("() => !new URLSearchParams(location.search).has('row')")
    expect(page.locator(".piece.pointed")).to_have_count(0)
    assert page.get_by_role("button", name="let all go").is_hidden()


def test_lines_are_those_of_every_word_that_is_held(visit):
    page = visit("layer=1&head=2&view=lines&row=2_5")
    maps = weights(1)[1, 2] > 0.004
    drawn = page.evaluate("""() => {
        const pen = CanvasRenderingContext2D.prototype, draw = pen.bezierCurveTo, lines = [];
        pen.bezierCurveTo = function(...given) {
            lines.push(this.getLineDash().length > 0);
            return draw.apply(this, given);
        };
        window.dispatchEvent(new Event("resize"));
        pen.bezierCurveTo = draw;
        return lines;
    }""")
    others = [place for place in range(len(WORDS)) if place not in (2, 5)]
    assert drawn.count(False) == maps[[2, 5]].sum()
    assert drawn.count(True) == maps[np.ix_(others, [2, 5])].sum()


@pytest.mark.parametrize("form", ["lines", "text"])
def test_words_are_held_and_let_go_by_keyboard(visit, form):
    page = visit(f"layer=1&head=2&view={form}")
    page.locator({"lines": "canvas.lines", "text": ".figure .text"}[form]).focus()
    for key in ("ArrowDown", "ArrowDown", "Enter", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    wait_for_query(page, "row", "1_3")
    assert "(1), " in page.locator(".live").text_content()
    page.keyboard.press("Enter")
    wait_for_query(page, "row", "1")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !new URLSearchParams(location.search).has('row')")


def test_a_linked_view_holds_the_same_words(visit):
    page = visit("data=linked&view=text")
    page.locator(".gaze-heads[data-ready='b']").wait_for()
    left, right = page.locator(".gaze-heads").nth(0), page.locator(".gaze-heads").nth(1)
    for place in (1, 5):
        left.locator(".piece").nth(place).click()
    expect(right.locator(".piece.pointed")).to_have_text(["cat", "cat"])


def test_cells_are_held_one_by_one_in_the_map_and_the_heads_are_asked_for_all(visit):
    page = visit("data=first&layer=0&head=1&row=1_3&column=4_0")
    given = (weights(1)[:, :, 1, 4] + weights(1)[:, :, 3, 0]) / 2
    layer, head = np.unravel_index(given.argmax(), given.shape)
    wanted = f"The 2 cells held, on average: most in head {layer + 1}.{head + 1}, {number(100 * given.max())}"
    assert wanted in page.locator("p.see").inner_text()


def test_a_saved_picture_says_which_words_are_held(visit):
    page = visit("layer=1&head=2&view=lines&row=1_2")
    lines = page.evaluate("""() => {
        const lines = [];
        window.dispatchEvent(new CustomEvent("gaze:saving", { detail: { lines } }));
        return lines;
    }""")
    assert [one.replace("\u2068", "").replace("\u2069", "") for one in lines][-1] == "Held: “cat” (1), “sat” (2)"
