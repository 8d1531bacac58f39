"""What is published: whole or not at all, of a plan that holds, told when it is outdated, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.errors import NotFound, Refused
from outreach.services import _artefacts, _files, desk, fleet, planning, publishing, shifts
from outreach.services.office import Office
from outreach.storage.engine import writing
from outreach.storage.tables import ServiceDay
from routing.files import plan_sha256, read_plan
from tests.outreach.city import CREWS, FAR, TUESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    HALF_WAY,
    change_booking,
    leg_limit_city,
    promised,
    quick,
    state_of,
    versions,
    window,
)

PARTS = {publishing.SHEETS, publishing.CALLS, publishing.MAP, publishing.FILES}
NAMES = [
    "call-list.html",
    "call-list.pdf",
    "call-list.xlsx",
    "day-2026-11-24.json",
    "plan-2026-11-24.json",
    "route-map.html",
    "route-sheets.html",
    "route-sheets.pdf",
]


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def files_under(folder: Path) -> list[str]:
    """Every file, hidden ones and folders included."""
    return sorted(path.name for path in folder.rglob("*"))


def test_a_published_day_has_its_files_is_closed_and_says_who_published_it(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "13:30")
    done = publishing.publish(office, TUESDAY, language="ja", why="evening")
    assert sorted(done.files) == NAMES
    assert sorted(path.name for path in done.folder.iterdir()) == NAMES
    assert done.folder == office.settings.published / "2026-11-24" / "v2-ja"
    (row,) = publishing.publications(office, TUESDAY)
    assert (row.who, row.language, row.files, row.outdated_at) == ("tester", "ja", done.files, None)
    view = planning.show(office, TUESDAY)
    assert (view.closed, view.published, view.published_number, view.outdated) == (True, True, 2, False)


def test_every_artefact_carries_the_version_and_the_hash(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    done = publishing.publish(sqlite_office, TUESDAY, language="en")
    view = planning.show(sqlite_office, TUESDAY, "published")
    for name in ("route-sheets.html", "call-list.html", "route-map.html"):
        text = (done.folder / name).read_text(encoding="utf-8")
        assert view.sha256[:10] in text, name
    assert plan_sha256(read_plan((done.folder / "plan-2026-11-24.json").read_bytes())) == view.sha256


def test_two_runs_give_equal_bytes_but_for_the_maps_random_ids(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00", "10:00", "13:30")
    view = planning.show(sqlite_office, TUESDAY)
    first = publishing.draw(sqlite_office, view, language="ja", parts=PARTS)
    second = publishing.draw(sqlite_office, view, language="ja", parts=PARTS)
    assert sorted(first) == NAMES
    assert [name for name in NAMES if first[name] != second[name]] in ([], ["route-map.html"])


def test_a_proposal_is_never_on_a_published_sheet(office: Office) -> None:
    small_city(office)
    (kept,) = promised(office, "10:00")
    (waiting,) = put_bookings(office, 1, first=7)
    assert planning.make(office, TUESDAY).proposals == (waiting,)
    done = publishing.publish(office, TUESDAY, language="ja")
    view = planning.show(office, TUESDAY, "published")
    assert view.plan.served == {kept}
    for path in done.folder.iterdir():
        assert waiting.encode() not in path.read_bytes(), path.name


def test_artefacts_of_a_standing_plan_leave_its_proposals_out(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    (waiting,) = put_bookings(sqlite_office, 1, first=7)
    planning.make(sqlite_office, TUESDAY)
    parts = {publishing.SHEETS, publishing.CALLS, publishing.MAP}
    done = publishing.artefacts(sqlite_office, TUESDAY, None, language="ja", parts=parts)
    assert len(done.files) == 6
    for path in done.folder.iterdir():
        assert waiting.encode() not in path.read_bytes(), path.name


def test_a_ghost_is_driven_past_and_on_no_sheet_or_call_list(sqlite_office: Office) -> None:
    office, half_way, far = leg_limit_city(sqlite_office)
    desk.cancel(office, half_way)
    material = _artefacts.gather(office, planning.show(office, TUESDAY), "ja")
    (sheet,) = _artefacts.route_sheets(material)
    assert half_way not in {stop.reference for stop in sheet.stops}
    assert [stop.number for stop in sheet.stops] == [1, 2]
    assert sum(stop.drive_s for stop in sheet.stops) + sheet.drive_home_s == sheet.travel_s
    calls = _artefacts.call_list(material)
    assert {entry.reference for entry in calls.calls} == {stop.reference for stop in sheet.stops}
    assert next(e.latest_useful_s for e in calls.calls if e.reference == far) == sheet.depart_s
    assert half_way not in {stop.reference for route in _artefacts.day_map(material).routes for stop in route.stops}


def test_proposals_that_hold_a_route_together_are_driven_past_when_the_day_is_published(
    sqlite_office: Office,
) -> None:
    office = quick(sqlite_office, travel={"max_leg_min": 25}, shift={"lunch_min": 0})
    small_city(office)
    shifts.remove_shift(office, TUESDAY, "van-2")
    (back,) = put_bookings(office, 1, first=3, town=HALF_WAY)
    (there,) = put_bookings(office, 1, first=1, town=HALF_WAY)
    (far,) = put_bookings(office, 1, first=2, town=FAR)
    desk.confirm(office, back, TUESDAY, window("13:00"))
    desk.confirm(office, there, TUESDAY, window("10:00"))
    desk.confirm(office, far, TUESDAY, window("11:30"))
    # The stop on the way becomes a proposal, as if the plan had been made with a waiting booking there.
    change_booking(office, there, status="requested")
    with writing(office.engine) as session:
        from outreach.storage.tables import PlanStop, Visit

        visit = session.exec(select(Visit).where(Visit.opens_s == window("10:00")[0])).one()
        visit.state = "released"
        stop = session.exec(select(PlanStop).where(PlanStop.booking_id == visit.booking_id)).all()[-1]
        stop.role = "proposed"
        session.add_all([visit, stop])
    publishing.publish(office, TUESDAY, language="ja")
    view = planning.show(office, TUESDAY, "published")
    assert view.roles == {back: "promised", there: "ghost", far: "promised"}


def test_a_plan_that_no_longer_holds_is_not_published(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    fleet.van_down(office, "van-2", TUESDAY, TUESDAY, reason="")
    with pytest.raises(Refused) as refusal:
        publishing.publish(office, TUESDAY, language="ja")
    assert (refusal.value.code, refusal.value.values["codes"]) == ("PLAN_NO_LONGER_HOLDS", ["SHIFT_UNKNOWN"])
    assert files_under(office.settings.published) == []
    assert not state_of(office).closed


def test_there_must_be_a_plan_and_somebody_on_it(office: Office) -> None:
    small_city(office)
    with pytest.raises(NotFound) as unknown:
        publishing.publish(office, TUESDAY, language="ja")
    assert unknown.value.code == "DAY_UNKNOWN"
    with writing(office.engine) as session:
        session.add(ServiceDay(day=TUESDAY))
    with pytest.raises(NotFound) as unplanned:
        publishing.publish(office, TUESDAY, language="ja")
    assert unplanned.value.code == "NO_PLAN"
    (reference,) = promised(office, "10:00")
    desk.cancel(office, reference)
    for attempt in (
        lambda: publishing.publish(office, TUESDAY, language="ja"),
        lambda: publishing.artefacts(office, TUESDAY, None, language="ja", parts=PARTS),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "NOTHING_TO_PUBLISH"


@pytest.mark.parametrize("spoil", ["promise", "crew"])
def test_a_day_that_changes_while_its_sheets_are_drawn_is_not_published(
    office: Office, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    small_city(office)
    promised(office, "10:00")
    (late,) = put_bookings(office, 1, first=5)
    honest = publishing.draw

    def overtaken(*args, **kwargs):  # type: ignore[no-untyped-def]
        drawn = honest(*args, **kwargs)
        if spoil == "promise":
            desk.confirm(office, late, TUESDAY, window("13:30"))
        else:
            fleet.staff_leave(office, "s-01", TUESDAY, TUESDAY)
        return drawn

    monkeypatch.setattr(publishing, "draw", overtaken)
    with pytest.raises(Refused) as refusal:
        publishing.publish(office, TUESDAY, language="ja")
    assert refusal.value.code == "PLAN_STALE"
    assert not list(office.settings.published.rglob("*.pdf"))
    assert not state_of(office).closed


# -- all or none -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_disk_that_fails_in_the_middle_leaves_nothing_half_written(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    written = 0

    def full(_: int) -> None:
        nonlocal written
        written += 1
        if written == fails_at:
            raise OSError(28, "No space left on device")

    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    monkeypatch.setattr(publishing, "draw", lambda *_, **__: dict.fromkeys(NAMES, b"x"))
    monkeypatch.setattr(_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        publishing.publish(sqlite_office, TUESDAY, language="ja")
    assert files_under(sqlite_office.settings.published) == ["2026-11-24"]
    assert not state_of(sqlite_office).closed
    assert publishing.publications(sqlite_office, TUESDAY) == ()


@pytest.mark.parametrize("fails_at", range(1, 6))
def test_when_a_rename_fails_the_old_files_are_what_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    folder = tmp_path / "out"
    publishing.write_together(folder, {"a": b"old a", "b": b"old b", "mine": b"untouched"})
    honest, renames = Path.replace, 0

    def fails(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == fails_at:
            raise OSError(5, "Input/output error")
        return honest(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="Input"):
        publishing.write_together(folder, {"a": b"new a", "b": b"new b", "c": b"new c"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a": b"old a",
        "b": b"old b",
        "mine": b"untouched",
    }


def test_files_are_replaced_together_and_others_beside_them_stay(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    publishing.write_together(folder, {"a": b"1", "b": b"2"})
    digests = publishing.write_together(folder, {"b": b"3"})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a": b"1", "b": b"3"}
    assert list(digests) == ["b"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["out"]


def test_when_the_publication_cannot_be_stored_its_files_are_gone_again(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    monkeypatch.setattr(publishing, "draw", lambda *_, **__: dict.fromkeys(NAMES, b"x"))
    honest = _files.Staged.put_in_place

    def then_fails(self: _files.Staged) -> None:
        honest(self)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files.Staged, "put_in_place", then_fails)
    with pytest.raises(OSError, match="No space"):
        publishing.publish(sqlite_office, TUESDAY, language="ja")
    assert files_under(sqlite_office.settings.published) == ["2026-11-24"]
    assert not state_of(sqlite_office).closed


# -- outdated ----------------------------------------------------------------------------------------------------------


def outdated(office: Office) -> list[bool]:
    """Of every publication of the day, whether it is outdated."""
    return [row.outdated_at is not None for row in publishing.publications(office, TUESDAY)]


def test_a_change_after_publishing_outdates_it_and_publishing_again_does_not_touch_the_older_files(
    office: Office,
) -> None:
    small_city(office)
    first, _ = promised(office, "10:00", "13:30")
    old = publishing.publish(office, TUESDAY, language="ja")
    before = {path.name: path.read_bytes() for path in old.folder.iterdir()}
    desk.cancel(office, first)
    assert outdated(office) == [True]
    assert planning.show(office, TUESDAY).outdated
    again_drawn = publishing.artefacts(office, TUESDAY, None, language="en", parts={publishing.CALLS})
    assert (again_drawn.outdated, again_drawn.number) == (True, 2)
    new = publishing.publish(office, TUESDAY, language="ja")
    assert (new.number, outdated(office)) == (3, [True, False])
    assert not planning.show(office, TUESDAY).outdated
    assert {path.name: path.read_bytes() for path in old.folder.iterdir()} == before


def test_another_crew_outdates_the_sheets_although_the_plan_is_the_same(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    publishing.publish(office, TUESDAY, language="ja")
    van = next(iter(state_of(office).standing.plan.routes)).shift  # type: ignore[union-attr]
    driver, other = CREWS[van]
    shifts.add_shift(office, shifts.ShiftRequest(TUESDAY, van, (other, driver)), replace=True)
    assert outdated(office) == [True]
    publishing.publish(office, TUESDAY, language="ja")
    assert outdated(office) == [True, False]
    assert not planning.show(office, TUESDAY).outdated
    assert versions(office) == [(1, "confirm")]


def test_a_day_reopened_for_one_more_promise_is_outdated_by_it(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    planning.reopen(sqlite_office, TUESDAY, why="one more")
    assert outdated(sqlite_office) == [False]
    promised(sqlite_office, "13:30", first=2)
    assert outdated(sqlite_office) == [True]


def test_both_languages_can_be_published_side_by_side(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    folders = [publishing.publish(sqlite_office, TUESDAY, language=language).folder.name for language in ("ja", "en")]
    assert folders == ["v1-ja", "v1-en"]
    assert outdated(sqlite_office) == [False, False]


# -- files -------------------------------------------------------------------------------------------------------------


def test_a_version_is_exported_as_its_two_files_which_the_checker_accepts(sqlite_office: Office) -> None:
    from outreach.services.exchange import check_files

    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    put_bookings(sqlite_office, 1, first=5)
    planning.make(sqlite_office, TUESDAY)
    folder = sqlite_office.settings.home / "export"
    done = publishing.export(sqlite_office, TUESDAY, folder)
    day, plan = (folder / name for name in sorted(done.files))
    assert check_files(day.read_bytes(), plan.read_bytes()) == ()
    first = publishing.export(sqlite_office, TUESDAY, folder / "first", version="1")
    assert first.number == 1
    with pytest.raises(NotFound):
        publishing.export(sqlite_office, TUESDAY, folder, version="9")


def test_an_exported_plan_says_why_a_booking_is_left_out_in_the_offices_language(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    shifts.remove_shift(sqlite_office, TUESDAY, "van-2")
    promised(sqlite_office, "10:00")
    for reference in put_bookings(sqlite_office, 9, first=5):
        change_booking(sqlite_office, reference, people=6)
    planning.make(sqlite_office, TUESDAY)
    sentences = []
    for language in ("ja", "en"):
        office = replace(sqlite_office, settings=replace(sqlite_office.settings, language=language))
        done = publishing.export(office, TUESDAY, office.settings.home / language)
        plan = json.loads((done.folder / "plan-2026-11-24.json").read_text(encoding="utf-8"))
        sentences.append(plan["unassigned"][0]["sentence"])
    assert all(sentences)
    assert sentences[0] != sentences[1]


def test_a_folder_that_has_the_name_of_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "mine").write_bytes(b"untouched")
    (tmp_path / "out" / "0").write_bytes(b"old")
    with pytest.raises(IsADirectoryError):
        publishing.write_together(tmp_path / "out", {"0": b"new", "a": b"file"})
    assert (tmp_path / "out" / "a" / "mine").read_bytes() == b"untouched"
    assert (tmp_path / "out" / "0").read_bytes() == b"old"
