"""Depots, vans and staff: a file taken whole or not at all, and who is to be phoned when something drops out."""

from __future__ import annotations

from datetime import date as Date

import pytest

from bookings.errors import FileRefused, PrivacyError
from bookings.spreadsheets import write_xlsx
from outreach.errors import BadInput, NotFound, Refused
from outreach.services import fleet, shifts
from outreach.services._fleet_file import COLUMNS
from outreach.services._recheck import Outcome
from outreach.services.fleet import FleetRefused
from outreach.services.office import Office
from tests.outreach.city import TUESDAY, WEDNESDAY, small_city
from tests.outreach.services.promised import promised, quick, require_kept, state_of, versions, windows_promised

FLEET = """
[[depot]]
id = "hall"
name = "市役所"
name_en = "City Hall"
lat = 38.2336
lon = 143.4588

[[van]]
id = "van-1"
name = "1号車"
depot = "hall"
skills = ["wheelchair"]
kit = ["tablet", "mirror"]

[[staff]]
id = "s-01"
name = "青木 一郎"

[[staff]]
id = "s-02"
name = "井上 花"
trainee = true
leave = ["2026-12-24..2026-12-25", "2027-01-08"]

[[shift]]
date = 2026-11-24
van = "van-1"
crew = ["s-01", "s-02"]
start = 09:00:00
end = "12:00"
"""


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def codes(office: Office, data: bytes | str, name: str = "fleet.toml") -> list[tuple[str, int | None]]:
    """The findings a file is refused with: code and row."""
    with pytest.raises(FleetRefused) as refusal:
        fleet.import_fleet(office, data.encode() if isinstance(data, str) else data, name=name)
    assert refusal.value.code == "FLEET_REFUSED"
    assert refusal.value.values["count"] == len(refusal.value.findings)
    return [(finding.code, finding.row) for finding in refusal.value.findings]  # type: ignore[attr-defined]


def test_a_fleet_file_is_taken_and_a_second_import_updates_it(office: Office) -> None:
    done = fleet.import_fleet(office, FLEET.encode(), name="fleet.toml")
    assert (done.depots, done.vans, done.staff, done.shifts) == (1, 1, 2, 1)
    shown = fleet.show(office)
    assert (shown.vans[0].skills, shown.vans[0].kit) == (["wheelchair"], ["tablet", "mirror"])
    assert [(person.id, person.trainee) for person in shown.staff] == [("s-01", False), ("s-02", True)]
    assert [(period.first_day, period.last_day) for period in shown.leave] == [
        (Date(2026, 12, 24), Date(2026, 12, 25)),
        (Date(2027, 1, 8), Date(2027, 1, 8)),
    ]
    (shift,) = shifts.list_shifts(office, TUESDAY, TUESDAY)
    assert (shift.crew, shift.start_s, shift.end_s) == (("s-01", "s-02"), 32400, 43200)
    fleet.import_fleet(office, FLEET.replace("1号車", "あおぞら号").encode(), name="fleet.toml")
    assert [van.name for van in fleet.show(office).vans] == ["あおぞら号"]
    assert len(fleet.show(office).leave) == 2


def test_the_template_is_a_file_that_can_be_imported(office: Office) -> None:
    small_city(office)  # its people s-02, which the template's shift names
    done = fleet.import_fleet(office, fleet.template(), name="fleet.xlsx")
    assert (done.depots, done.vans, done.staff, done.shifts) == (1, 1, 1, 1)


