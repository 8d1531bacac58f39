"""Site sessions as people hold them: the hall on the route sheet, and the calls to those with a place in it."""

from __future__ import annotations

from collections.abc import Mapping

from bookings.models import Booking
from maps.views import CallEntry, SiteGuest, SiteStop
from outreach.services._sites import ANY_TYPE, Site, Taken
from outreach.storage.tables import PlaceState
from routing.plan import Stop


def site_stop(
    site: Site,
    stop: Stop,
    *,
    number: int,
    drive_s: int,
    leave_by_s: int,
    break_before: tuple[int, int] | None,
    language: str,
) -> SiteStop:
    """The hall as a stop of a route sheet, with its guests by start and seat."""
    row = site.row
    return SiteStop(
        number=number,
        reference=row.reference,
        opens_s=row.opens_s,
        closes_s=row.closes_s,
        drive_s=drive_s,
        arrive_s=stop.arrive_s,
        start_s=stop.start_s,
        depart_s=stop.depart_s,
        leave_by_s=leave_by_s,
        name=row.named(language),
        address=row.address,
        visit_type="" if row.visit_type == ANY_TYPE else row.visit_type,
        guests=tuple(_guest(taken) for taken in site.taken),
        location=(row.lat, row.lon),
        break_before=break_before,
    )


def _guest(taken: Taken) -> SiteGuest:
    booking = taken.booking
    return SiteGuest(
        start_s=taken.place.start_s,
        reference=booking.reference,
        name=booking.name,
        kana=booking.kana,
        people=booking.people or 1,
        under_15=booking.under_15,
        visit_type=booking.visit_type,
        access=booking.access,
        needs=tuple(sorted(booking.needs)),
    )


def site_calls(
    site: Site, *, leaves_s: int, van_name: str, last_calls: Mapping[int, str], language: str
) -> tuple[CallEntry, ...]:
    """The calls to everybody who is still to come, before the van sets out for the hall."""
    row = site.row
    return tuple(
        call_entry(
            taken.booking,
            (taken.place.start_s, taken.place.start_s),
            leaves_s=leaves_s,
            van_name=van_name,
            last_calls=last_calls,
            hall=row.named(language),
            hall_address=row.address,
        )
        for taken in site.taken
        if taken.place.state != PlaceState.DONE
    )


def call_entry(
    booking: Booking,
    promised: tuple[int, int],
    *,
    leaves_s: int,
    van_name: str,
    last_calls: Mapping[int, str],
    hall: str = "",
    hall_address: str = "",
) -> CallEntry:
    """One call: to somebody visited at home, or to come to a hall."""
    return CallEntry(
        reference=booking.reference,
        name=booking.name,
        kana=booking.kana,
        phone=booking.phone_spoken,
        second_phone=booking.second_phone_spoken,
        fax=booking.fax,
        mail=booking.mail,
        caller_name=booking.caller_name,
        caller_relation=booking.caller,
        promised=promised,
        latest_useful_s=leaves_s,
        van_name=van_name,
        people=booking.people or 1,
        visit_type=booking.visit_type,
        access=booking.access,
        language=booking.language,
        papers=booking.papers,
        last_outcome=last_calls.get(booking.id or 0, "not_called"),
        note=booking.note,
        hall=hall,
        hall_address=hall_address,
    )
