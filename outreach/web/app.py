"""Puts the pages together: which parts an installation serves, their doors, and the frontier all requests pass."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from fastapi import Depends, FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from outreach.services.office import Office
from outreach.web import accounts, assets, records, style
from outreach.web.desk import router as desk
from outreach.web.guard.admission import admit
from outreach.web.guard.frontier import Frontier
from outreach.web.problems import Boundary, tell_all
from outreach.web.public import router as public


class Part(StrEnum):
    """What an installation may serve by itself."""

    DESK = "desk"
    PUBLIC = "public"


def create_app(
    office: Office,
    *,
    parts: Collection[Part] = tuple(Part),
    offers_windows: bool = True,
    demo: bool = False,
    behind_https: bool = False,
) -> FastAPI:
    """The pages of one installation.

    Args:
        parts: the desk, the public form, or both.
        offers_windows: whether the public form offers windows; where it stands alone outside it only takes requests.
        demo: pages say that nothing here is real.
        behind_https: a reverse proxy on this computer speaks HTTPS for us: its word on who asks is taken, and cookies
            travel only encrypted.
    """
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=[Depends(admit)]
    )
    app.state.office = office
    app.state.demo = demo
    app.state.behind_https = behind_https
    app.state.parts = frozenset(parts)
    app.state.offers_windows = offers_windows and Part.PUBLIC in parts
    app.include_router(assets.router)
    app.include_router(style.router)
    if Part.DESK in parts:
        app.include_router(accounts.router)
        app.include_router(records.router)
        app.include_router(desk)
    if Part.PUBLIC in parts:
        app.include_router(public)
    tell_all(app)
    app.add_middleware(Boundary)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(office.rules.web.hosts), www_redirect=False)
    app.add_middleware(Frontier)  # added last: outermost
    return app
