"""The page on vision transformers: what is sent, what is asked later, every kind of picture, and nonsense."""

import asyncio
import io
import json
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.analyses import patch_maps
from core.analyses.relevance import left, relevance
from core.data import pictures
from core.data.gallery import gallery
from core.data.pictures import picture, scene_of
from core.engine import ask
from core.measures.patches import share_on
from core.requests import ImageRequest
from core.types import Attention, ImageEncoding, Patches, Refused, Token
from tests.apptest import SHELL, address, components
from tests.drawn import said, unpacked
from ui.components.patches.message import pack_patches
from ui.components.thumbnails.message import pack_thumbnails
from ui.pictures import compose
from ui.server import vision
from ui.views.vision.on_object import by_head

VIT = ImageRequest("emoji-vit", "cat-and-dog")
WIDE = ImageRequest("emoji-vit", "beach-panorama", "whole")
BODY = {"request": {"model": "emoji-vit", "image": "cat-and-dog", "fit": "model"}}


def made_up(rows: int, columns: int, prefix: int, layers: int = 2, heads: int = 2) -> ImageEncoding:
    """Weights by chance over a wide picture, of which the model saw the middle."""
    patches = Patches(rows, columns, prefix, left=0.25, width=0.5)
    tokens = tuple(Token(f"t{i}", i, i, special=i < prefix) for i in range(prefix + rows * columns))
    draw = np.random.default_rng(prefix).exponential(size=(layers, heads, len(tokens), len(tokens)))
    weights = (draw / draw.sum(-1, keepdims=True)).astype(np.float32)
    attention = Attention("vision", tokens, tokens, weights)
    return ImageEncoding(ImageRequest("m", "beach-panorama"), "m", tokens, (attention,), patches=patches)


