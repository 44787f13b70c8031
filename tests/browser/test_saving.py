"""What is saved is what is seen: pictures as SVG, PNG and PDF from the browser, and exact numbers from the page."""

import base64
import csv
import io
import re
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as parquet
import pytest
from PIL import Image
from playwright.sync_api import expect

from ui import state

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"


def save(page, name: str, line: str = "Picture") -> tuple[str, bytes]:
    """(file name, content) of what a button of the Save menu hands out."""
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    with page.expect_download() as download:
        menu.locator(".line", has=page.get_by_text(line, exact=True)).get_by_role("button", name=name).click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    return download.value.suggested_filename, download.value.path().read_bytes()


def texts(svg: bytes) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def largest_picture(svg: bytes) -> np.ndarray:
    """The pixels of the largest picture within it: the heatmap."""
    nodes = ElementTree.fromstring(svg).iter(f"{SVG}image")
    found = max(nodes, key=lambda node: float(node.get("width")) * float(node.get("height")))
    return np.array(Image.open(io.BytesIO(base64.b64decode(found.get("href").partition(",")[2]))).convert("RGB"))


def test_the_heads_are_saved_with_their_tokens_their_cells_and_their_scale(visit):
    page = visit("/attention?kind=cross&layer=3&head=2")
    name, svg = save(page, "SVG")
    assert name == "gaze-attention.svg"
    said = texts(svg)
    cross = state.first().attentions[2]
    assert {token.text for token in (*cross.queries, *cross.keys)} <= set(said)
    assert "Layer 4 · head 3" in said and "100 %" in said
    told = " ".join(said)
    for part in (
        "The black cat sleeps on the old chair.", "translator @ ", "Cross-attention, Layer 4 · head 3",
        "root of the weight, 0 to 100 %", "layer=3&head=2",
    ):  # fmt: skip
        assert part in told, part
    pixels = largest_picture(svg)
    rows, columns = cross.weights.shape[2:]
    middle = pixels[
        ((np.arange(rows) + 0.5) * pixels.shape[0] / rows).astype(int)[:, None],
        ((np.arange(columns) + 0.5) * pixels.shape[1] / columns).astype(int),
    ].astype(float) @ [0.299, 0.587, 0.114]
    weights = cross.weights[3, 2]
    apart = np.subtract.outer(weights.ravel(), weights.ravel()) > 0.02
    assert (np.subtract.outer(middle.ravel(), middle.ravel())[apart] < 0).all()  # more weight is darker, everywhere


def test_numbers_on_screen_are_those_in_the_files(visit):
    page = visit("/attention?kind=cross&layer=3&head=2")
    weights = state.first().attentions[2].weights[3, 2]
    _, table = save(page, "CSV", "This head")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert np.array_equal(np.array([row[1:] for row in rows[1:]], np.float32), weights)
    name, arrays = save(page, "NPZ", "This head")
    assert name == "gaze-attention-this-head.npz"
    with np.load(io.BytesIO(arrays)) as found:
        assert np.array_equal(found["values"], weights)
    _, columns = save(page, "Parquet", "This head")
    table = parquet.read_table(io.BytesIO(columns))
    assert np.array_equal(np.array([table.column(k).to_numpy() for k in range(1, table.num_columns)]).T, weights)
    page.locator("canvas.top").first.press("ArrowRight")  # the next head
    expect(page.locator("h2", has_text="head 4")).to_be_visible()
    with np.load(io.BytesIO(save(page, "NPZ", "This head")[1])) as found:
        assert np.array_equal(found["values"], state.first().attentions[2].weights[3, 3])


@pytest.mark.parametrize("dark", [False, True])
def test_pictures_of_pixels_and_pages(visit, dark):
    page = visit("/attention", dark=dark)
    name, slide = save(page, "PNG for a slide")
    picture = Image.open(io.BytesIO(slide))
    assert name == "gaze-attention-slide.png" and picture.size == (1920, 1080)
    ground = sum(picture.convert("RGB").getpixel((3, 3)))
    assert ground < 150 if dark else ground == 765
    assert Image.open(io.BytesIO(save(page, "PNG for print")[1])).width == 3508
    pdf = save(page, "PDF")[1]
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page ") == 1 and b"/ToUnicode" in pdf


