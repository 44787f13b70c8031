"""A picture as the browser drew it, as a PDF of lines, pictures and letters that can be selected."""

from __future__ import annotations

import base64
import binascii
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, Transform
from PIL import Image, UnidentifiedImageError

from core.figures.colours import rgba
from core.figures.outlines import outline
from core.types import Refused

#: Faces to try in turn, by what they cover; a machine has some of them.
FACES = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Noto Sans SC",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Arial Unicode MS",
    "Segoe UI",
    "Segoe UI Emoji",
    "Apple Symbols",
)
EVEN = "DejaVu Sans Mono"  # comes with matplotlib
POINTS = 0.75  # of a CSS pixel
MOST_ITEMS = 60_000
MOST_PAGES = 200
MOST_SIDE = 20_000  # CSS pixels
MOST_PIXELS = 20_000_000  # of one picture in it
#: What goes wrong with numbers, texts and lists that are not what they should be.
UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError)
_DRAWING = threading.Lock()  # matplotlib's text layout shares state between figures


@lru_cache(maxsize=1)
def faces() -> tuple[str, ...]:
    """Those of FACES that this machine has."""
    here = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(face for face in FACES if face in here)


@lru_cache(maxsize=1)
def letters() -> frozenset[int]:
    """Every code point that one of the faces can draw."""
    return frozenset(code for face in faces() for code in FT2Font(font_manager.findfont(face)).get_charmap())


def lacking(texts: list[str]) -> str:
    """The characters that no face here has, each once."""
    return "".join(sorted({c for text in texts for c in text if ord(c) not in letters() and not c.isspace()}))


def texts_of(scene: Mapping[str, Any]) -> list[str]:
    """Every text of a scene, or of the pages of a sheet."""
    if "pages" in scene:
        return [text for page in scene["pages"] for text in texts_of(page)]
    return [str(item.get("text", "")) for item in scene["items"] if item.get("kind") == "text"]


