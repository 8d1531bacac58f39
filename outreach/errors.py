"""One way for everything that goes wrong: a code becomes a sentence, an exit status and an HTTP status.

Both faces, terminal and web, call :func:`present` and nothing else. Exceptions of the libraries and of the system are
known by the names of their classes, so that this module loads none of them. An exception's own text is for
developers: it may hold a path, a statement or a person's data, and is never shown.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from outreach.words import Words


class FindingLike(Protocol):
    """What a finding has in common wherever it comes from: a code and the values of its sentence."""

    @property
    def code(self) -> str:
        """Stable identifier."""

    @property
    def values(self) -> Mapping[str, object]:
        """What the sentence needs."""


class OutreachError(Exception):
    """Base of everything the application raises on purpose.

    Attributes:
        code: stable upper-case identifier; the catalogs hold ``error.<code>.sentence`` and ``.action``.
        values: what the sentence needs, in plain types; never personal data.
        findings: what is wrong in detail, all of it at once; empty for most errors.
        exit_status: 1 the answer is no, 2 bad input or usage, 70 our own fault.
        http_status: the same for the web.
    """

    exit_status: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, *, findings: Iterable[FindingLike] = (), **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, object] = values
        self.findings: tuple[FindingLike, ...] = tuple(findings)


class Refused(OutreachError):
    """The request was understood, and the answer is no."""

    exit_status = 1
    http_status = 409


class Stale(Refused):
    """Somebody else has changed it since it was looked at: look again, and decide."""

    http_status = 412


class BadInput(OutreachError):
    """What was given cannot be taken as it is."""

    exit_status = 2
    http_status = 422


class NotFound(OutreachError):
    """There is no such thing here."""

    exit_status = 2
    http_status = 404


class PermissionDenied(OutreachError):
    """Somebody else has to do this."""

    exit_status = 1
    http_status = 403


class TooMany(OutreachError):
    """Not so often: the same request may do later."""

    exit_status = 1
    http_status = 429


class Busy(OutreachError):
    """Not now: somebody else is at work; the same request may do in a moment."""

    exit_status = 1
    http_status = 503


class Unusable(OutreachError):
    """The computer does not let us work: a full disk, a read-only home, a damaged database."""

    exit_status = 2
    http_status = 503


class Fault(OutreachError):
    """Our own mistake."""


@dataclass(frozen=True, slots=True)
class Because:
    """The reason behind a refusal, told beside it: a code with its values."""

    code: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Presented:
    """An error in words: what happened, what to do next, and the status for each face.

    ``details`` has one sentence per finding, in their order.
    """

    code: str
    sentence: str
    action: str
    exit_status: int
    http_status: int
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What an exception of any origin comes down to."""

    code: str
    kind: type[OutreachError]
    values: Mapping[str, object]
    findings: tuple[FindingLike, ...] = ()


def present(error: BaseException, words: Words) -> Presented:
    """Put any exception into words; one that nobody foresaw is ``UNEXPECTED`` with exit status 70.

    >>> from outreach.words import Words
    >>> present(RuntimeError("a secret"), Words("en")).code
    'UNEXPECTED'
    """
    case = _case_of(error)
    sentence, action = _sentence_and_action(case, words)
    return Presented(
        code=case.code,
        sentence=sentence,
        action=action,
        exit_status=case.kind.exit_status,
        http_status=case.kind.http_status,
        details=tuple(finding_sentence(finding, words) for finding in case.findings),
    )


def finding_sentence(finding: FindingLike, words: Words) -> str:
    """Return what is wrong, led by the place where the finding knows one: line, or row and column of a file."""
    # A finding may repeat what an error or a reason says: the row of a sheet that names an unknown booking.
    for namespace in ("finding", "reason", "error"):
        sentence = _text(words, f"{namespace}.{finding.code}.sentence", finding.values)
        if sentence is not None:
            return _place_of(finding, words) + sentence
    return _place_of(finding, words) + words.say("error.UNTOLD.sentence", code=finding.code)


def finding_action(finding: FindingLike, words: Words) -> str:
    """Return what might help with a finding, or ``""`` where there is nothing to add."""
    return _text(words, f"finding.{finding.code}.action", finding.values) or ""


def _place_of(finding: FindingLike, words: Words) -> str:
    line: int | None = getattr(finding, "line", None)
    row: int | None = getattr(finding, "row", None)
    column: str | None = getattr(finding, "column", None)
    if line is not None:
        return words.say("error.place.line", line=line)
    if row is not None and column:
        return words.say("error.place.cell", row=row, column=column)
    if row is not None:
        return words.say("error.place.row", row=row)
    return ""


