"""The city around one call: its towns and pins, its rules, who has a booking already, what is far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bookings.answers import QUESTIONS, choice_words
from bookings.findings import Finding, Severity
from bookings.intake import IntakeContext, IntakeRules
from bookings.located import Level, Located
from bookings.models import Booking
from bookings.statuses import LIVE
from outreach.errors import BadInput
from outreach.programme.for_libraries import eligibility_rules
from outreach.services._travel import travel_matrix
from outreach.services.gazetteer import districts_in, gazetteer_in, read_pins
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import Depot
from outreach.words import LANGUAGES, Words
from routing.problem import Place

LONG_LEG = "LONG_LEG"
"""The confirm for a place beyond the travel limit: accepted by name, it is the manager's word for ``long_leg_ok``."""


@dataclass(frozen=True, slots=True)
class Call:
    """Everything said in one call: answers by field, what was accepted by name, a town chosen, a point pinned."""

    answers: Mapping[str, str]
    accept: frozenset[str] = frozenset()
    household_reason: str = ""
    chosen_town: str = ""
    pin: tuple[float, float] | None = None
    why: str = ""


def intake_context(office: Office, call: Call, *, existing: Booking | None) -> IntakeContext:
    """The city around one call: towns, pins, rules, who lives, what is far.

    Raises:
        BadInput: ``FIELD_UNKNOWN`` for an answer the script does not ask.
    """
    unknown = sorted(set(call.answers) - set(QUESTIONS))
    if unknown:
        raise BadInput("FIELD_UNKNOWN", known=sorted(QUESTIONS))
    with reading(office.engine) as session:
        districts, pins = districts_in(session), read_pins(session)
        depots = session.exec(select(Depot).order_by(col(Depot.id))).all()
        gazetteer = gazetteer_in(session, office)
    this = "" if existing is None else existing.reference
    return IntakeContext(
        gazetteer=gazetteer,
        today=office.clock.today(),
        rules=IntakeRules(area_code=office.rules.city.area_code, eligibility=eligibility_rules(office.rules)),
        boundary=districts,
        pins=_Pinned(pins, call.pin, office.who) if call.pin else pins,
        chosen_town=call.chosen_town,
        accepted=call.accept,
        household_reason=call.household_reason,
        household_live=lambda key, kind: _live(office, this, Booking.household_key == key, Booking.visit_type == kind),
        phone_live=lambda e164: _live(office, this, Booking.phone_e164 == e164),
        closed_reason=lambda day: _code(office.calendar.closed_reason(day)),
        unprintable=unprintable(),
        location_findings=lambda located: _far(office, depots, located),
        district=lambda lat, lon, town: _name(districts.district_of(lat, lon, town)),
        choice_words=choice_words(*(_word_of(language) for language in LANGUAGES)),
    )


class _Pinned(dict[str, Located]):
    """The pins with one more, set in this very call: it answers for whatever household the address turns out to be."""

    def __init__(self, pins: Mapping[str, Located], point: tuple[float, float], who: str) -> None:
        super().__init__(pins)
        self._point = Located(point[0], point[1], Level.PINNED, f"pin:{who}")

    def get(self, key: str, default: Any = None) -> Any:
        """The point of this call, whatever the household."""
        return self._point

    def __missing__(self, key: str) -> Located:
        return self._point

    def __contains__(self, key: object) -> bool:
        return True


def _live(office: Office, this: str, *conditions: Any) -> tuple[str, ...]:
    """References of live bookings, without the one being edited."""
    query = select(Booking.reference).where(
        col(Booking.status).in_([status.value for status in LIVE]), Booking.reference != this, *conditions
    )
    with reading(office.engine) as session:
        return tuple(session.exec(query.order_by(col(Booking.id))).all())


def _code(closed: Any) -> str | None:
    return None if closed is None else str(closed.code)


def _name(district: Any) -> str | None:
    return None if district is None else str(district.name)


def _word_of(language: str) -> Callable[[str], str]:
    words = Words(language)
    return words.say


def _far(office: Office, depots: Any, located: Located) -> tuple[Finding, ...]:
    """A place no depot reaches within the travel limit is taken with the manager's word, never silently refused."""
    if not depots:
        return ()
    places = [Place(f"depot-{depot.id}", depot.lat, depot.lon) for depot in depots]
    matrix = travel_matrix(office, [*places, Place("here", located.lat, located.lon)])
    last = len(places)
    ways = [
        max(out, back)
        for i in range(last)
        if (out := matrix.seconds[i][last]) is not None and (back := matrix.seconds[last][i]) is not None
    ]
    limit_s = office.rules.travel.max_leg_s
    if not ways:
        return (Finding("address", "UNREACHABLE_PLACE", Severity.ERROR),)
    if min(ways) <= limit_s:
        return ()
    return (Finding("address", LONG_LEG, Severity.CONFIRM, {"driving_s": min(ways), "limit_s": limit_s}),)


def unprintable() -> Callable[[str], str]:
    """The characters of a text that no sheet can print, by the font the sheets use."""
    from maps.fonts import unprintable as characters

    return lambda text: "".join(characters(text))
