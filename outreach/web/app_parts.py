"""Where an installation begins: the desk's login, or the form where it stands alone."""

from __future__ import annotations

from fastapi import Request

from outreach.services.accounts import Role


def start_of(request: Request) -> str:
    """The page somebody who is nobody yet is sent to."""
    inside = request.url.path.startswith(("/desk", "/account", "/records", "/logout"))
    return "/login" if "desk" in request.app.state.parts and inside else "/book"


def home_of(role: Role | None) -> str:
    """The page an account begins with: a crew phones, everybody else takes calls."""
    return "/desk/calls" if role is Role.CREW else "/desk"
