"""A full disk, a read-only home and a damaged file: a clear code, nothing half written, and all well afterwards."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from sqlmodel import select

from bookings.models import Booking
from outreach.errors import Unusable, present
from outreach.programme.settings import DATABASE_FILE
from outreach.services.office import Office, open_office
from outreach.storage.engine import reading, writing
from outreach.words import Words
from tests.outreach.city import a_booking, put_bookings, small_city
from tests.outreach.storage import child

FULL = ("DISK_FULL", "DISK_FAULT")
"""SQLite tells a limit on files (what stands in for a disk where none may be mounted) as a fault of the disk."""


def test_a_file_that_may_not_grow_stops_a_writer_with_a_clear_code_and_nothing_half_written(
    sqlite_office: Office, tmp_path: Path
) -> None:
    settings = sqlite_office.settings
    answer = child.told(child.fill_file_limit, tmp_path, str(settings.home), settings.database_url, 2_000_000)
    assert answer["code"] in FULL
    assert (answer["check"], answer["found"]) == ("ok", answer["acknowledged"])
    assert answer["found"] > 0
    put_bookings(sqlite_office, 1, first=90_000)  # with room again, it goes on


def test_a_full_disk_stops_a_writer_with_a_clear_code_and_nothing_half_written(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    answer = child.told(child.fill_small_disk, tmp_path, str(disk), 3_000_000)
    assert answer["code"] in FULL
    assert (answer["check"], answer["found"]) == ("ok", answer["acknowledged"])
    assert answer["found"] > 0


@pytest.mark.parametrize("size", [4096, 40_960, 204_800])
def test_a_home_set_up_on_a_full_disk_is_refused_clearly_and_can_be_set_up_later(tmp_path: Path, size: int) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    answer = child.told(child.init_on_small_disk, tmp_path, str(disk), size)
    assert answer.pop("first") in FULL
    assert answer == {"second": "", "opens": ""}


def open_the_way_to(folder: Path) -> None:
    """Let everybody look into ``folder``, which pytest keeps to itself."""
    roots = {Path(root) for root in (os.environ.get("PYTEST_DEBUG_TEMPROOT"), tempfile.gettempdir()) if root}
    for step in (folder, *(parent for parent in folder.parents if roots & set(parent.parents))):
        step.chmod(0o755)


def test_a_home_that_may_only_be_looked_at_can_be_looked_at_and_refuses_the_rest_clearly(
    sqlite_office: Office, tmp_path: Path
) -> None:
    small_city(sqlite_office)
    home = sqlite_office.settings.home
    open_the_way_to(home)
    for file in home.iterdir():
        file.chmod(0o444)
    home.chmod(0o555)
    before = {file.name: file.read_bytes() for file in home.iterdir()}
    answer = child.told(child.use_read_only, tmp_path, str(home), sqlite_office.settings.database_url)
    home.chmod(0o755)
    assert answer == {"init": "", "open": "", "read": "", "write": "PLACE_READ_ONLY", "backup": "NO_PERMISSION"}
    assert {file.name: file.read_bytes() for file in home.iterdir()} == before


def test_a_home_in_somebody_elses_folder_is_refused_clearly(tmp_path: Path) -> None:
    open_the_way_to(tmp_path)
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o555)
    home = theirs / "home"
    assert child.told(child.init_as_nobody, tmp_path, str(home), f"sqlite:///{home}/{DATABASE_FILE}") == "NO_PERMISSION"
    assert not home.exists()


@pytest.mark.parametrize("damage", ["not a database", "torn"])
def test_a_damaged_database_is_told_in_a_sentence(sqlite_office: Office, damage: str) -> None:
    put_bookings(sqlite_office, 50)
    path = sqlite_office.settings.database_file
    assert path is not None
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:100] = b"\0" * 100
    else:
        content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        look(sqlite_office)
    told = present(caught.value, Words("en"))
    assert (told.code, told.exit_status) == ("DATABASE_CORRUPT", Unusable.exit_status)
    assert told.sentence != ""


def look(office: Office) -> None:
    opened = open_office(office.settings)
    with reading(opened.engine) as session:
        session.exec(select(Booking)).all()


def test_a_writer_that_meets_a_damaged_page_changes_nothing(sqlite_office: Office) -> None:
    put_bookings(sqlite_office, 50)
    path = sqlite_office.settings.database_file
    assert path is not None
    content = path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)
    path.write_bytes(content)
    with pytest.raises(Exception) as caught, writing(sqlite_office.engine) as session:  # noqa: PT011
        session.add(a_booking(99))
    assert present(caught.value, Words("en")).code == "DATABASE_CORRUPT"
    assert path.read_bytes() == content
