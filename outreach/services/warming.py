"""Does once what would make the first call of the morning wait: libraries loaded, towns indexed, weeks worked out.

:func:`load` comes before the first request is taken: two requests that load the same libraries for the first time, each
from another end, get one that is only half there. :func:`warm` goes on in the background.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from bookings.errors import BookingsError
from bookings.phones import read_phone
from outreach.errors import OutreachError
from outreach.services import _passwords, slots, tries
from outreach.services._intake_city import unprintable
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
from outreach.services.reception import Call
from routing.errors import SolveError
from routing.problem import Place
from routing.solver import get_ready

LOADED_LATE = (
    *("argon2", "pwdlib.hashers.argon2"),  # passwords
    *("limits.errors", "limits.strategies", "outreach.storage.counted"),  # tries
    *("jpholiday", "maps.fonts", "fontTools.ttLib", "maps.pin_map", "folium"),  # answers, and the pin
    *("geopy.distance", "pyproj", "shapely.geometry"),  # travel
    *("filelock", "routing.files", "routing.check", "routing.quote", "routing.solver"),  # windows and promises
)
"""What use cases load when they first need it, so that a command at the terminal need not wait for all of it."""


def load() -> None:
    """Load what a process that serves pages is going to use."""
    for name in LOADED_LATE:
        import_module(name)
    unprintable()("字")
    read_phone("0986-00-0000")


def warm(office: Office) -> None:
    """Use everything that is slow only the first time; nothing is stored, nothing is said."""
    gazetteer_of(office)
    here, there = Place("a", 35.0, 135.0), Place("b", 35.1, 135.1)
    office.travel.around(here, (there,))
    office.travel.matrix((here, there))
    office.calendar.next_service_day(office.clock.today())
    _coming_weeks(office)
    tries.taken(office, tries.link_guesses(office), "warming")
    _passwords.nobodys()
    if not office.repeatable:
        with suppress(SolveError):  # whoever asks first will start it again, or hear why not
            get_ready()


def _coming_weeks(office: Office) -> None:
    """Work out the days of the coming weeks, as for somebody in the first town of the city."""
    for town in gazetteer_of(office).home_towns[:1]:
        with suppress(OutreachError, BookingsError):  # a city that is not set up yet has no windows
            slots.find(office, slots.Ask(call=Call({"address": f"{town.town}1番地", "people": "1"})))
