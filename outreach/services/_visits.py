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
    service_s = _served_s(rules, booking)
    if not durations.is_group(rules, booking.visit_type):
        return service_s
    half_s = max(end_s - start_s for start_s, end_s in rules.groups.halves)
    if service_s > half_s:
        raise Refused("GROUP_TOO_LARGE", people=booking.people or 1, minutes=half_s // 60)
    return half_s


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


def promised_candidate(office: Office, booking: Booking, window: tuple[int, int]) -> Candidate:
    """The booking as a visit that must be served in one window."""
    return _candidate(office, booking, (Window(*window),), required=True)


def optional_candidate(office: Office, booking: Booking, day: Date, half_days: Iterable[str]) -> Candidate | None:
    """The booking as a visit that may be served in the half days it wishes; ``None`` where the grid has no window."""
    halves = set(half_days)
    windows = [Window(*window) for window in office.calendar.windows(day) if half_of(window) in halves]
    if not windows:
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