def test_a_van_may_stand_at_a_depot_known_from_before(office: Office) -> None:
    small_city(office)
    fleet.import_fleet(office, b'[[van]]\nid = "van-7"\nname = "7"\ndepot = "hall"\n', name="fleet.toml")
    more = '[[depot]]\nid="north"\nname="N"\nlat=38.3\nlon=143.5\n[[van]]\nid="van-8"\nname="8"\ndepot="hall"\n'
    fleet.import_fleet(office, more.encode(), name="fleet.toml")
    assert {van.id for van in fleet.show(office).vans} == {"van-1", "van-2", "van-7", "van-8"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[van]]\nid="v"\nname="v"\ndepot="nowhere"\n', [("DEPOT_UNKNOWN", 1)]),
        ('[[van]]\nid="v"\nname="v"\ndepot="hall"\ncolour="red"\n', [("FLEET_COLUMN_UNKNOWN", 1)]),
        ('[[van]]\nid="v"\n', [("FLEET_VALUE_MISSING", 1), ("FLEET_VALUE_MISSING", 1)]),
        ('[[depot]]\nid="d"\nname="d"\nlat=95\nlon=143\n', [("FLEET_COORDINATE", 1)]),
        ('[[depot]]\nid="d"\nname="d"\nlat="north"\nlon=143\n', [("FLEET_COORDINATE", 1)]),
        (f'[[depot]]\nid="d"\nname="d"\nlat=1{"0" * 400}\nlon=143\n', [("FLEET_COORDINATE", 1)]),
        ('[[staff]]\nid="a"\nname="a"\n[[staff]]\nid="a"\nname="b"\n', [("FLEET_ID_TWICE", 2)]),
        ('[[staff]]\nid="a"\nname="a"\ntrainee="perhaps"\n', [("FLEET_YES_OR_NO", 1)]),
        ('[[staff]]\nid="a"\nname="a"\nleave=["2026-12-25..2026-12-24"]\n', [("FLEET_PERIOD", 1)]),
        ('[[shift]]\ndate="soon"\nvan="van-1"\ncrew=["s-01","s-02"]\n', [("FLEET_DATE", 1)]),
        ('[[shift]]\ndate="2026-11-26"\nvan="van-1"\ncrew=["s-01"]\n', [("CREW_NOT_TWO", 1)]),
        ('[[shift]]\ndate="2026-11-26"\nvan="van-1"\ncrew=["s-01","s-02"]\nend="25:00"\n', [("FLEET_TIME", 1)]),
        ('[[shift]]\ndate="2026-11-26"\nvan="van-9"\ncrew=["s-01","s-02"]\n', [("VAN_UNKNOWN", 1)]),
        (
            '[[shift]]\ndate="2026-11-26"\nvan="van-1"\ncrew=["s-01","s-02"]\n'
            '[[shift]]\ndate="2026-11-26"\nvan="van-2"\ncrew=["s-01","s-04"]\n'
            '[[shift]]\ndate="2026-11-23"\nvan="van-2"\ncrew=["s-03","s-04"]\n',
            [("STAFF_ON_TWO_SHIFTS", 2), ("NOT_A_SERVICE_DAY", 3)],
        ),
    ],
)
def test_a_file_with_anything_wrong_is_refused_with_its_row_and_nothing_is_changed(
    office: Office, text: str, expected: list[tuple[str, int]]
) -> None:
    small_city(office)
    before = fleet.show(office), shifts.list_shifts(office, TUESDAY, Date(2026, 11, 30))
    assert codes(office, text) == expected
    assert (fleet.show(office), shifts.list_shifts(office, TUESDAY, Date(2026, 11, 30))) == before