# -- from an exception to a case ---------------------------------------------------------------------------------------


def _case_of(error: BaseException) -> _Case:
    if isinstance(error, OutreachError):
        return _Case(error.code, type(error), error.values, error.findings)
    # The nearest class that is known decides: a PrivacyError is first that, then a BookingsError.
    for kind in type(error).__mro__:
        known = _LIBRARY_KINDS.get(f"{kind.__module__}.{kind.__qualname__}")
        if known is not None:
            return _case_of_library(error, known)
    original = getattr(error, "orig", None)
    if _is_from(error, "sqlalchemy") and isinstance(original, BaseException):
        return _case_of_database(original)
    if _is_from(error, "sqlalchemy") and type(error).__name__ == "TimeoutError":
        return _Case("DATABASE_BUSY", Busy, {})  # every connection of the pool is in use
    if _is_from(error, "sqlite3") or _is_from(error, "psycopg"):
        return _case_of_database(error)
    if isinstance(error, OSError):
        return _case_of_system(error)
    if isinstance(error, MemoryError):
        return _Case("MEMORY_FULL", Unusable, {})
    return _Case("UNEXPECTED", Fault, {})


_LIBRARY_KINDS: Mapping[str, type[OutreachError]] = {
    "routing.errors.SolveError": Busy,
    "routing.errors.TravelError": Refused,
    "routing.errors.RoutingError": BadInput,
    "bookings.errors.BookingsError": BadInput,
    "maps.errors.MapsError": Fault,
}
"""What each library's errors mean to the person in front; a subclass not named here goes with its base."""

_LIBRARY_CODES: Mapping[str, type[OutreachError]] = {
    "BAD_BUDGET": BadInput,
    "BAD_TRAVEL_PARAMETER": BadInput,
    "FONT_MISSING": Unusable,
    "MAP_PLACE_IMPOSSIBLE": BadInput,
    "MAP_WITHOUT_PLACES": Refused,
    "PLAN_REFUSED": Fault,  # the checker found a mistake of the solver
    "SOLVER_FAILED": Fault,
    "STATUS_STEP": Refused,
    "TRAVEL_MATRIX_SIZE": Fault,
}
"""Single codes that mean something else than the rest of their class."""


def _case_of_library(error: BaseException, kind: type[OutreachError]) -> _Case:
    values: dict[str, object] = dict(getattr(error, "values", {}))
    path = getattr(error, "path", None)
    if path is not None:
        values.setdefault("path", path or "$")
    code = str(getattr(error, "code", "UNEXPECTED"))
    return _Case(code, _LIBRARY_CODES.get(code, kind), values, tuple(getattr(error, "findings", ())))


_SQLITE_CODES: Mapping[int, tuple[str, type[OutreachError]]] = {
    5: ("DATABASE_BUSY", Busy),  # SQLITE_BUSY
    6: ("DATABASE_BUSY", Busy),  # SQLITE_LOCKED
    3: ("NO_PERMISSION", Unusable),  # SQLITE_PERM
    8: ("PLACE_READ_ONLY", Unusable),  # SQLITE_READONLY
    10: ("DISK_FAULT", Unusable),  # SQLITE_IOERR: also a disk that fills up in the middle of a page
    11: ("DATABASE_CORRUPT", Unusable),  # SQLITE_CORRUPT
    13: ("DISK_FULL", Unusable),  # SQLITE_FULL
    14: ("DATABASE_UNREACHABLE", Unusable),  # SQLITE_CANTOPEN
    23: ("NO_PERMISSION", Unusable),  # SQLITE_AUTH
    26: ("DATABASE_CORRUPT", Unusable),  # SQLITE_NOTADB
}
"""Primary result codes of https://www.sqlite.org/rescode.html."""

_SQLSTATES: Mapping[str, tuple[str, type[OutreachError]]] = {
    "08": ("DATABASE_UNREACHABLE", Unusable),  # connection exceptions
    "28": ("DATABASE_LOGIN_REFUSED", Unusable),
    "3D": ("DATABASE_UNREACHABLE", Unusable),  # no such database
    "40": ("DATABASE_BUSY", Busy),  # serialization failure, deadlock
    "42P01": ("DATABASE_NOT_SET_UP", Unusable),  # no such table
    "42703": ("DATABASE_NOT_SET_UP", Unusable),  # no such column
    "42501": ("DATABASE_LOGIN_REFUSED", Unusable),  # no right to that table
    "25006": ("PLACE_READ_ONLY", Unusable),  # read-only transaction
    "53100": ("DISK_FULL", Unusable),
    "53": ("DATABASE_BUSY", Busy),  # too many connections, out of memory
    "55P03": ("DATABASE_BUSY", Busy),  # lock not available
    "57": ("DATABASE_BUSY", Busy),  # statement timeout, shutting down, starting up
    "58": ("DISK_FAULT", Unusable),
    "XX001": ("DATABASE_CORRUPT", Unusable),
    "XX002": ("DATABASE_CORRUPT", Unusable),
}
"""SQLSTATE codes, or their classes, of PostgreSQL's appendix A."""


