from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy
import sqlalchemy.exc

from bookings.errors import BookingsError, FileRefused, PrivacyError
from bookings.findings import Finding, Severity
from bookings.statuses import IllegalStep
from maps.errors import MapsError
from outreach.errors import (
    BadInput,
    Busy,
    Fault,
    NotFound,
    OutreachError,
    PermissionDenied,
    Refused,
    TooMany,
    Unusable,
    finding_action,
    finding_sentence,
    present,
)
from outreach.programme.rules_file import RulesError
from outreach.words import Words
from routing.errors import DayFileError, ProblemError, RoutingError, SolveError, TravelError

EN = Words("en")
JA = Words("ja")
SECRET = "都城 花子 0986-00-0000"


def words_with(**texts: str) -> Words:
    words = Words("en")
    words._texts = {**words._texts, **{key.replace("__", "."): text for key, text in texts.items()}}
    return words


@pytest.mark.parametrize(
    ("kind", "exit_status", "http_status"),
    [
        (Refused, 1, 409),
        (BadInput, 2, 422),
        (NotFound, 2, 404),
        (PermissionDenied, 1, 403),
        (TooMany, 1, 429),
        (Busy, 1, 503),
        (Unusable, 2, 503),
        (Fault, 70, 500),
        (OutreachError, 70, 500),
    ],
)
def test_sentence_exit_status_and_http_status_come_from_one_class(
    kind: type[OutreachError], exit_status: int, http_status: int
) -> None:
    words = words_with(error__VAN_LOST__sentence="Van {van} is lost.", error__VAN_LOST__action="Look for it.")
    shown = present(kind("VAN_LOST", van="van-1"), words)
    assert (shown.code, shown.sentence, shown.action) == ("VAN_LOST", "Van van-1 is lost.", "Look for it.")
    assert (shown.exit_status, shown.http_status, shown.details) == (exit_status, http_status, ())


@pytest.mark.parametrize(
    ("error", "exit_status", "http_status"),
    [
        (RoutingError("SOME_CODE", SECRET), 2, 422),
        (ProblemError("SOME_CODE", SECRET), 2, 422),
        (DayFileError("SOME_CODE", SECRET), 2, 422),
        (SolveError("SOME_CODE", SECRET), 1, 503),
        (TravelError("SOME_CODE", SECRET), 1, 409),
        (BookingsError("SOME_CODE", SECRET), 2, 422),
        (PrivacyError("SOME_CODE", SECRET), 2, 422),
        (FileRefused("SOME_CODE", SECRET), 2, 422),
        (MapsError("SOME_CODE", SECRET), 70, 500),
    ],
)
def test_an_error_of_a_library_keeps_its_code_and_gets_a_status(
    error: Exception, exit_status: int, http_status: int
) -> None:
    shown = present(error, EN)
    assert (shown.code, shown.exit_status, shown.http_status) == ("SOME_CODE", exit_status, http_status)
    assert SECRET not in shown.sentence + shown.action


@pytest.mark.parametrize(
    ("error", "exit_status", "http_status"),
    [
        (SolveError("BAD_BUDGET", "x"), 2, 422),
        (SolveError("PLAN_REFUSED", "x", codes=()), 70, 500),
        (SolveError("SOLVER_KILLED", "x"), 1, 503),
        (MapsError("FONT_MISSING", "x"), 2, 503),
        (IllegalStep("STATUS_STEP", "x", reference="H10472"), 1, 409),
        (RulesError([], name="outreach.toml"), 2, 422),
    ],
)
def test_a_code_that_means_something_else_than_its_class_has_its_own_status(
    error: Exception, exit_status: int, http_status: int
) -> None:
    shown = present(error, EN)
    assert (shown.exit_status, shown.http_status) == (exit_status, http_status)


def test_an_error_of_a_library_is_told_with_its_values_and_its_path() -> None:
    words = words_with(error__SOME_CODE__sentence="{visit} at {path}", error__SOME_CODE__action="")
    assert present(RoutingError("SOME_CODE", "x", path="visits[2].place", visit="H10472"), words).sentence == (
        "H10472 at visits[2].place"
    )
    assert present(RoutingError("SOME_CODE", "x", visit="H10472"), words).sentence == "H10472 at $"


def test_a_library_may_raise_what_it_elsewhere_reports_as_a_finding() -> None:
    words = words_with(finding__SOME_CODE__sentence="The field {field}.", finding__SOME_CODE__action="Do it.")
    shown = present(PrivacyError("SOME_CODE", SECRET, field="note"), words)
    assert (shown.sentence, shown.action) == ("The field note.", "Do it.")


