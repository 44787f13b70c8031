"""Questions about pictures: where patches look, what a class rests on, which text names a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.public import halved
from core.requests.base import Request
from core.requests.parts import Edit, Move
from core.requests.text import MOST_CHARACTERS
from core.types import Refused

Fit = Literal["model", "whole"]  # cut or squeezed as the model learned it; or whole, in its own shape


@dataclass(frozen=True, slots=True)
class ImageRequest(Request):
    """All attention of a vision model over one picture: an Encoding."""

    model: str
    image: str  # of the gallery, or as it was named when it was taken in
    fit: Fit = "model"
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class PictureTextRequest(Request):
    """All attention of a decoder over a picture and a text about it: an ImageEncoding."""

    model: str
    image: str
    text: str

    def __post_init__(self) -> None:
        most = halved(MOST_CHARACTERS)
        if len(self.text) > most:
            raise Refused(f"Your text has {len(self.text):,} characters; Gaze reads up to {most:,}. Shorten it.")


@dataclass(frozen=True, slots=True)
class PatchFeaturesRequest(Request):
    """The states of all patches of a picture after every layer: Features."""

    image: ImageRequest


@dataclass(frozen=True, slots=True)
class RelevanceRequest(Request):
    """How much each token counts for a class, by gradients: [token]."""

    image: ImageRequest
    label: int


@dataclass(frozen=True, slots=True)
class FaithfulnessRequest(Request):
    """Deletion and insertion in the order of a method's map: FaithfulnessCurves."""

    image: ImageRequest
    method: str  # one of METHODS
    label: int


@dataclass(frozen=True, slots=True)
class RemovalRequest(Request):
    """The likeliest classes when some patches of a method's map are gone: choices."""

    image: ImageRequest
    method: str
    label: int
    least: bool  # those that count least go, else those that count most
    count: int


@dataclass(frozen=True, slots=True)
class ObjectShareRequest(Request):
    """How many times an object's area its share of each method's map is, mean over scenes: [method]."""

    model: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatchPositionsRequest(Request):
    """The positions that a vision model adds, as a picture gets them: [row, column, width]."""

    model: str
    image: str = ""  # empty: as trained
    fit: Fit = "model"


@dataclass(frozen=True, slots=True)
class PatchTokensRequest(Request):
    """The tokens that a vision model makes of a picture: Tokens."""

    model: str
    image: str
    fit: Fit = "model"
    permuted: bool = True


@dataclass(frozen=True, slots=True)
class MovedPictureRequest(Request):
    """What every layer makes of a picture before and after it is moved: Followed."""

    model: str
    image: str
    move: Move
    positions: bool = True  # False: the table of positions is zero


@dataclass(frozen=True, slots=True)
class WindowsRequest(Request):
    """All attention of a Swin model, window by window: blocks."""

    model: str
    image: str


@dataclass(frozen=True, slots=True)
class DetectionRequest(Request):
    """Boxes of a detector, and where each object query looked: Detection."""

    model: str
    image: str


@dataclass(frozen=True, slots=True)
class PairRelevanceRequest(Request):
    """Which patches and words carry the cosine of a picture and a text: Why."""

    model: str
    image: str
    text: str


@dataclass(frozen=True, slots=True)
class JointMapRequest(Request):
    """Places [point, 2] of pictures and of the texts that name them."""

    model: str
    keys: tuple[str, ...]  # of emoji
    languages: tuple[str, ...]  # in which they are named
    centre: bool = False  # each kind (pictures, every language) less its own mean
    method: Literal["PCA", "UMAP"] = "PCA"