def opened(message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """(header, the picture's file and its weights)."""
    header, arrays = unpacked(message)
    most = {name: np.iinfo(codes.dtype).max for name, codes in arrays.items()}
    return header, {n: c.tobytes() if n == "picture" else (c / most[n]) ** 2 for n, c in arrays.items()}


# --- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [0, 1, 2, 5])
def test_rows_and_maps_arrive_patch_by_patch(prefix):
    encoding = made_up(3, 5, prefix)
    header, parts = opened(pack_patches(encoding))
    weights = encoding.attentions[0].weights
    count = prefix + 15
    assert (header["grid"], header["box"], len(header["first"])) == ([3, 5], [0.25, 0, 0.5, 1], prefix)
    rows = parts["rows"]
    wanted = weights[:, :, :prefix] if prefix else weights.mean(axis=2, keepdims=True)
    assert np.allclose(rows, wanted, atol=1e-5)
    maps = parts["maps"]
    assert maps.shape == (2, 2, count, count)
    # Patch (row 2, column 1) is token prefix + 2 * 5 + 1.
    assert np.allclose(maps[1, 0, prefix + 11, prefix + 11], weights[1, 0, prefix + 11, prefix + 11], atol=1e-5)
    assert np.allclose(maps, weights, atol=1e-5)
    with Image.open(io.BytesIO(parts["picture"])) as file:
        assert list(file.size) == header["size"] == [384, 192]


def test_a_large_model_sends_rows_alone_and_its_layers_when_asked(monkeypatch):
    encoding = made_up(14, 14, 1, layers=12, heads=12)
    message = pack_patches(encoding)
    header, parts = opened(message)
    assert len(message) < 3_000_000
    assert set(parts) == {"picture", "rows"}
    for module in (patch_maps, vision):
        monkeypatch.setattr(module, "ask", lambda _: encoding)
    layer = np.frombuffer(vision.maps(BODY | {"what": "layer", "layer": 7}), "u1").reshape(12, 197, 197)
    weights = encoding.attentions[0].weights
    assert np.abs((layer / 255.0) ** 2 - weights[7]).max() < 1 / 255
    one = np.frombuffer(vision.maps(BODY | {"what": "head", "layer": 7, "head": 3}), "u1")
    assert np.array_equal(one, layer[3].ravel())
    assert header["queries"] == 1
    mean = np.frombuffer(vision.maps(BODY | {"what": "head", "layer": 7, "head": "mean"}), "u1").reshape(197, 197)
    assert np.abs((mean / 255.0) ** 2 - weights[7].mean(axis=0)).max() < 1 / 255
    monkeypatch.setattr(vision, "MOST_BYTES", 1000)
    with pytest.raises(Refused, match="one head at a time"):
        vision.maps(BODY | {"what": "layer", "layer": 7})
    monkeypatch.setattr(patch_maps, "LONGEST_ROLLOUT", 100)
    with pytest.raises(Refused, match="197 tokens takes too long"):
        vision.maps(BODY | {"what": "rollout", "fusion": "mean", "discard": 0, "residual": 0.31})


def test_of_many_first_tokens_only_the_class_token_comes_along(monkeypatch):
    monkeypatch.setattr("ui.components.patches.message.MOST_BYTES", 400_500)
    encoding = made_up(3, 5, 5)
    header, parts = opened(pack_patches(encoding))
    assert (header["queries"], len(header["first"])) == (1, 5)
    assert np.allclose(parts["rows"][:, :, 0], encoding.attentions[0].weights[:, :, 0], atol=1e-5)


def test_a_thumbnail_shows_its_picture():
    names = (*list(gallery())[:13], "photo-cat")
    message = pack_thumbnails(names, "lion")
    header, arrays = unpacked(message)
    assert [one["name"] for one in header["pictures"]] == list(names)
    sheet = np.asarray(Image.open(io.BytesIO(arrays["sheet"].tobytes())), float)
    side = header["side"]
    for place in (0, 2, 12, 13):
        row, column = divmod(place, header["across"])
        shown = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        square = picture(names[place])
        edge = min(square.shape[:2])
        top, left_edge = (square.shape[0] - edge) // 2, (square.shape[1] - edge) // 2
        middle = square[top : top + edge, left_edge : left_edge + edge]
        assert np.abs(shown.mean(axis=(0, 1)) - middle.mean(axis=(0, 1))).max() < 4


def test_rollout_and_distances_when_asked():
    weights = np.asarray(ask(VIT).attentions[0].weights, np.float64)
    product = np.eye(65)
    for layer in weights:
        step = 0.75 * layer.max(axis=0) + 0.25 * np.eye(65)
        product = step / step.sum(axis=1, keepdims=True) @ product
    body = BODY | {"what": "rollout", "fusion": "max", "discard": 0, "residual": 0.25}
    found = (np.frombuffer(vision.maps(body), "<u2").reshape(65, 65) / 65535) ** 2
    assert np.allclose(found, product, atol=1e-4)
    far = np.frombuffer(vision.maps(BODY | {"what": "distances"}), "<f4").reshape(5, 5)
    places = np.array([divmod(i, 8) for i in range(64)], float)
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    inner = weights[4, 2, 1:, 1:]
    assert far[4, 2] == pytest.approx(((inner * apart).sum(1) / inner.sum(1)).mean(), rel=1e-4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"request": None}, "model and an image"),
        ({"request": {"model": "emoji-vit", "image": 3}}, "model and an image"),
        ({"request": BODY["request"] | {"fit": "round"}}, "whole"),
        ({"request": {"model": "emoji-vit", "image": "nowhere"}, "what": "distances"}, "no longer here"),
        ({"what": "layer", "layer": 5}, "layer"),
        ({"what": "layer", "layer": "x"}, "layer"),
        ({"what": "head", "layer": 0, "head": True}, "head"),
        ({"what": "rollout", "fusion": "median", "discard": 0, "residual": 0}, "median"),
        ({"what": "rollout", "fusion": "mean", "discard": 1.5, "residual": 0}, "discard"),
        ({"what": "everything"}, "rollout and distances"),
    ],
)
def test_what_there_is_not_is_refused(change, says):
    with pytest.raises(Refused, match=says):
        vision.maps(BODY | change)


def lines(body: dict) -> list[dict]:
    async def collect():
        return [json.loads(line) async for line in vision.relevance_lines(body)]

    with ThreadPoolExecutor(1) as thread:  # a browser test may have left its event loop running in this one
        return thread.submit(asyncio.run, collect()).result()


def test_relevance_comes_with_progress_and_is_what_the_classifier_reads(monkeypatch):
    told = []
    monkeypatch.setattr("core.analyses.relevance.watch", lambda maps, progress, stop: told.append((progress, stop)))
    found = lines(BODY | {"label": 77})[-1]["row"]
    assert np.allclose(found, relevance(VIT, 77)[0], rtol=1e-3, atol=1e-9)
    assert callable(told[0][0])
    assert callable(told[0][1])
    assert "no class" in lines(BODY | {"label": 5000})[-1]["advice"]
    assert "label" in lines(BODY | {"label": None})[-1]["advice"]


