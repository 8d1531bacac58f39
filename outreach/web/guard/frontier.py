"""What every request and every answer passes: how large a body may be, and the headers no answer goes without."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024
"""Bytes: thirty answers of a call are a twentieth of it."""

LARGEST_TARGET = 4 * 1024
"""Bytes of path and query."""

_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # under no-referrer browsers send their own forms with "Origin: null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}


class BodyTooLarge(Exception):
    """The body went on beyond what was announced and allowed."""


class Frontier:
    """The outermost layer. It knows nothing of pages: it counts bytes, makes the nonce, and sets headers.

    A page that frames a map sets its own ``Content-Security-Policy``; on every other answer this one stands:
    nothing from outside, no script but those with the nonce, no frame around us.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["nonce"] = nonce
        state["cookies"] = []

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), scope, nonce)
            await send(message)

        refused = _refused_at_once(scope)
        if refused is not None:
            await PlainTextResponse("", status_code=refused)(scope, receive, send_on)
            return
        try:
            await self.app(scope, _counted(receive), send_on)
        except BodyTooLarge:
            await PlainTextResponse("", status_code=413)(scope, receive, send_on)


def _refused_at_once(scope: Scope) -> int | None:
    """The status of what is not even looked at: a target or body too large, a length that is none."""
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > LARGEST_TARGET:
        return 414
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return 400
    return 413 if int(length) > LARGEST_BODY else None


def _counted(receive: Receive) -> Receive:
    received = 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise BodyTooLarge
        return message

    return counting


def _add_headers(headers: MutableHeaders, scope: Scope, nonce: str) -> None:
    for name, value in _EVERYWHERE.items():
        headers.setdefault(name, value)
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    headers.setdefault("Cache-Control", "no-store")  # a page with somebody's record stays on no disk
    app = scope.get("app")
    if app is not None and app.state.behind_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    for cookie in scope["state"]["cookies"]:
        headers.append("Set-Cookie", cookie)
