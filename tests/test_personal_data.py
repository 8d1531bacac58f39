"""Names, phones, addresses and notes are in no error, no exception, and not in the file once corrected.

That they are in no map is looked at in ``test_demo``, where the maps of the whole demo are made.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from outreach.programme.settings import DATABASE_FILE
from outreach.storage.engine import open_engine, sqlite_url, writing
from tests.outreach.terminal.conftest import Console
from tests.privacy_files import written_to
from tests.privacy_home import (
    city,
    console,
    demo_city,
    desk,
    promised_city,
    ungated,
)

__all__ = ["city", "console", "demo_city", "desk", "promised_city", "ungated"]  # fixtures


CANARIES = {
    "name": "鳥越カナリア",
    "kana": "漢字の読み",
    "phone": "0991-22-77",
    "second-phone": "九官鳥の電話",
    "fax": "0991-33-8",
    "mail": "kanaria_at_example",
    "landmark": "九官鳥の看板",
    "note": "鳥籠の鍵は植木鉢の下",
    "caller-name": "鳥越インコ",
}


def test_an_error_repeats_nothing_of_a_name_a_phone_or_a_note(console: Console, desk: Path) -> None:
    copy = Console(Path(shutil.copytree(console.home, desk / "home")), console.capture)
    said = copy(
        "booking", "add", "--people", "1", *(part for name, text in CANARIES.items() for part in (f"--{name}", text))
    )
    assert (said.status, [word for word in CANARIES.values() if word in said.out + said.err]) == (1, [])
    header, row = ",".join(name.replace("-", "_") for name in CANARIES), ",".join(CANARIES.values())
    table = written_to(desk / "table.csv", f"{header}\n{row}\n")
    said = copy("booking", "import", str(table))
    assert (said.status, [word for word in CANARIES.values() if word in said.out + said.err]) == (2, [])


def test_what_is_corrected_leaves_the_database_file(console: Console, desk: Path) -> None:
    copy = Console(Path(shutil.copytree(console.home, desk / "home")), console.capture)
    long = "アヒルの秘密。" * 100
    reference = copy("booking", "add", "--name", "家鴨ガアコ", "--note", long, "--json").json["reference"]
    assert "家鴨ガアコ".encode() in (copy.home / DATABASE_FILE).read_bytes()
    assert copy("booking", "edit", reference, "--name", "別の人", "--note", "なし").status == 0
    left = [
        word for word in ("家鴨ガアコ", "アヒルの秘密") if word.encode() in (copy.home / DATABASE_FILE).read_bytes()
    ]
    assert (left, [path.name for path in copy.home.glob("outreach.sqlite3*")]) == ([], ["outreach.sqlite3"])


def test_an_exception_of_the_database_names_nobody(sqlite_home: Path) -> None:
    engine = open_engine(sqlite_url(sqlite_home / DATABASE_FILE))
    with pytest.raises(DBAPIError) as broken, writing(engine) as session:
        session.connection().execute(text("INSERT INTO booking (name) VALUES (:name)"), {"name": "家鴨ガアコ"})
    engine.dispose()
    assert "家鴨" not in f"{broken.value}"


@pytest.fixture
def sqlite_home(city: tuple[Path, str], desk: Path) -> Path:
    """A home of the test's own."""
    return Path(shutil.copytree(city[0], desk / "home"))