def _case_of_database(error: BaseException) -> _Case:
    sqlite_code = getattr(error, "sqlite_errorcode", None)
    if isinstance(sqlite_code, int):
        primary = sqlite_code & 0xFF
        if primary == 1 and str(error).startswith(("no such table", "no such column")):
            return _Case("DATABASE_NOT_SET_UP", Unusable, {})
        code, kind = _SQLITE_CODES.get(primary, ("UNEXPECTED", Fault))
        return _Case(code, kind, {})
    sqlstate = getattr(error, "sqlstate", None)
    if isinstance(sqlstate, str):
        code, kind = _SQLSTATES.get(sqlstate) or _SQLSTATES.get(sqlstate[:2]) or ("UNEXPECTED", Fault)
        return _Case(code, kind, {})
    # While there is no connection, psycopg has no state to name.
    if _is_from(error, "psycopg") and type(error).__name__ in ("OperationalError", "ConnectionTimeout"):
        return _Case("DATABASE_UNREACHABLE", Unusable, {})
    return _Case("UNEXPECTED", Fault, {})


_ERRNOS: Mapping[int, str] = {
    errno.ENOSPC: "DISK_FULL",
    errno.EDQUOT: "DISK_FULL",
    errno.EFBIG: "DISK_FULL",  # a quota set as the largest size of a file
    errno.EROFS: "PLACE_READ_ONLY",
    errno.EACCES: "NO_PERMISSION",
    errno.EPERM: "NO_PERMISSION",
    errno.EIO: "DISK_FAULT",
}


def _case_of_system(error: OSError) -> _Case:
    code = _ERRNOS.get(error.errno) if error.errno is not None else None
    if code is not None:
        return _Case(code, Unusable, {})
    if isinstance(error, FileNotFoundError):
        return _Case("FILE_MISSING", BadInput, {})
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError) or error.errno in (
        errno.ENAMETOOLONG,
        errno.ELOOP,
    ):
        return _Case("FILE_UNUSABLE", BadInput, {})
    return _Case("UNEXPECTED", Fault, {})


def _is_from(error: BaseException, package: str) -> bool:
    return any(kind.__module__.partition(".")[0] == package for kind in type(error).__mro__)


# -- from a case to words ----------------------------------------------------------------------------------------------

_NAMESPACES: Sequence[str] = ("error", "finding", "reason")
"""Where a code's words may stand: a library may raise as an error what it elsewhere reports as a finding."""


def _sentence_and_action(case: _Case, words: Words) -> tuple[str, str]:
    for namespace in _NAMESPACES:
        sentence = _text(words, f"{namespace}.{case.code}.sentence", case.values)
        if sentence is not None:
            return sentence, _text(words, f"{namespace}.{case.code}.action", case.values) or ""
    return words.say("error.UNTOLD.sentence", code=case.code), words.say("error.UNTOLD.action", code=case.code)


def _text(words: Words, key: str, values: Mapping[str, object]) -> str | None:
    """Return a text, or ``None`` where the catalogs lack it or it wants a value that is missing or of another kind.

    Tests make sure that neither happens; telling about an error must not become one.
    """
    if not words.has(key):
        return None
    try:
        return words.say(key, **{name: _tellable(_in_words(name, value, words)) for name, value in values.items()})
    except (KeyError, ValueError, TypeError):
        return None


def _in_words(name: str, value: object, words: Words) -> object:
    """The word of a status where a sentence names one; everything else as it is."""
    key = f"status.{value}"
    return words.say(key) if name in ("current", "following") and words.has(key) else value


def _tellable(value: object) -> object:
    """The value, with dots for a My Number: the last gate, behind the ones at every way in."""
    if isinstance(value, list | tuple):
        return [_tellable(item) for item in value]
    from bookings.digits import may_hold_digits

    if not isinstance(value, str | int) or not may_hold_digits(str(value)):
        return value
    from bookings.privacy import inspect  # only for an error with a number in it: it brings the readers of phones

    return "..." if any(found.code == "MY_NUMBER" for found in inspect(str(value), "value")) else value