def test_relevance_tells_of_every_layer_and_can_be_stopped():
    told = []
    relevance(VIT, 3, progress=lambda *news: told.append(news))
    assert told[-1] == (5, 5)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    with pytest.raises(Refused, match="Stopped"):
        relevance(VIT, 3, cancelled=lambda: True)


# --- faithful, on the object ------------------------------------------------------------------------------------------


def test_deletion_of_nothing_changes_nothing():
    encoding = ask(WIDE)
    shape = encoding.patches.rows, encoding.patches.columns
    best = encoding.predictions[0].choices
    same = left(WIDE, np.zeros(shape, bool), best[0].label)
    assert [one.label for one in same] == [one.label for one in best]
    assert [one.probability for one in same] == pytest.approx([one.probability for one in best], rel=1e-4)
    unlikely = left(WIDE, np.zeros(shape, bool), 900)[-1]
    assert unlikely.label == 900
    assert unlikely.probability < best[-1].probability
    assert left(WIDE, np.ones(shape, bool), best[0].label)[0].label != best[0].label
    assert patch_maps.gone(WIDE, "rollout", 0, least=False, count=0).sum() == 0


def test_the_most_and_the_least_go_in_the_order_of_the_map():
    scores = patch_maps.map_of(VIT, "raw", 0)
    most, least = (patch_maps.gone(VIT, "raw", 0, least=flag, count=5) for flag in (False, True))
    assert set(scores[most]) == set(np.sort(scores.ravel())[-5:])
    assert set(scores[least]) == set(np.sort(scores.ravel())[:5])
    assert np.array_equal(patch_maps.map_of(VIT, "random", 0), patch_maps.map_of(VIT, "random", 9))


def test_share_on_an_object_by_pencil():
    filled = np.array([[1, 0.5], [0, 0]])
    assert share_on(np.array([[0.2, 0.2], [0.4, 0.2]]), filled) == pytest.approx(0.3)
    assert share_on(np.zeros((2, 2)), filled) == 0


def test_a_head_that_looks_everywhere_alike_has_the_ratio_of_chance(monkeypatch):
    encoding = made_up(2, 4, 1)
    even = Attention("vision", encoding.tokens, encoding.tokens, np.full((1, 1, 9, 9), 1 / 9, np.float32))
    request = ImageRequest("even", "beach-panorama")
    flat = ImageEncoding(request, "even", encoding.tokens, (even,), patches=Patches(2, 4, 1))
    monkeypatch.setattr("ui.views.vision.on_object.ask", lambda _: flat)
    monkeypatch.setattr("core.analyses.readout.parts_read", lambda _: ((1.0,), 0.0))
    mask = pictures.true_mask("beach-panorama")
    assert by_head(request)[0, 0] == pytest.approx(mask.mean(), rel=1e-5)


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page():
    def go(prepare=lambda at: None, **query) -> AppTest:
        at = AppTest.from_file(SHELL, default_timeout=60)
        for name, value in query.items():
            at.query_params[name] = value
        at.switch_page("../pages/vision.py")
        prepare(at)
        return at.run()

    return go


def sent(at: AppTest) -> dict:
    """The message of the overlay; the gallery may stand open before it."""
    return unpacked(next(one for one in components(at) if one.proto.component_name == "gaze_patches").proto.bytes)[0]


def advice(at: AppTest) -> str:
    return " ".join(one.proto.body for one in at.get("html") if 'role="alert"' in one.proto.body)


def test_the_page_begins_with_a_picture_that_tells_something(page):
    at = page()
    assert not at.exception
    header = sent(at)
    assert header["request"] == BODY["request"]
    assert header["classes"][0]["name"] == "cat face"
    assert header["classes"][0]["group"]
    assert "built in: emoji-vit" in said(at)
    assert "8 × 8 = 64 patches + 1 = 65 tokens" in said(at)


