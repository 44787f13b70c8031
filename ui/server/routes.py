"""What the browser asks for beside the pages: an exact head, a PDF of a picture, health and counters."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from core.measures.attention import one_map
from core.requests import from_mapping
from core.types import Attention, Display, Encoding, Refused
from ui import state
from ui.components.packaging import packaged
from ui.components.points.texts import having, named
from ui.language import catalogue_file
from ui.server import metrics
from ui.server.replies import Json
from ui.server.warm_up import READY

MOST_PARTS = 40  # of a saved page
LONGEST_BODY = 200_000  # bytes
LARGEST_PICTURE = 40_000_000  # bytes
#: Addresses that pages had before -> those they have now.
MOVED = {"pieces": "tokenizers", "cheaper": "efficient"}
FAULT = "Something went wrong on our side; it was logged."
log = logging.getLogger("gaze")


def asked(body: dict) -> tuple[Encoding, Attention, Display, int, int | str]:
    """What a browser's message names; Refused when it names what there is not."""
    request = from_mapping(body.get("request") or {})
    shown = shown_from(body.get("shown") or {})
    encoding = state.answered(request)
    attention = next((a for a in encoding.attentions if a.kind == body.get("kind")), None)
    if attention is None:
        raise Refused(f"This model has no {body.get('kind')!r} attention.")
    layers, heads = attention.weights.shape[:2]
    layer: Any = body.get("layer")
    head: Any = body.get("head")
    rolls = attention.kind != "cross"
    named = head == "mean" or (head == "rollout" and rolls)
    if not (_index(layer, layers) and (named or _index(head, heads))):
        raise Refused(f"There are {layers} layers and {heads} heads, counted from 0.")
    return encoding, attention, shown, layer, head


def _index(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < most


def shown_from(given: object) -> Display:
    if not isinstance(given, dict):
        raise Refused("How weights are shown is to be an object.")
    shown = Display(**{k: given[k] for k in ("units", "special") if k in given})
    if shown.units not in ("pieces", "words") or shown.special not in ("show", "hide", "renormalise"):
        raise Refused("Units are pieces or words; special tokens are shown, hidden or renormalised.")
    return shown


def exact(body: dict) -> bytes:
    """One head's weights as float32, row after row."""
    _, attention, shown, layer, head = asked(body)
    _, _, weights = one_map(attention, shown, layer, head)
    return np.ascontiguousarray(weights, dtype="<f4").tobytes()


def pdf_of(scene: dict) -> Response:
    """A picture that the browser drew, as a PDF; 409 names the characters that no font here has."""
    from core.figures.pdf import as_pdf, checked, lacking, texts_of  # matplotlib loads with the first file

    missing = lacking(texts_of(checked(scene)))
    if missing:
        return Json({"lacking": missing}, status_code=409)
    return Response(as_pdf(scene), media_type="application/pdf")


async def body_of(request: Request, longest: int) -> dict:
    """The JSON object that was sent; no more of it is read than a message may have, whatever length it says."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > longest:
            raise Refused("This message is too long.")
    try:
        body = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("This message is no JSON.") from error
    if not isinstance(body, dict):
        raise Refused("This message is no JSON object.")
    return body


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


async def replied(request: Request, make, longest: int = LONGEST_BODY) -> Response:
    """What `make` gives for the JSON that was sent, made in a thread; advice, or that it was our fault, as JSON."""
    try:
        return await asyncio.to_thread(make, await body_of(request, longest))
    except Refused as advice:
        return Json({"advice": str(advice)}, status_code=422)
    except Exception:
        log.exception("a route failed")
        return Json({"advice": FAULT}, status_code=500)


async def head(request: Request) -> Response:
    return await replied(request, lambda body: Response(exact(body), media_type="application/octet-stream"))


async def pdf(request: Request) -> Response:
    return await replied(request, pdf_of, LARGEST_PICTURE)


def query_of(request: Request) -> str:
    """What stands behind the ? of an address, whatever bytes somebody wrote there."""
    return str(request.scope.get("query_string", b"").decode("utf-8", "replace"))


async def parts(request: Request) -> Response:
    """The scripts, styles and colours of which a saved page is made."""
    names = [name for name in dict(parse_qsl(query_of(request))).get("names", "").split(",") if name]
    try:
        return Json(packaged(names[:MOST_PARTS]))
    except Refused as advice:
        return Json({"advice": str(advice)}, status_code=422)


async def language(request: Request) -> Response:
    """The sentences of the interface in another language: {English: translation}."""
    file = catalogue_file(request.path_params["code"])
    if file is None:
        return Json({"advice": "Gaze is not translated into this language."}, status_code=404)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})  # asked each time, sent where it changed


async def patches(request: Request) -> Response:
    def make(body: dict) -> Response:
        from ui.server import vision  # torch loads with the first picture, not with the server

        return Response(vision.maps(body), media_type="application/octet-stream")

    return await replied(request, make)


async def texts(request: Request) -> Response:
    """Whole texts of points, or a bit for each that has a word: what a map of many points has not got."""

    def make(body: dict) -> Response:
        if "word" in body:
            found = np.packbits(having(body.get("key"), body["word"]))
            return Response(found.tobytes(), media_type="application/octet-stream")
        return Json({"texts": named(body.get("key"), body.get("points"))})

    return await replied(request, make)


async def relevance(request: Request) -> Response:
    """Progress line by line, then the result: it takes seconds where a model is large."""
    try:
        body = await body_of(request, LONGEST_BODY)
    except Refused as advice:
        return Json({"advice": str(advice)}, status_code=422)
    # Of this kind nothing in between holds lines back to compress them.
    return StreamingResponse(_lines(body), media_type="text/event-stream")


async def _lines(body: dict):
    from ui.server import vision

    try:
        async for line in vision.relevance_lines(body):
            yield line
    except Exception:
        log.exception("a route failed")
        yield json.dumps({"advice": FAULT}) + "\n"


async def healthz(_: Request) -> Response:
    """Ready once a model has answered: until then a balancer sends nobody here."""
    return PlainTextResponse("ok") if READY.is_set() else PlainTextResponse("starting", status_code=503)


async def numbers(_: Request) -> Response:
    """Numbers in Prometheus' text form."""
    return Response(metrics.written(), media_type=metrics.FORM)


async def moved(request: Request) -> Response:
    """Where a page stands that had another address once, with all that was chosen on it."""
    here, query = request.scope["path"].rsplit("/", 1)[-1], query_of(request)
    return RedirectResponse(
        MOVED[here] + (f"?{query}" if query else ""), status_code=308
    )  # relative: right under any base path too


ROUTES = [
    Route("/gaze/head", head, methods=["POST"]),
    Route("/gaze/pdf", pdf, methods=["POST"]),
    Route("/gaze/language/{code}", language),
    Route("/gaze/parts", parts),
    Route("/gaze/patches", patches, methods=["POST"]),
    Route("/gaze/relevance", relevance, methods=["POST"]),
    Route("/gaze/texts", texts, methods=["POST"]),
    Route("/healthz", healthz),
    Route("/metrics", numbers),
    *(Route(f"/{old}", moved) for old in MOVED),
]
