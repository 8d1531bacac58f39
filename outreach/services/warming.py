"""Does once, in the background, what would make the first call of the morning wait: libraries loaded, towns indexed."""

from __future__ import annotations

from bookings.phones import read_phone
from outreach.services import _passwords, tries
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
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
    tries.taken(office, tries.link_guesses(office), "warming")
    _passwords.nobodys()
