"""Who is asking: the visitor of one request, signed in or not, and the language the pages are in."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from outreach.services.accounts import Role, SessionView
from outreach.services.office import Office
from outreach.words import LANGUAGES, Words

LANGUAGE_COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking.

    Attributes:
        address: where the request came from; counted, never stored as it is.
        language: of the pages.
        session: the visitor's own session, if there is one; with an account in it when signed in.
    """

    address: str
    language: str
    session: SessionView | None = None

    @property
    def role(self) -> Role | None:
        """What the account may do; ``None`` for nobody in particular."""
        return None if self.session is None or self.session.account is None else self.session.account.role

    @property
    def who(self) -> str:
        """The name that stands in the history."""
        return "web" if self.session is None or self.session.account is None else self.session.account.name


def visitor_of(request: Request) -> Visitor:
    """The visitor of a request that has passed its door."""
    found: Visitor = request.state.visitor
    return found


def words_of(request: Request) -> Words:
    """The words in the visitor's language; also before anybody is known."""
    visitor = getattr(request.state, "visitor", None)
    return Words(visitor.language if isinstance(visitor, Visitor) else language_of(request))


def language_of(request: Request) -> str:
    """``?lang=``, else the cookie, else the city's language."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    office: Office = request.app.state.office
    return office.settings.language


def office_of(request: Request, channel: str = "phone") -> Office:
    """The installation with the visitor at the desk: what is changed carries their name."""
    office: Office = request.app.state.office
    return office.acting_as(visitor_of(request).who, channel)