def test_a_wide_picture_in_its_own_shape(page):
    assert sent(page(picture="beach-panorama"))["grid"] == [8, 8]
    at = page(picture="beach-panorama", whole="true")
    assert sent(at)["grid"] == [8, 16]
    assert address(at, "vision")["picture"] == ["beach-panorama"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"picture": "nowhere"}, "not here"),
        ({"picture": "own-0123"}, "not here"),
        ({"model": "nobody/nothing"}, "nobody/nothing"),
        ({"model": "mini-gpt"}, "patch by patch"),
        ({"screen": "On the object", "picture": "photo-cat"}, "Nobody has drawn"),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture(page, query, says):
    at = page(**query)
    assert not at.exception
    assert says in advice(at)
    assert components(at) or at.image


def test_faithful_compares_four_orders_and_shows_what_is_left(page):
    at = page(screen="Faithful?", away="0")
    assert not at.exception
    assert at.get("plotly_chart")
    table = next(one.proto.body for one in at.get("html") if "insertion" in one.proto.body)
    assert all(title in table for title in patch_maps.METHODS.values())
    before_after = next(one.proto.body for one in at.get("html") if "<th>now</th>" in one.proto.body)
    assert before_after.count("45\u00a0%") == 2  # nothing away: the same


def test_curves_that_are_stopped_wait_for_go_on(page):
    request = ImageRequest("emoji-vit", "lion")
    label = ask(request).predictions[0].choices[0].label
    at = page(
        screen="Faithful?", picture="lion",
        prepare=lambda at: at.session_state.__setitem__("vision/stopped curves", (request, label)),
    )  # fmt: skip
    assert not at.exception
    assert not advice(at)
    assert not at.get("plotly_chart")
    at.button(key="vision:go on curves").click().run()
    assert at.get("plotly_chart")
    assert address(at, "vision")["label"] == [str(label)]


def test_what_is_refused_gets_advice_and_the_last_good_picture(page):
    at = page(picture="lion")
    at.session_state["vision/session asked"] = {"model": ["nobody/nothing"]}
    at.run()
    assert "nobody/nothing" in advice(at)
    assert sent(at)["request"] == BODY["request"] | {"image": "lion"}


def test_choices_are_kept_while_another_screen_is_drawn(page):
    at = page(screen="Swin", grid="12", window="4")
    at.segmented_control(key="vision:screen").set_value("Look").run()
    assert "grid" not in address(at, "vision")
    at.segmented_control(key="vision:screen").set_value("Swin").run()
    assert at.select_slider(key="vision:grid").value == 12
    assert address(at, "vision")["grid"] == ["12"]


def test_on_the_object_tells_every_method(page, monkeypatch):
    monkeypatch.setattr(patch_maps, "SEVERAL", 2)
    at = page(screen="On the object")
    assert not at.exception
    table = next(one.proto.body for one in at.get("html") if "on the object" in one.proto.body)
    assert all(patch_maps.METHODS[one] in table for one in ("raw", "rollout", "relevance"))


# --- bad pictures through the page --------------------------------------------------------------------------------


def file(image: Image.Image, kind: str = "PNG", **more) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **more)
    return data.getvalue()


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)


