"""What every reply carries so that a browser trusts it no further than it must: on our routes and on Streamlit's."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.types import Refused

ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")


def embedders(said: str) -> tuple[str, ...]:
    """The sites whose pages may hold ours in a frame, as GAZE_EMBED_FROM names them; Refused: one is no origin."""
    origins = tuple(re.split(r"[\s,]+", said.strip())) if said.strip() else ()
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise Refused(
                f"GAZE_EMBED_FROM: {origin!r} is no origin. Write scheme and host alone, such as "
                "https://moodle.example.org, several with a space between."
            )
    return origins


#: What pages may load. Streamlit starts by a script inside its page, makes modules of the components' scripts as blobs,
#: and plotly draws by WebGL through blobs; nothing comes from another host, and only sites that are named frame a page.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' ws: wss: data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "frame-ancestors": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def headers(framed_by: tuple[str, ...] = ()) -> dict[str, str]:
    """What every reply carries; framed_by: origins whose pages may hold ours in a frame."""
    policy = POLICY | {"frame-ancestors": " ".join((POLICY["frame-ancestors"], *framed_by))}
    found = HEADERS | {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items())}
    # X-Frame-Options knows no list: where others may frame a page, frame-ancestors alone says who.
    return found if framed_by else found | {"X-Frame-Options": "SAMEORIGIN"}


def from_elsewhere(scope: Scope) -> bool:
    """Whether a page of another site sends this: a browser says in Origin whose page it is.

    Names are compared without ports, which a proxy may leave out of Host.
    """
    sent = Headers(scope=scope)
    origin = sent.get("origin")
    if scope["method"] != "POST" or origin is None:
        return False
    return urlsplit(origin).hostname != urlsplit(f"//{sent.get('host', '')}").hostname


class WithHeaders:
    """Adds headers() to each reply that does not say otherwise, and turns away what another site's page sends to us."""

    def __init__(self, app: ASGIApp, framed_by: tuple[str, ...] = ()) -> None:
        self._app = app
        self._headers = headers(framed_by)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    sent.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif "/gaze/" in scope["path"] and from_elsewhere(scope):
            advice = {"advice": "This came from another site's page. Ask from a page of Gaze."}
            await JSONResponse(advice, status_code=403)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)
