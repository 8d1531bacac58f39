"""Does once, in the background, what would make the first call of the morning wait: libraries loaded, towns indexed."""

from __future__ import annotations

from contextlib import suppress

from bookings.errors import BookingsError
from bookings.phones import read_phone
from outreach.errors import OutreachError
from outreach.services import _passwords, slots, tries
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
from outreach.services.reception import Call
from routing.problem import Place


def warm(office: Office) -> None:
    """Use everything that is slow only the first time; nothing is stored, nothing is said."""
    import filelock  # noqa: F401  (the lock of a day)

    import routing.quote  # noqa: F401  (windows)

    read_phone("0986-00-0000")
    gazetteer_of(office)
    here, there = Place("a", 35.0, 135.0), Place("b", 35.1, 135.1)
    office.travel.around(here, (there,))
    office.travel.matrix((here, there))
    office.calendar.next_service_day(office.clock.today())
    _coming_weeks(office)
    tries.taken(office, tries.link_guesses(office), "warming")
    _passwords.nobodys()


def _coming_weeks(office: Office) -> None:
    """Work out the days of the coming weeks, as for somebody in the first town of the city."""
    for town in gazetteer_of(office).home_towns[:1]:
        with suppress(OutreachError, BookingsError):  # a city that is not set up yet has no windows
            slots.find(office, slots.Ask(call=Call({"address": f"{town.town}1番地", "people": "1"})))