def test_a_workbooks_rows_are_counted_as_excel_counts_them(sqlite_office: Office) -> None:
    rows = [("a", "A", "", "", "no", ""), ("a", "B", "", "", "no", "")]
    data = write_xlsx({"staff": (list(COLUMNS["staff"]), rows)})
    assert codes(sqlite_office, data, "fleet.xlsx") == [("FLEET_ID_TWICE", 3)]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"[[van", "fleet.toml", "FLEET_NOT_TOML"),
        (b"", "fleet.toml", "FLEET_EMPTY"),
        (b"# nothing yet\nvan = []\n", "fleet.toml", "FLEET_EMPTY"),
        (write_xlsx({"van": (list(COLUMNS["van"]), [])}), "fleet.xlsx", "FLEET_EMPTY"),
        (b"\xff\xfe\x00", "fleet.toml", "FLEET_NOT_TOML"),
        (b"[[ship]]\nid='x'\n", "fleet.toml", "FLEET_TABLE_UNKNOWN"),
        (b"van = 3\n", "fleet.toml", "FLEET_TABLE_SHAPE"),
        (b"a = " + b"[" * 100_000, "fleet.toml", "FLEET_NOT_TOML"),
    ],
)
def test_a_file_that_is_no_fleet_is_refused(sqlite_office: Office, data: bytes, name: str, code: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        fleet.import_fleet(sqlite_office, data, name=name)
    assert refusal.value.code == code


def test_a_sheet_that_is_no_table_is_refused(sqlite_office: Office) -> None:
    with pytest.raises(FileRefused) as refusal:
        fleet.import_fleet(sqlite_office, write_xlsx({"ships": (["id"], [["x"]])}), name="fleet.xlsx")
    assert refusal.value.code == "FLEET_TABLE_UNKNOWN"


def test_a_my_number_anywhere_is_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    for attempt in (
        lambda: fleet.import_fleet(sqlite_office, b'[[staff]]\nid="a"\nname="123456789018"\n', name="fleet.toml"),
        lambda: fleet.import_fleet(sqlite_office, FLEET.encode(), name="123456789018.toml"),
        lambda: fleet.van_down(sqlite_office, "van-1", TUESDAY, None, reason="123456789018"),
    ):
        with pytest.raises(PrivacyError):
            attempt()
    assert len(fleet.show(sqlite_office).staff) == 4


# -- dropping out ------------------------------------------------------------------------------------------------------


def test_a_van_down_names_the_days_that_cannot_be_kept_without_it_and_whom_to_phone(office: Office) -> None:
    small_city(office)
    tuesday = promised(office, "10:00", "10:00")
    wednesday = promised(office, "10:00", "13:30", day=WEDNESDAY, first=3)
    version, stored = state_of(office).version, versions(office)
    first, second = fleet.van_down(office, "van-1", TUESDAY, WEDNESDAY, reason="brakes")
    assert (first.day, first.outcome, first.proved, first.version) == (TUESDAY, Outcome.BROKEN, True, None)
    (person,) = first.to_phone
    assert (person.reference,) == first.broken
    assert person.reference in tuesday
    assert (second.day, second.keeps_promises, second.to_phone) == (WEDNESDAY, True, ())
    assert set(windows_promised(office, WEDNESDAY)) == set(wednesday)
    require_kept(office, WEDNESDAY)
    assert (state_of(office).version, versions(office)) == (version + 1, stored)
    assert [shift.id for shift in state_of(office).shifts] == ["van-2"]


def test_a_day_that_did_not_count_on_the_van_is_kept_as_planned(sqlite_office: Office) -> None:
    from outreach.services import desk

    small_city(sqlite_office)
    first, second = promised(sqlite_office, "10:00", "10:00")
    standing = state_of(sqlite_office).standing
    assert standing is not None
    gone = next(reference for reference in (first, second) if standing.plan.route_of(reference).shift == "van-1")  # type: ignore[union-attr]
    desk.cancel(sqlite_office, gone)
    stored = versions(sqlite_office)
    (day,) = fleet.van_down(sqlite_office, "van-1", TUESDAY, None, reason="")
    assert (day.outcome, versions(sqlite_office)) == (Outcome.KEPT, stored)


def test_a_van_that_is_up_again_drives_and_a_later_inspection_stays(office: Office) -> None:
    small_city(office)
    fleet.van_down(office, "van-1", TUESDAY, None, reason="brakes")
    fleet.van_down(office, "van-2", WEDNESDAY, WEDNESDAY, reason="inspection")
    assert fleet.van_up(office, "van-1", WEDNESDAY).periods == 1
    promised(office, "10:00")
    promised(office, "10:00", day=WEDNESDAY, first=2)
    assert [shift.id for shift in state_of(office).shifts] == ["van-2"]
    assert [shift.id for shift in state_of(office, WEDNESDAY).shifts] == ["van-1"]
    with pytest.raises(Refused) as refusal:
        fleet.van_up(office, "van-2", TUESDAY)
    assert refusal.value.code == "VAN_NOT_DOWN"
    assert fleet.van_up(office, "van-2", WEDNESDAY).periods == 1
    assert [(period.van_id, period.last_day) for period in fleet.show(office).down] == [("van-1", TUESDAY)]


def test_leave_breaks_only_what_needs_that_person(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    promised(office, "10:00", day=WEDNESDAY, first=3)
    shifts.remove_shift(office, WEDNESDAY, "van-1")
    days = fleet.staff_leave(office, "s-01", TUESDAY, WEDNESDAY)
    assert [(day.day, day.outcome) for day in days] == [(TUESDAY, Outcome.BROKEN), (WEDNESDAY, Outcome.KEPT)]
    assert fleet.staff_leave(office, "s-01", TUESDAY, WEDNESDAY)[0].outcome == Outcome.BROKEN  # it still is
    assert len(fleet.show(office).leave) == 1


def test_leave_in_a_fleet_file_takes_people_off_their_crews_too(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    away = '[[staff]]\nid="s-01"\nname="青木 一郎"\nleave=["2026-11-24"]\n'
    done = fleet.import_fleet(office, away.encode(), name="fleet.toml")
    assert [(day.day, day.outcome, len(day.to_phone)) for day in done.days] == [(TUESDAY, Outcome.BROKEN, 1)]
    assert [shift.id for shift in state_of(office).shifts] == ["van-2"]


def test_a_crew_that_gets_somebody_else_from_the_same_file_keeps_its_promises(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00", "10:00")
    text = (
        '[[staff]]\nid="s-01"\nname="青木 一郎"\nleave=["2026-11-24"]\n[[staff]]\nid="s-05"\nname="岡 一"\n'
        '[[shift]]\ndate="2026-11-24"\nvan="van-1"\ncrew=["s-05","s-02"]\n'
    )
    (day,) = fleet.import_fleet(sqlite_office, text.encode(), name="fleet.toml").days
    assert day.outcome == Outcome.KEPT
    assert [shift.crew for shift in state_of(sqlite_office).shifts] == [("s-05", "s-02"), ("s-03", "s-04")]


def test_a_plan_being_made_for_the_old_fleet_is_not_stored(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    version = state_of(sqlite_office).version
    fleet.import_fleet(sqlite_office, b'[[staff]]\nid="s-09"\nname="x"\n', name="fleet.toml")
    assert state_of(sqlite_office).version == version + 1


def test_periods_backwards_and_strangers_are_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    with pytest.raises(BadInput) as backwards:
        fleet.van_down(sqlite_office, "van-1", WEDNESDAY, TUESDAY, reason="")
    assert backwards.value.code == "PERIOD_BACKWARDS"
    with pytest.raises(BadInput):
        fleet.staff_leave(sqlite_office, "s-01", WEDNESDAY, TUESDAY)
    for attempt, code in (
        (lambda: fleet.van_down(sqlite_office, "van-9", TUESDAY, None, reason=""), "VAN_UNKNOWN"),
        (lambda: fleet.van_up(sqlite_office, "van-9", TUESDAY), "VAN_UNKNOWN"),
        (lambda: fleet.staff_leave(sqlite_office, "s-99", TUESDAY, TUESDAY), "STAFF_UNKNOWN"),
    ):
        with pytest.raises(NotFound) as unknown:
            attempt()
        assert unknown.value.code == code
