"""Questions about texts: what is attended to, what fills a blank, which words align, where a text lies in a space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.public import halved
from core.requests.base import Request
from core.requests.parts import WHOLE, Compression, Edit, Pair, Task
from core.types import Refused

Units = Literal["pieces", "words"]
Spacing = Literal["typed", "tidy"]  # white space as it was typed, or one space between words
Form = Literal["text", "chat"]  # as it stands, or inside the marks with which an instruction model was trained
PointUnits = Literal["sentences", "words", "pieces"]
Projecting = Literal["PCA", "UMAP", "t-SNE"]

#: Longest input in characters that any page accepts; what a model can read is checked in tokens later.
MOST_CHARACTERS = 20_000
#: Of the dice of masked language modelling (Devlin et al. 2019, section 3.1).
MASKING_RATE = 0.15


@dataclass(frozen=True, slots=True)
class TextRequest(Request):
    """All attention of a text model over a text, and what the model predicts: an Encoding."""

    model: str  # a shelf name, a hub id or a folder
    text: str
    pair: str = ""  # second text, for models that read two
    target: str = ""  # the decoder's text; empty: what the model itself writes
    language: str = ""  # language to translate into, for models that need one
    edit: Edit | None = None
    spacing: Spacing = "typed"
    source_language: str = ""  # of the text, for models that are told it; empty: English
    chosen: tuple[int, ...] = ()  # pieces that a decoder reads behind the text, by their numbers
    form: Form = "text"  # of the text, for decoders

    def __post_init__(self) -> None:
        most = halved(MOST_CHARACTERS)
        for name in ("text", "pair", "target"):
            length = len(getattr(self, name))
            if length > most:
                raise Refused(f"Your {name} has {length:,} characters; Gaze reads up to {most:,}. Shorten it.")


# --- fill the blank ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlankRequest(Request):
    """What a masked language model puts in place of hidden words and typed masks: Filled."""

    model: str
    text: str
    hidden: tuple[int, ...]  # words, from 0


@dataclass(frozen=True, slots=True)
class MaskingRequest(Request):
    """The masking dice thrown over a text, and what the model guesses: MaskedText."""

    model: str
    text: str
    seed: int
    rate: float = MASKING_RATE


@dataclass(frozen=True, slots=True)
class NextSentenceRequest(Request):
    """The probability that the second text follows the first; None where the model has no head for it."""

    model: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class InputsRequest(Request):
    """Token, position and segment vectors of a text or a pair: Inputs."""

    model: str
    first: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class LeakRequest(Request):
    """What each word sees of itself round a corner: Leak."""

    model: str
    text: str


# --- languages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlignmentReader(Request):
    """How a model is asked which words of two sentences go together; what AlignmentRequest asks of one pair."""

    model: str
    of: Literal["states", "attention"] = "states"  # cosines of hidden states, or attention between the sentences
    units: Units = "pieces"
    hide: bool = False  # the model reads a mask in place of pieces that both sentences share


@dataclass(frozen=True, slots=True)
class AlignmentRequest(Request):
    """How alike the units of two sentences are, layer by layer: Compared."""

    reader: AlignmentReader
    pair: Pair


@dataclass(frozen=True, slots=True)
class ParagraphsRequest(Request):
    """Which sentences of a text and of its translation go together: a list of Bead."""

    model: str
    layer: int  # of hidden states, as people count them
    source: str
    target: str

    def __post_init__(self) -> None:
        for name in ("source", "target"):
            length = len(getattr(self, name))
            if length > MOST_CHARACTERS:
                raise Refused(f"Your {name} has {length:,} characters; Gaze reads up to {MOST_CHARACTERS:,}. Cut it.")


@dataclass(frozen=True, slots=True)
class EmbeddingRequest(Request):
    """Vectors of sentences, words or pieces: Vectors."""

    model: str
    texts: tuple[str, ...]
    units: PointUnits = "sentences"
    only: str = ""  # this word alone, whatever its case
    layer: int | None = None  # index into Vectors.names; None: all of them


@dataclass(frozen=True, slots=True)
class OwnVectorsRequest(Request):
    """Vectors that somebody brought, mapped as they are: Vectors."""

    table: str  # the name under which core.data.uploads keeps it, made of its content
    embedding: tuple[str, ...]  # the columns of numbers that hold them; several are put side by side


@dataclass(frozen=True, slots=True)
class ProjectionRequest(Request):
    """A map of vectors, all that decides about its places; PlacesRequest asks for one layer."""

    embedding: EmbeddingRequest | OwnVectorsRequest
    method: Projecting = "PCA"
    centre: tuple[str, ...] = ()  # for every text the group whose mean is taken away; empty: nothing is
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PlacesRequest(Request):
    """Places [point, 2] of one layer of a map."""

    projection: ProjectionRequest
    layer: int  # an index into the names of the layers


@dataclass(frozen=True, slots=True)
class SentenceVectorsRequest(Request):
    """Sentence vectors [layer, sentence, width], means over pieces, of an encoder."""

    model: str
    task: Task
    layers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TransferRequest(Request):
    """How a probe that is fitted on one language does in every language: rows."""

    model: str
    task: Task
    layer: int  # 0 is the input embedding
    source: str = "en"
    centre: bool = False


# --- mechanism --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PositionsRequest(Request):
    """How a model tells positions apart: ModelPositions."""

    model: str


@dataclass(frozen=True, slots=True)
class ShiftedTextRequest(Request):
    """A sentence read where it stands, and again k positions further on: Shifted."""

    model: str
    text: str
    k: int


@dataclass(frozen=True, slots=True)
class HeadRequest(Request):
    """What one head works with over a text: Inside."""

    text: TextRequest
    kind: str  # encoder, decoder or cross
    layer: int
    head: int


@dataclass(frozen=True, slots=True)
class JourneyRequest(Request):
    """A text's way through a whole model, from its tokens to what is guessed: Journey."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class StreamRequest(Request):
    """Sizes of the residual stream and its updates: {side: (Stream, whether norms stand before)}."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class QueriesRequest(Request):
    """Queries, keys and values of all heads over a text: (Encoding, maps)."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class CompressionRequest(Request):
    """What pruning or quantising does to a model: Compressed."""

    text: TextRequest
    compression: Compression


@dataclass(frozen=True, slots=True)
class PredictionsRequest(Request):
    """Logits at every place where a model predicts, of a cut copy if asked: Predictions."""

    text: TextRequest
    compression: Compression = WHOLE


@dataclass(frozen=True, slots=True)
class HeadsCurveRequest(Request):
    """The loss as heads go in some order: HeadsCurve."""

    model: str
    language: str
    order: str  # one of ORDERS
    kind: str = ""  # of attention; empty: all


@dataclass(frozen=True, slots=True)
class WeightsCurvesRequest(Request):
    """The loss as weights go: {title: points}."""

    model: str
    language: str
    cut: str  # one of WEIGHTS
