"""What every reply carries so that a browser trusts it no further than it must: on our routes and on Streamlit's."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What pages may load. Streamlit starts by a script inside its page, makes modules of the components' scripts as blobs,
#: and plotly draws by WebGL through blobs; nothing comes from another host, and no other site may frame a page.
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
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def from_elsewhere(scope: Scope) -> bool:
    """Whether a page of another site sends this: a browser says in Origin whose page it is.

    Names are compared without ports, which a proxy may leave out of Host.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if scope["method"] != "POST" or origin is None:
        return False
    return urlsplit(origin).hostname != urlsplit(f"//{headers.get('host', '')}").hostname


class WithHeaders:
    """Adds HEADERS to each reply that does not say otherwise, and turns away what another site's page sends to us."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif "/gaze/" in scope["path"] and from_elsewhere(scope):
            advice = {"advice": "This came from another site's page. Ask from a page of Gaze."}
            await JSONResponse(advice, status_code=403)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)