def checked(scene: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same; Refused where it is no scene nor a sheet {title, pages} of some, or too large a one."""
    if "pages" in scene:
        pages = scene["pages"]
        if not isinstance(pages, list) or not all(isinstance(p, dict) and "pages" not in p for p in pages):
            raise Refused("This message holds no pages.")
        if not 1 <= len(pages) <= MOST_PAGES:
            raise Refused(f"A PDF has 1 to {MOST_PAGES} pages, and this has {len(pages):,}.")
        return {**scene, "pages": [checked(page) for page in pages]}
    items, width, height = scene.get("items"), scene.get("width"), scene.get("height")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused("This message holds no picture.")
    if not all(isinstance(side, int | float) and 1 <= side <= MOST_SIDE for side in (width, height)):
        raise Refused(f"A picture is 1 to {MOST_SIDE:,} pixels wide and high.")
    if len(items) > MOST_ITEMS:
        raise Refused(f"{len(items):,} strokes are too many for a PDF (up to {MOST_ITEMS:,}): save PNG instead.")
    return scene


def as_pdf(scene: Mapping[str, Any]) -> bytes:
    """One page as large as the picture; scene: {width, height, ground, title, caption, items}, in CSS pixels.

    A sheet {title, pages: [scene, ...]} gives a page for each.

    An item is a path {d, fill, stroke, width, dash, cap, join, evenodd}, a text {text, width, size, family, weight,
    italic, fill} that begins at the left end of its base line, or an image {href, width, height}; each has a matrix
    [a, b, c, d, e, f] as SVG has it, an opacity, and perhaps a clip [x, y, width, height]. Refused: what is none.
    """
    try:
        found = checked(scene)
        about = {"Title": str(found.get("title", ""))[:300], "Creator": "Gaze", "Producer": None, "CreationDate": None}
        told = "\n".join(str(line) for line in found.get("caption") or ())[:2000]
        return _drawn(found.get("pages") or [found], about | {"Subject": told})
    except Refused:  # it is a ValueError too
        raise
    except UNREADABLE as error:
        raise Refused("This message holds a picture that cannot be read.") from error


@contextmanager
def _alone() -> Iterator[None]:
    """One figure at a time, with our letters embedded as they are."""
    with _DRAWING, matplotlib.rc_context({"font.family": list(faces()), "pdf.fonttype": 42}):
        yield


def _drawn(scenes: Sequence[Mapping[str, Any]], about: dict[str, Any]) -> bytes:
    """A file of these pages; others draw theirs between two of them."""
    file = io.BytesIO()
    pages = PdfPages(file, metadata=about)
    for scene in scenes:
        with _alone():
            pages.savefig(_page(scene))
    with _alone():  # the letters are written now
        pages.close()
    return file.getvalue()


def _page(scene: Mapping[str, Any]) -> Figure:
    width, height = float(scene["width"]), float(scene["height"])
    figure = Figure(
        figsize=(width * POINTS / 72, height * POINTS / 72), facecolor=rgba(str(scene.get("ground", "#fff")))
    )
    FigureCanvasPdf(figure)
    figure.add_artist(Drawing(scene["items"], height))
    return figure


class Drawing(Artist):
    """The items of a scene on a figure whose height is given in CSS pixels."""

    def __init__(self, items: list[dict[str, Any]], height: float) -> None:
        super().__init__()
        self.items = items
        self.page = Affine2D(np.array([[POINTS, 0, 0], [0, -POINTS, height * POINTS], [0, 0, 1]]))

    def draw(self, renderer: Any) -> None:
        draws = {"path": self._path, "text": self._text, "image": self._image}
        for item in self.items:
            context = renderer.new_gc()
            if item.get("clip"):
                x, y, wide, high = item["clip"]
                corners = self.page.transform([(x, y + high), (x + wide, y)])
                context.set_clip_rectangle(Bbox(corners))
            draws[item["kind"]](renderer, context, item)
            context.restore()

    def _moved(self, item: Mapping[str, Any]) -> Transform:
        """From the measure of an item to points on the page."""
        a, b, c, d, e, f = item.get("matrix") or (1, 0, 0, 1, 0, 0)
        return Affine2D(np.array([[a, c, e], [b, d, f], [0, 0, 1]], float)) + self.page

    def _path(self, renderer: Any, context: Any, item: Mapping[str, Any]) -> None:
        opacity = float(item.get("opacity", 1))
        fill = rgba(str(item["fill"]), opacity) if item.get("fill") else None
        stroke = rgba(str(item["stroke"]), opacity) if item.get("stroke") else (0.0, 0.0, 0.0, 0.0)
        transform = self._moved(item)
        scale = float(np.sqrt(abs(np.linalg.det(transform.get_matrix()[:2, :2]))))
        context.set_linewidth(float(item.get("width", 1)) * scale if item.get("stroke") else 0)
        context.set_foreground(stroke, isRGBA=True)
        if item.get("dash"):
            context.set_dashes(0, [float(part) * scale for part in item["dash"]])
        context.set_capstyle({"square": "projecting"}.get(str(item.get("cap")), str(item.get("cap") or "butt")))
        context.set_joinstyle(str(item.get("join") or "miter"))
        path: Path = outline(str(item["d"]))
        if np.asarray(path.vertices).size:
            renderer.draw_path(context, path, transform, fill)

    def _text(self, renderer: Any, context: Any, item: Mapping[str, Any]) -> None:
        text, size, wide = str(item["text"]), float(item["size"]), float(item["width"])
        matrix = self._moved(item).get_matrix()
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        family = [EVEN] * ("mono" in str(item["family"])) + list(faces())
        face = FontProperties(
            family=family,
            size=size * scale,
            weight="bold" if int(item["weight"]) >= 600 else "normal",
            style="italic" if item.get("italic") else "normal",
        )
        drawn, _, _ = renderer.get_text_width_height_descent(text, face, ismath=False)
        if drawn > 0 and wide > 0:  # our letters may be wider than the browser's
            face.set_size(size * scale * min(1.25, max(0.5, wide * scale / drawn)))
        context.set_foreground(rgba(str(item["fill"]), float(item.get("opacity", 1))), isRGBA=True)
        angle = float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))
        renderer.draw_text(context, matrix[0, 2], matrix[1, 2], text, face, angle)

    def _image(self, renderer: Any, context: Any, item: Mapping[str, Any]) -> None:
        pixels = decoded(str(item["href"]))
        pixels[..., 3] = np.round(pixels[..., 3] * float(item.get("opacity", 1)))
        a, b, c, d, e, f = item["matrix"]
        wide, high = float(item["width"]), float(item["height"])
        # The renderer lays a picture over the unit square, its first row below.
        over = Affine2D(np.array([[wide, 0, 0], [0, -high, high], [0, 0, 1]]))
        whole = over + Affine2D(np.array([[a, c, e], [b, d, f], [0, 0, 1]], float)) + self.page
        renderer.draw_image(context, 0, 0, pixels[::-1], whole)


def decoded(href: str) -> np.ndarray:
    """The pixels [row, column, RGBA] of a picture that is written as a data address; Refused where it is none."""
    head, _, data = href.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise Refused("A picture within this one is no data address.")
    try:
        image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
        if image.width * image.height > MOST_PIXELS:
            raise Refused(f"A picture within this one has more than {MOST_PIXELS:,} pixels.")
        return np.array(image.convert("RGBA"))
    except (binascii.Error, UnidentifiedImageError, OSError) as error:
        raise Refused("A picture within this one cannot be read.") from error
