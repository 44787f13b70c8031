"""The engine: ask(request) -> value; one table from the kind of a request to the function that answers it."""

from __future__ import annotations

import gc
import inspect
import os
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import uuid4

from core.cache import ANSWERS, ROOM, Cancelled, Progress
from core.cache.memory import with_room
from core.requests import (
    AlignmentRequest,
    AttributionRequest,
    BeamRequest,
    BlankRequest,
    CompressionRequest,
    ContinuationRequest,
    DetectionRequest,
    DistributionsRequest,
    EmbeddingRequest,
    FaithfulnessRequest,
    HeadCardsRequest,
    HeadDifferencesRequest,
    HeadEffectsRequest,
    HeadRequest,
    HeadsCurveRequest,
    ImageRequest,
    InputsRequest,
    JointMapRequest,
    JourneyRequest,
    KeptRequest,
    LeakRequest,
    LensRequest,
    MaskingRequest,
    MovedPictureRequest,
    NextSentenceRequest,
    ObjectShareRequest,
    OwnVectorsRequest,
    PairRelevanceRequest,
    ParagraphsRequest,
    PatchFeaturesRequest,
    PatchingRequest,
    PatchPositionsRequest,
    PatchTokensRequest,
    PictureTextRequest,
    PlacesRequest,
    PositionsRequest,
    PredictionsRequest,
    QueriesRequest,
    RecurrentStepsRequest,
    RelevanceRequest,
    RemovalRequest,
    Request,
    SentenceVectorsRequest,
    ShiftedTextRequest,
    StreamRequest,
    TextRequest,
    TransferRequest,
    WeightsCurvesRequest,
    WindowsRequest,
    to_json,
)
from core.store.families import families_that, resolved
from core.store.opening import family_named, fetch_missing, weights_on_disk
from core.store.revisions import revisions_of
from core.types import Refused, Stopped

#: Kind of request -> module and function that answers it. By name, so that torch and transformers load with the first
#: question, not with the page. A function takes the request, and progress and cancelled where it has them.
ANSWERED_BY: dict[type[Request], str] = {
    TextRequest: "core.models.text:encode",
    ImageRequest: "core.models.vision:encode",
    PictureTextRequest: "core.models.vision_language:encode",
    AlignmentRequest: "core.analyses.alignment:compared",
    ParagraphsRequest: "core.analyses.paragraphs:together",
    BlankRequest: "core.analyses.blank:fill",
    MaskingRequest: "core.analyses.blank:dice",
    NextSentenceRequest: "core.analyses.blank_pair:next_sentence",
    InputsRequest: "core.analyses.blank_pair:inputs",
    LeakRequest: "core.analyses.blank:leak",
    DistributionsRequest: "core.analyses.next_token:distributions",
    ContinuationRequest: "core.analyses.next_token:continued",
    KeptRequest: "core.analyses.next_token:kept_of",
    LensRequest: "core.analyses.logit_lens:lens",
    RecurrentStepsRequest: "core.analyses.recurrent_steps:steps",
    HeadCardsRequest: "core.analyses.head_cards:cards",
    HeadDifferencesRequest: "core.analyses.head_differences:differences",
    HeadEffectsRequest: "core.analyses.head_effects:effects",
    AttributionRequest: "core.analyses.attribution:attribution",
    PatchingRequest: "core.analyses.activation_patching:patched",
    BeamRequest: "core.analyses.beam:searched",
    EmbeddingRequest: "core.analyses.vectors:vectors",
    OwnVectorsRequest: "core.analyses.own_vectors:own_vectors",
    PlacesRequest: "core.analyses.embedding:arranged",
    SentenceVectorsRequest: "core.analyses.transfer:sentence_vectors",
    TransferRequest: "core.analyses.transfer:rows",
    PositionsRequest: "core.analyses.positions:positions_of",
    ShiftedTextRequest: "core.analyses.positions:shifted",
    JourneyRequest: "core.analyses.journey:journey",
    HeadRequest: "core.analyses.inside:inside",
    StreamRequest: "core.analyses.inside:stream",
    QueriesRequest: "core.analyses.efficient:recorded",
    CompressionRequest: "core.analyses.surgery:compressed",
    PredictionsRequest: "core.analyses.surgery:predictions_of",
    HeadsCurveRequest: "core.analyses.pruning_curves:heads_curve",
    WeightsCurvesRequest: "core.analyses.pruning_curves:weights_curves",
    RelevanceRequest: "core.analyses.patch_maps:relevance_row",
    FaithfulnessRequest: "core.analyses.patch_maps:curves_of",
    RemovalRequest: "core.analyses.patch_maps:left_of",
    ObjectShareRequest: "core.analyses.patch_maps:mean_ratios",
    PatchFeaturesRequest: "core.analyses.patch_features:features",
    PatchPositionsRequest: "core.analyses.patch_positions:on_grid",
    PatchTokensRequest: "core.analyses.patch_tokens:tokens",
    MovedPictureRequest: "core.analyses.shifts:followed",
    WindowsRequest: "core.analyses.windows:blocks",
    DetectionRequest: "core.models.detector:detected",
    PairRelevanceRequest: "core.analyses.clip_relevance:why",
    JointMapRequest: "core.analyses.joint_map:places",
}


BESIDE, BYTES_A_TOKEN = 2e7, 3e5  # of a text: weights that are kept, states of a model of 24 layers of 1,024
AWAY = 4e6  # of a question that others answer: what is sent, and what comes
LEAST_TOKENS = 577  # of a picture of 384 px in patches of 16
OPERATIONS = 3e10  # a second and core


