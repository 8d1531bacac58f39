"""Where an installation begins: the desk's login, or the form where it stands alone."""

from __future__ import annotations

from fastapi import Request


def start_of(request: Request) -> str:
    """The page somebody who is nobody yet is sent to."""
    inside = request.url.path.startswith(("/desk", "/account", "/records"))
    return "/login" if "desk" in request.app.state.parts and inside else "/book"
