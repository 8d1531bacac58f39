"""Notes who looks at whose record; a desk page calls this before it shows one."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request

from outreach.services import access_log
from outreach.web.visitor import Visitor, office_of, visitor_of


def note_access(request: Request, reference: str, what: str) -> None:
    """Note that the visitor looks at one record (``view``, ``listed``, ``print``) or kept a call about it (``change``).

    Where it cannot be noted, the page is not shown. A change of the booking itself stands in its history.
    Records asked for in vain are noted by the boundary (:func:`note_refused`), whatever the page does.
    """
    note_list(request, (reference,), what)


def note_list(request: Request, references: Iterable[str], what: str = "listed") -> None:
    """The same for all records of a page at once."""
    role = visitor_of(request).role
    access_log.note_all(office_of(request), references, what, _page(request), role="" if role is None else role.value)


def note_refused(request: Request) -> None:
    """Note that somebody who is signed in asked by its reference for a record that is not there, or not theirs."""
    visitor = getattr(request.state, "visitor", None)
    reference = request.path_params.get("reference")
    if not isinstance(visitor, Visitor) or visitor.role is None or reference is None:
        return
    what = "view" if request.method in ("GET", "HEAD") else "change"
    access_log.note(office_of(request), str(reference), what, _page(request), False, role=visitor.role.value)


def _page(request: Request) -> str:
    """The page as declared: what stands in the address itself may be a secret."""
    return str(getattr(request.scope.get("route"), "path", "?"))
