"""What a process needs only once, kept between tests: compiled statements, rules read, the source scanned, commands.

Every test opens its own database, and most read the same rules; a terminal of its own would build all commands anew.
None of it depends on the test: the same statement, text, source or language gives the same. It was a third of the
time. Each is switched on once, however often it is asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from outreach import error_index
from outreach.programme import rules_file

_statements: dict[Any, Any] = {}


@cache
def compile_once() -> None:
    """Statements of one kind of database are compiled by whichever engine first needs them, for all engines."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # Part of the cache's key. One library, one server: all dialects of a kind write the same SQL.
        dialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
        dialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign, assignment]
    event.listen(Engine, "engine_connect", _with_common_cache)


def _with_common_cache(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_statements)


@cache
def read_rules_once() -> None:
    """Rules files of the same text are read once; the rules are frozen."""
    rules_file.read_rules = cache(rules_file.read_rules)


@cache
def scan_source_once() -> None:
    """The codes of the same source files are looked for once; nobody edits the source while tests run."""
    honest = error_index.code_index

    @cache
    def scanned(files: tuple[Path, ...]) -> error_index.CodeIndex:
        return honest(files)

    error_index.code_index = lambda files: scanned(tuple(files))


@cache
def build_commands_once() -> None:
    """The terminal's commands are built once a language; a command keeps nothing of a run."""
    from outreach.terminal import app
    from outreach.words import Words

    honest = app.build

    @cache
    def built(language: str) -> Any:
        return honest(Words(language))

    app.build = lambda words: built(words.language)
