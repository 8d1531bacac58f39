"""A booking as a visit: how long it takes, what it needs, when it may begin, what leaving it out would weigh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date as Date

from bookings.models import Booking
from outreach.errors import Refused
from outreach.programme import durations
from outreach.programme.rules import Rules
from outreach.services._day_state import Candidate
from outreach.services.office import Office
from routing.problem import Place, Visit, Window

NOON_S = 12 * 3600
"""A window that opens before noon is a morning's."""


def service_of(rules: Rules, booking: Booking) -> int:
    """Seconds at the door, set-up and packing included, for the booking as it is now.

    A group has the van for the longer of the two half days of the rules.

    Raises:
        Refused: ``GROUP_TOO_LARGE`` when a group's people take longer than that.
    """
    if not durations.is_group(rules, booking.visit_type):
        return _served_s(rules, booking)
    half_s = max(end_s - start_s for start_s, end_s in rules.groups.halves)
    if not fits_half_day(rules, booking):
        raise Refused("GROUP_TOO_LARGE", people=booking.people or 1, minutes=half_s // 60)
    return half_s


def fits_half_day(rules: Rules, booking: Booking) -> bool:
    """Whether a group can be served in the half day it has a van for; everybody else fits."""
    if not durations.is_group(rules, booking.visit_type):
        return True
    return _served_s(rules, booking) <= max(end_s - start_s for start_s, end_s in rules.groups.halves)


def _served_s(rules: Rules, booking: Booking) -> int:
    return durations.service_s(
        rules,
        visit_type=booking.visit_type,
        people=booking.people or 1,
        under_15=booking.under_15,
        access=booking.access,
    )


def needs_of(rules: Rules, booking: Booking) -> frozenset[str]:
    """What crew and van must bring: from the visit type, from how the residents move, and asked for by name."""
    return frozenset(durations.needs_of(rules, booking.visit_type, booking.access)) | frozenset(booking.needs)


def grid_of(office: Office, day: Date, visit_type: str) -> tuple[tuple[int, int], ...]:
    """The windows of a day for one kind of visit: the city's grid, or for a group one each half day."""
    grid = office.calendar.windows(day)
    if not grid or not durations.is_group(office.rules, visit_type):
        return grid
    length_s = office.rules.windows.length_min * 60
    return tuple((start_s, start_s + length_s) for start_s, _ in office.rules.groups.halves)


def promised_candidate(office: Office, booking: Booking, window: tuple[int, int]) -> Candidate:
    """The booking as a visit that must be served in one window."""
    return _candidate(office, booking, (Window(*window),), required=True)


def optional_candidate(office: Office, booking: Booking, day: Date, half_days: Iterable[str]) -> Candidate | None:
    """The booking as a visit that may be served in the half days it wishes.

    ``None`` where the grid has no window, or for a group that no half day is long enough for.
    """
    halves = set(half_days)
    windows = [Window(*window) for window in grid_of(office, day, booking.visit_type) if half_of(window) in halves]
    if not windows or not fits_half_day(office.rules, booking):
        return None
    return _candidate(office, booking, merged(windows), required=False)


def half_of(window: tuple[int, int]) -> str:
    """The half of the day a window belongs to, as wishes name it."""
    return "morning" if window[0] < NOON_S else "afternoon"


def merged(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Windows that touch or overlap as one, in order."""
    result: list[Window] = []
    for window in sorted(windows):
        if result and window.opens_s <= result[-1].closes_s:
            result[-1] = Window(result[-1].opens_s, max(result[-1].closes_s, window.closes_s))
        else:
            result.append(window)
    return tuple(result)


def _candidate(office: Office, booking: Booking, windows: tuple[Window, ...], *, required: bool) -> Candidate:
    assert booking.id is not None
    assert booking.lat is not None
    assert booking.lon is not None
    return Candidate(
        booking_id=booking.id,
        place=Place(id=booking.reference, lat=booking.lat, lon=booking.lon),
        visit=Visit(
            id=booking.reference,
            place=booking.reference,
            service_s=service_of(office.rules, booking),
            windows=windows,
            needs=needs_of(office.rules, booking),
            required=required,
            long_leg_ok=booking.long_leg_ok,
            drop_penalty_s=durations.drop_penalty_s(office.rules, booking.visit_type),
        ),
    )