class Elsewhere(Protocol):
    """Who answers in place of this process: several machines (core/cluster/joining.py)."""

    def takes(self, request: Request) -> bool:
        """Whether a question would leave this process now."""
        ...

    def ask(self, request: Request, progress: Progress, cancelled: Cancelled) -> Any:
        """The value of a question, or HERE."""
        ...


HERE = object()  # said of a question that this process is to answer
_ELSEWHERE: list[Elsewhere] = []


def answered_elsewhere(others: Elsewhere | None) -> None:
    """Have questions answered by others from now on; None: by this process."""
    _ELSEWHERE[:] = [] if others is None else [others]


def ask(request: Request, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Any:
    """The value for a request, the same that the pages draw; equal questions asked at once are answered once.

    progress(done, total, ...) is called in the caller's thread. Stopped: cancelled() said so, and nothing is kept.
    Refused: what is wrong with the request, and what to do. Errors are not kept. Values are shared: change none.
    """
    return ANSWERS.get(key_of(request), lambda *told: answer(request, *told), progress, cancelled, needs(request))


def needs(request: Request) -> float:
    """Bytes that answering takes beside the models, about: half of the room there is, but little for a text to be read.

    Of those so many are at work that their passes can be made together (core/models/together.py). What is written word
    by word is not: many at a time would all be done last. What others answer takes the room of its answer alone.
    """
    return AWAY if any(others.takes(request) for others in _ELSEWHERE) else needs_here(request)


def needs_here(request: Request) -> float:
    """The same where this process answers."""
    if not isinstance(request, TextRequest) or request.edit is not None:
        return ROOM / 2
    if family_named(request.model) not in ("encoder", *families_that("continue")):
        return ROOM / 2
    tokens = (len(request.text) + len(request.pair) + len(request.target)) / 3
    return BESIDE + BYTES_A_TOKEN * tokens


def key_of(request: Request) -> tuple[object, ...]:
    """The key under which an answer is kept: the question, and the state of the models that it asks."""
    return request, revisions_of(request)


def is_answered(request: Request) -> bool:
    """Whether the answer is kept, and comes at once."""
    return ANSWERS.holds(key_of(request))


@dataclass(frozen=True, slots=True)
class Answered:
    """What is told of a question that was answered, or was not: nothing that somebody wrote is in it."""

    kind: str  # of request
    models: tuple[str, ...]  # as they were named
    outcome: Literal["answered", "refused", "stopped", "failed"]
    seconds: float
    number: str  # of the question, for the log


#: Called with each Answered, in the thread that answered.
OBSERVERS: list[Callable[[Answered], None]] = []
#: The number of the question that this thread answers, for the log.
QUESTION: ContextVar[str] = ContextVar("question", default="")


def answer(request: Request, progress: Progress, cancelled: Cancelled) -> Any:
    """The value for a request, made now; models that must be downloaded first are. OBSERVERS hear how it went."""
    began, number = time.monotonic(), uuid4().hex[:12]
    token = QUESTION.set(number)
    outcome: Literal["answered", "refused", "stopped", "failed"] = "failed"
    try:
        value = made(request, progress, cancelled)
        outcome = "answered"
        return value
    except Stopped:
        outcome = "stopped"
        raise
    except Refused:
        outcome = "refused"
        raise
    finally:
        QUESTION.reset(token)
        told = Answered(type(request).__name__, request.models, outcome, time.monotonic() - began, number)
        for observe in OBSERVERS:
            observe(told)


def made(request: Request, progress: Progress, cancelled: Cancelled) -> Any:
    """The value for a request, by others where they take it, else by the function that answers its kind."""
    for others in _ELSEWHERE:
        value = others.ask(request, progress, cancelled)
        if value is not HERE:
            return value
        # Room was asked for when it seemed that others would answer.
        with ANSWERS.admission.waiting(), ANSWERS.admission.room(needs_here(request), left=cancelled):
            return made_here(request, progress, cancelled)
    return made_here(request, progress, cancelled)


def made_here(request: Request, progress: Progress, cancelled: Cancelled) -> Any:
    """The value for a request, by the function that answers its kind."""
    function = function_for(type(request))
    wanted = inspect.signature(function).parameters
    for model in request.models:
        fetch_missing(model, progress, cancelled)

    def work(stop: Cancelled) -> Any:
        told = {"progress": progress, "cancelled": stop}
        return function(request, **{name: one for name, one in told.items() if name in wanted})

    value = with_room(work, cancelled, lambda: seconds_on_cpu(request))
    if not _MET.issuperset(request.models):
        _MET.update(request.models)
        freeze_garbage()
    return value


def function_for(kind: type[Request]) -> Callable[..., Any]:
    """The function that answers requests of a kind; TypeError where the table names none."""
    if kind not in ANSWERED_BY:
        raise TypeError(f"{kind.__name__} is no kind of request that is answered: see core.engine.ANSWERED_BY")
    return resolved(ANSWERED_BY[kind])


def seconds_on_cpu(request: Request) -> float:
    """About how long one pass of the models over all of a request takes on the CPU: two operations a weight and token.

    A piece has some three letters, and what is written of a request is hardly more than its texts; a picture is taken
    for as many tokens as a model reads of most.
    """
    tokens = max(LEAST_TOKENS, len(to_json(request)) / 3)
    weights = sum(weights_on_disk(model) for model in request.models) / 4
    return 2 * weights * tokens / (OPERATIONS * (os.cpu_count() or 1))


_MET: set[str] = set()  # models that answered before


def freeze_garbage() -> None:
    """Take what a new model brought (modules, weights) out of the garbage collector's way.

    Streamlit collects after every rerun; with torch and a few models in memory that takes half a second each time.
    What was frozen before is looked through once more, so that models which were given up are freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