@pytest.mark.parametrize("words", [JA, EN], ids=["ja", "en"])
@pytest.mark.parametrize(
    "error", [ValueError(SECRET), KeyError(SECRET), AssertionError(SECRET), ZeroDivisionError(SECRET), OSError(SECRET)]
)
def test_what_nobody_foresaw_is_our_fault_and_its_own_text_is_never_shown(error: Exception, words: Words) -> None:
    shown = present(error, words)
    assert (shown.code, shown.exit_status, shown.http_status) == ("UNEXPECTED", 70, 500)
    assert shown.sentence == words.say("error.UNEXPECTED.sentence")
    assert SECRET not in repr(shown)


def test_a_code_without_words_or_with_a_value_missing_is_still_told() -> None:
    assert present(Refused("NOBODY_WROTE_THIS"), EN).sentence == "This could not be done (NOBODY_WROTE_THIS)."
    words = words_with(error__SOME_CODE__sentence="{missing}", error__SOME_CODE__action="{a:minutes}")
    assert present(Refused("SOME_CODE"), words).sentence == "This could not be done (SOME_CODE)."
    words = words_with(error__SOME_CODE__sentence="Fine.", error__SOME_CODE__action="{a:minutes}")
    assert (
        present(Refused("SOME_CODE", a="x"), words).sentence,
        present(Refused("SOME_CODE", a="x"), words).action,
    ) == (
        "Fine.",
        "",
    )


@pytest.mark.parametrize(
    ("number", "code", "exit_status"),
    [
        (errno.ENOSPC, "DISK_FULL", 2),
        (errno.EDQUOT, "DISK_FULL", 2),
        (errno.EFBIG, "DISK_FULL", 2),
        (errno.EROFS, "PLACE_READ_ONLY", 2),
        (errno.EACCES, "NO_PERMISSION", 2),
        (errno.EPERM, "NO_PERMISSION", 2),
        (errno.EIO, "DISK_FAULT", 2),
        (errno.ENOENT, "FILE_MISSING", 2),
        (errno.EISDIR, "FILE_UNUSABLE", 2),
        (errno.ENOTDIR, "FILE_UNUSABLE", 2),
        (errno.EEXIST, "FILE_UNUSABLE", 2),
        (errno.ENAMETOOLONG, "FILE_UNUSABLE", 2),
        (errno.EBADF, "UNEXPECTED", 70),
    ],
)
def test_what_the_system_refuses_is_told_without_the_path(number: int, code: str, exit_status: int) -> None:
    shown = present(OSError(number, os.strerror(number), f"/home/{SECRET}.csv"), JA)
    assert (shown.code, shown.exit_status) == (code, exit_status)
    assert SECRET not in repr(shown)
    assert shown.sentence == JA.say(f"error.{code}.sentence")


def test_a_full_memory_is_told() -> None:
    assert present(MemoryError(), EN).code == "MEMORY_FULL"


# -- databases: the errors are the real ones ----------------------------------------------------------------


def raised(act: Callable[[], object]) -> BaseException:
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def locked(folder: Path) -> Callable[[], object]:
    first = sqlite3.connect(folder / "a.sqlite3", isolation_level=None)
    first.execute("CREATE TABLE t (x)")
    first.execute("BEGIN IMMEDIATE")
    engine = sqlalchemy.create_engine(f"sqlite:///{folder / 'a.sqlite3'}", connect_args={"timeout": 0})

    def act() -> None:
        try:
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text("INSERT INTO t VALUES (1)"))
        finally:
            engine.dispose()
            first.close()

    return act


def query(path: Path, statement: str = "SELECT * FROM booking", mode: str = "") -> Callable[[], object]:
    engine = sqlalchemy.create_engine(f"sqlite:///file:{path}?uri=true{mode}")

    def act() -> None:
        try:
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text(statement))
        finally:
            engine.dispose()

    return act


def test_a_locked_database_is_busy(tmp_path: Path) -> None:
    shown = present(raised(locked(tmp_path)), EN)
    assert (shown.code, shown.exit_status, shown.http_status) == ("DATABASE_BUSY", 1, 503)


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_bytes(b"this is not a database, and long enough to be read as one" * 20)
    assert present(raised(query(tmp_path / "a.sqlite3")), EN).code == "DATABASE_CORRUPT"


def test_a_database_cut_short_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE booking (x TEXT)")
        connection.executemany("INSERT INTO booking VALUES (?)", [("x" * 3000,)] * 50)
    connection.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    assert present(raised(query(path)), EN).code == "DATABASE_CORRUPT"


def test_a_database_without_its_tables_is_not_set_up(tmp_path: Path) -> None:
    assert present(raised(query(tmp_path / "a.sqlite3")), EN).code == "DATABASE_NOT_SET_UP"