def bomb(side: int) -> bytes:
    """A PNG whose header promises so many pixels each way."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    whole = bytearray(file(Image.new("RGB", (8, 8))))
    whole[16:29] = head
    whole[29:33] = struct.pack(">I", zlib.crc32(bytes(whole[12:29])))
    return bytes(whole)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turn a quarter clockwise to show
    exif[0x010F] = "A camera that nobody shall hear of"
    return file(Image.fromarray(noise(40, 60)), "JPEG", exif=exif)


def bring(at: AppTest, name: str, data: bytes) -> AppTest:
    """Upload a file as a visitor does."""
    at.session_state["vision:picture_room"] = True
    at.run()
    at.file_uploader(key="vision:picture_file").upload(name, data, "image/png").run()
    return at


BAD = {"no picture": b"I am a text.", "60 million": bomb(40_000), "too small": file(Image.new("RGB", (1, 1)))}


def test_bad_files_get_a_sentence_and_the_picture_stays(page):
    at = page()
    for says, data in BAD.items():
        bring(at, "holiday.png", data)
        assert not at.exception
        assert says in advice(at)
        assert sent(at)["request"]["image"] == "cat-and-dog"


def gif() -> bytes:
    frames = [Image.fromarray(noise(30, 40)), Image.new("RGB", (40, 30), "red")]
    return file(frames[0], "GIF", save_all=True, append_images=frames[1:])


UNUSUAL = {
    "16 bits": file(Image.fromarray((np.arange(1200).reshape(30, 40) * 50).astype(np.uint16))),
    "CMYK": file(Image.fromarray(noise(30, 40)).convert("CMYK"), "JPEG"),
    "palette": file(Image.fromarray(noise(30, 40)).convert("P")),
    "animated": gif(),
    "turned": turned(),
    "transparent": file(Image.new("RGBA", (40, 30), (255, 0, 0, 0))),
}


def test_unusual_pictures_are_drawn(page):
    at = page()
    for kind, data in UNUSUAL.items():
        bring(at, "picture.png", data)
        assert not at.exception, kind
        assert not advice(at), kind
        header = sent(at)
        assert header["request"]["image"].startswith("own-"), kind
        assert header["size"] == ([40, 60] if kind == "turned" else [40, 30]), kind
        assert 20 < picture(header["request"]["image"]).mean() <= 255, kind  # none has gone black


def test_the_true_size_and_the_bits_that_are_used_are_named(page):
    at = page()
    bring(at, "scan.png", file(Image.fromarray((np.arange(1200).reshape(30, 40) * 3).astype(np.uint16))))
    said = " ".join(one.proto.body for one in at.get("html"))
    assert "Your picture (40 × 30 px; 12 of 16 bits used, 4,095 is white): " in said
    bring(at, "wide.png", file(Image.fromarray(np.zeros((1_100, 2_200, 3), np.uint8))))
    assert "Your picture (2,200 × 1,100 px): " in " ".join(one.proto.body for one in at.get("html"))


def test_sixteen_bits_keep_their_shades():
    shades = np.linspace(0, 65535, 1200).reshape(30, 40).astype(np.uint16)
    name = pictures.add_picture(file(Image.fromarray(shades)))
    assert np.abs(picture(name)[..., 0].astype(float) - shades / 257).max() <= 1.5


def test_what_the_file_tells_of_the_camera_is_dropped():
    message = pack_patches(ask(ImageRequest("emoji-vit", pictures.add_picture(turned()))))
    assert b"nobody shall hear" not in message
    with Image.open(io.BytesIO(opened(message)[1]["picture"])) as shown:
        assert not shown.getexif()


# --- composing ----------------------------------------------------------------------------------------------------


def test_a_scene_is_composed_in_the_page_and_its_mask_is_known(page):
    at = page(picture="cat-and-dog")
    at.session_state["vision:picture_room"] = True
    at.run()
    at.button_group(key="vision:picture_way").set_value("Compose").run()
    assert not at.exception
    which = at.session_state["vision:picture_which"]
    at.slider(key=f"vision:picture_x_{which}").set_value(10).run()
    name = sent(at)["request"]["image"]
    assert name.startswith("scene-")
    was, now = gallery()["cat-and-dog"].scene, scene_of(name)
    assert [one.key for one in now.placed] == [one.key for one in was.placed]
    assert now.placed[-1].x == pytest.approx(0.1)
    assert now.placed[0] == was.placed[0]
    assert pictures.true_mask(name).mean() > 0.03
    at.session_state["vision:picture_room"] = True
    at.run()
    at.multiselect(key="vision:picture_emoji").set_value([]).run()
    assert not at.exception
    assert scene_of(sent(at)["request"]["image"]).placed == ()


def test_another_scene_is_laid_out_as_it_is_not_as_the_last_one_was_left(page):
    at = page(picture="cat-and-dog")
    at.session_state["vision:picture_room"] = True
    at.run()
    at.button_group(key="vision:picture_way").set_value("Compose").run()
    which = at.session_state["vision:picture_which"]
    was = at.slider(key=f"vision:picture_x_{which}").value
    at.slider(key=f"vision:picture_x_{which}").set_value(10).run()
    at.button_group(key="vision:picture_way").set_value("Gallery").run()
    at.session_state["vision/picture"] = "cat-and-dog"
    at.run()
    at.button_group(key="vision:picture_way").set_value("Compose").run()
    assert not at.exception
    assert at.slider(key=f"vision:picture_x_{which}").value == was != 10
    at.button_group(key="vision:picture_way").set_value("Gallery").run()


def test_colours_go_to_the_picker_and_back():
    for colour in ((0.0, 1.0, 0.2), (0.93, 0.93, 0.9)):
        assert compose.fractions(compose.hexadecimal(colour)) == pytest.approx(colour, abs=1 / 255)