def test_lines_and_text_are_saved_as_they_are_seen(visit):
    page = visit("/attention?kind=cross&layer=3&head=2&view=lines")
    _, svg = save(page, "SVG")
    said = texts(svg)
    assert "query" in said and "key (source)" in said and "chaise" not in said and "chat" in said
    curves = [n for n in ElementTree.fromstring(svg).iter(f"{SVG}path") if "C" in n.get("d") and n.get("stroke")]
    assert len(curves) >= 13  # a line for each query at least
    page = visit("/attention?kind=encoder&layer=0&head=0&view=text")
    _, svg = save(page, "SVG")
    assert {"black", "cat", "chair"} <= {one.strip() for one in texts(svg)}
    assert "stronger colour: more attention" in " ".join(texts(svg))  # on one line or on two
    assert largest_picture(svg).size < 200 * 200 * 3  # heads of the overview, and no heatmap


def test_both_sides_of_a_comparison_are_saved(visit):
    page = visit("/attention?off=encoder+1.1&kind=cross&layer=3&head=2")
    _, svg = save(page, "SVG")
    said = texts(svg)
    assert said.count("Layer 4 · head 3") >= 1 and "before" in said and "after" in said
    assert any(one.startswith("Edit: 1 head off") for one in said)
    xs = [
        float(re.search(r"matrix\(\S+ \S+ \S+ \S+ (\S+) ", node.get("transform")).group(1))
        for node in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if node.text in ("before", "after")
    ]
    assert xs[1] - xs[0] > 300  # side by side
    before, after = (save(page, "NPZ", f"This head, {when}")[1] for when in ("before", "after"))
    assert before != after


def test_the_menu_is_reached_by_keys_alone(visit):
    page = visit("/positions")
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    expect(menu.get_by_role("button", name="PNG for a slide")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(menu.get_by_role("button", name="PNG for print")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


@pytest.mark.parametrize(
    "path", ["alignment", "embedding?method=PCA", "surgery", "clip", "next_token", "tokenizers", "bugs"]
)
def test_every_kind_of_picture_is_saved_as_svg_and_pdf(visit, path):
    page = visit(f"/{path}")
    _, svg = save(page, "SVG")
    assert len(texts(svg)) > 8
    found = ElementTree.fromstring(svg)
    drawn = sum(1 for node in found.iter() if node.tag in (f"{SVG}path", f"{SVG}image"))
    assert drawn > (800 if path.startswith("embedding") else 2)  # 400 points on each side
    assert save(page, "PDF")[1].startswith(b"%PDF")


def ground(svg: bytes) -> str:
    return next(ElementTree.fromstring(svg).iter(f"{SVG}rect")).get("fill")


@pytest.mark.parametrize("path", ["attention?kind=cross&layer=3&head=2", "transfer"])
def test_a_dark_screen_is_saved_as_it_is_or_on_white_paper(visit, path):
    page = visit(f"/{path}", dark=True)
    _, dark = save(page, "SVG")
    assert ground(dark) == "rgb(15, 20, 27)"
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    menu.get_by_role("button", name="White paper").click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    _, white = save(page, "SVG")
    assert ground(white) == "#ffffff" and texts(white) == texts(dark)
    nodes = [node for node in ElementTree.fromstring(white).iter(f"{SVG}text")]
    inks = [re.findall(r"\d+", node.get("fill")) for node in nodes if node.get("fill").startswith("rgb")]
    assert inks and max(sum(map(int, ink[:3])) / 3 for ink in inks) < 170  # no letter is pale
    if path.startswith("attention"):
        assert (largest_picture(white).mean() > 180) and (largest_picture(dark).mean() < 80)
        expect(page.locator(".gaze-heads.dark")).to_be_visible()  # the screen is as it was
    assert save(page, "PDF")[1].startswith(b"%PDF")


def test_a_picture_is_copied(visit):
    page = visit("/positions")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    menu.get_by_role("button", name="Copy picture").click()
    expect(menu.get_by_role("status")).to_have_text("The picture is copied: paste it where you want it.")
    pasted = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const image = await createImageBitmap(await item.getType("image/png"));
            return [image.width, image.height];
        }"""
    )
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    _, svg = save(page, "SVG")
    size = ElementTree.fromstring(svg)
    assert pasted == [round(2 * float(size.get(side))) for side in ("width", "height")]


def test_a_page_that_gives_nothing_away_does_not_offer_what_another_gave(visit):
    page = visit("/attention")
    page.locator("[data-testid=stSidebarNavLink]", has_text="Lab sheets").click()
    page.wait_for_url("**/lab_sheets")
    expect(page.get_by_role("button", name="Open lab sheets")).to_be_visible()
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    expect(menu.get_by_role("button", name="Copy link")).to_be_visible()
    expect(menu.get_by_text("This head")).to_have_count(0)