def test_a_database_in_no_folder_cannot_be_reached(tmp_path: Path) -> None:
    assert present(raised(query(tmp_path / "none" / "a.sqlite3")), EN).code == "DATABASE_UNREACHABLE"


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "a.sqlite3").close()
    act = query(tmp_path / "a.sqlite3", "CREATE TABLE booking (x)", "&mode=ro")
    assert present(raised(act), EN).code == "PLACE_READ_ONLY"


def test_a_wrong_statement_is_our_fault(tmp_path: Path) -> None:
    shown = present(raised(query(tmp_path / "a.sqlite3", f"SELEKT '{SECRET}'")), EN)
    assert (shown.code, shown.exit_status) == ("UNEXPECTED", 70)
    assert SECRET not in repr(shown)


def test_a_disk_that_fills_up_under_sqlite_is_told(tmp_path: Path) -> None:
    script = f"""
import resource, signal, sqlite3
from outreach.errors import present
from outreach.words import Words
connection = sqlite3.connect({str(tmp_path / "a.sqlite3")!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))
except Exception as error:
    print(present(error, Words("en")).code)
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown == "DISK_FAULT\n"


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("55P03", "DATABASE_BUSY"),
        ("40001", "DATABASE_BUSY"),
        ("40P01", "DATABASE_BUSY"),
        ("57014", "DATABASE_BUSY"),
        ("53300", "DATABASE_BUSY"),
        ("53100", "DISK_FULL"),
        ("08006", "DATABASE_UNREACHABLE"),
        ("3D000", "DATABASE_UNREACHABLE"),
        ("28P01", "DATABASE_LOGIN_REFUSED"),
        ("42P01", "DATABASE_NOT_SET_UP"),
        ("25006", "PLACE_READ_ONLY"),
        ("XX001", "DATABASE_CORRUPT"),
        ("23505", "UNEXPECTED"),
        ("42601", "UNEXPECTED"),
    ],
)
def test_what_postgresql_refuses_is_told_by_its_state(sqlstate: str, code: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    original = psycopg.errors.lookup(sqlstate)(SECRET)
    wrapped = sqlalchemy.exc.OperationalError(f"SELECT '{SECRET}'", None, original)
    assert present(wrapped, EN).code == present(original, EN).code == code
    assert SECRET not in repr(present(wrapped, EN))


def test_a_postgresql_server_that_is_not_there_cannot_be_reached(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    engine = sqlalchemy.create_engine(f"postgresql+psycopg://van:geheim@/outreach?host={tmp_path}&connect_timeout=2")
    shown = present(raised(engine.connect), EN)
    engine.dispose()
    assert shown.code == "DATABASE_UNREACHABLE"
    assert "geheim" not in repr(shown)


def test_a_pool_without_a_free_connection_is_busy() -> None:
    assert present(sqlalchemy.exc.TimeoutError("QueuePool limit"), EN).code == "DATABASE_BUSY"


# -- findings ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineFinding:
    code: str
    line: int
    values: Mapping[str, object] = field(default_factory=dict)


WITH_FINDING = {
    "finding__TOO_MANY__sentence": "{people} is too many.",
    "finding__TOO_MANY__action": "Make it a group.",
}


def test_a_finding_is_led_by_its_place_in_the_file() -> None:
    words = words_with(**WITH_FINDING)
    values = {"people": 40}
    plain = Finding("people", "TOO_MANY", Severity.ERROR, values)
    assert finding_sentence(plain, words) == "40 is too many."
    assert finding_action(plain, words) == "Make it a group."
    row = Finding("people", "TOO_MANY", Severity.ERROR, values, row=3)
    assert finding_sentence(row, words) == "Row 3: 40 is too many."
    cell = Finding("people", "TOO_MANY", Severity.ERROR, values, row=3, column="人数")
    assert finding_sentence(cell, words) == "Row 3, column 人数: 40 is too many."
    assert finding_sentence(LineFinding("TOO_MANY", 7, values), words) == "Line 7: 40 is too many."


def test_a_finding_without_words_is_told_by_its_code() -> None:
    finding = Finding("people", "NOBODY_WROTE_THIS", Severity.WARNING, row=2)
    assert finding_sentence(finding, EN) == "Row 2: This could not be done (NOBODY_WROTE_THIS)."
    assert finding_action(finding, EN) == ""


def test_an_error_with_findings_shows_each_in_order() -> None:
    words = words_with(**WITH_FINDING, error__FILE_WRONG__sentence="No.", error__FILE_WRONG__action="")
    findings = [Finding("people", "TOO_MANY", Severity.ERROR, {"people": n}, row=n) for n in (40, 7)]
    assert present(BadInput("FILE_WRONG", findings=findings), words).details == (
        "Row 40: 40 is too many.",
        "Row 7: 7 is too many.",
    )
