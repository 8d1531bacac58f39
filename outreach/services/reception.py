"""Takes bookings: typed answers become a draft, a request, or a refusal with its rule; nothing is lost half way.

Confirming a window is the desk's (:mod:`outreach.services.desk`); here a booking comes to be and is corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bookings.answers import QUESTIONS, choice_words
from bookings.errors import PrivacyError
from bookings.findings import Finding, Severity
from bookings.intake import IntakeContext, IntakeResult, IntakeRules, take
from bookings.located import Candidate, Level, Located
from bookings.models import Booking, BookingChange, BookingFinding
from bookings.names import fold
from bookings.privacy import require_clean
from bookings.references import NUMBERS
from bookings.references import reference as reference_of
from bookings.request import columns
from bookings.statuses import LIVE, Status
from outreach.errors import BadInput, Busy, Refused
from outreach.programme.for_libraries import eligibility_rules
from outreach.services._history import note_booking
from outreach.services._travel import travel_matrix
from outreach.services.desk import promise_of, require_booking
from outreach.services.gazetteer import districts_in, gazetteer_of, read_pins, set_pin
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import Depot
from outreach.words import LANGUAGES, Words
from routing.problem import Place

LONG_LEG = "LONG_LEG"
"""The confirm for a place beyond the travel limit: accepted by name, it is the manager's word for ``long_leg_ok``."""

SAID_ON = "said_on"
"""The key in a booking's stored wishes that holds the day they were said."""

_STRIDE = 61_803
"""Numbers of references go round in this stride: neighbours do not look alike, none repeats in 100,000."""

_TRIES = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call.

    ``reference`` is empty when nothing was stored (a privacy error, or a dry run). ``candidates`` are towns the address
    may mean.
    """

    reference: str
    status: Status
    findings: tuple[Finding, ...]
    open_answers: tuple[str, ...]
    open_confirms: tuple[str, ...]
    refused_by: str | None
    candidates: tuple[Candidate, ...]

    @property
    def stored(self) -> bool:
        """Whether there is a booking now."""
        return bool(self.reference)

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it: requested, or a draft that only lacks answers."""
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return self.stored and not errors and not self.open_confirms and self.refused_by is None


@dataclass(frozen=True, slots=True)
class Call:
    """Everything said in one call: answers by field, what was accepted by name, a town chosen, a point pinned."""

    answers: Mapping[str, str]
    accept: frozenset[str] = frozenset()
    household_reason: str = ""
    chosen_town: str = ""
    pin: tuple[float, float] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class BookingCard:
    """One booking with all that is known of it, for the person at the desk."""

    booking: Booking
    promise: tuple[Date, int, int] | None
    findings: tuple[BookingFinding, ...]
    history: tuple[BookingChange, ...]


def add(office: Office, call: Call, *, received_at: datetime | None = None) -> Taken:
    """Take a new booking.

    Raises:
        PrivacyError: when an answer holds what must never be kept; nothing is stored.
        BadInput: ``FIELD_UNKNOWN`` for an answer the script does not ask.
    """
    return _store(office, call, existing=None, received_at=received_at)


def edit(office: Office, reference: str, call: Call) -> Taken:
    """Change or add answers of a booking; those not given stay as they are.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        Refused: ``BOOKING_ENDED``, or ``PROMISED_VISIT_CHANGES`` when the change would alter a visit whose window is
            promised.
        PrivacyError: when an answer holds what must never be kept; nothing is stored.
    """
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
    if Status(booking.status) not in LIVE | {Status.DRAFT}:
        raise Refused("BOOKING_ENDED", reference=reference, status=booking.status)
    merged = {**booking.answers, **call.answers}
    standing = _accepted_codes(office, booking)
    full = replace(
        call,
        answers=merged,
        accept=call.accept | standing,
        household_reason=call.household_reason or booking.household_reason,
        chosen_town=call.chosen_town or (booking.town or "" if "address" not in call.answers else ""),
    )
    return _store(office, full, existing=booking, received_at=None)


def preview(office: Office, call: Call) -> IntakeResult:
    """What intake makes of a call, storing nothing.

    Raises:
        BadInput: ``FIELD_UNKNOWN``.
    """
    return take(call.answers, context=intake_context(office, call, existing=None))


def _store(office: Office, call: Call, *, existing: Booking | None, received_at: datetime | None) -> Taken:
    require_clean(call.household_reason, "household_reason")
    require_clean(call.chosen_town, "town")
    require_clean(call.why, "why")
    said_on = _wishes_said_on(office, call, existing)
    for _ in range(_TRIES):
        context = replace(intake_context(office, call, existing=existing), today=said_on)
        result = take(call.answers, context=context)
        if result.request is None:
            worst = next(finding for finding in result.findings if finding.severity is Severity.ERROR)
            raise PrivacyError(worst.code, "an answer holds what must never be kept", field=worst.field)
        try:
            with writing(office.engine) as session:
                booking = _write(session, office, call, result, existing, received_at)
        except IntegrityError:
            continue  # somebody else took the number, or the household, at the same moment: look again
        return _taken(booking.reference, Status(booking.status), result)
    raise Busy("DAY_BUSY")


def _wishes_said_on(office: Office, call: Call, existing: Booking | None) -> Date:
    """The day the wishes were said: "next week" of an old call stays the week after that call."""
    if existing is not None and existing.answers.get("wishes") == call.answers.get("wishes"):
        known = existing.wishes.get(SAID_ON)
        if known:
            return Date.fromisoformat(known)
    return office.clock.today()


def _taken(reference: str, status: Status, result: IntakeResult) -> Taken:
    return Taken(
        reference=reference,
        status=status,
        findings=result.findings,
        open_answers=result.open_answers,
        open_confirms=result.open_confirms,
        refused_by=result.refused_by,
        candidates=result.match.candidates if result.match else (),
    )


def _write(
    session: Session,
    office: Office,
    call: Call,
    result: IntakeResult,
    existing: Booking | None,
    received_at: datetime | None,
) -> Booking:
    """Store the booking, its findings and its row of history, in the caller's transaction."""
    assert result.request is not None
    values = columns(result.request)
    now = office.now()
    if existing is None:
        booking = Booking(
            reference=_next_reference(session),
            status=result.status.value,
            received_at=received_at or now,
            changed_at=now,
        )
        before = None
    else:
        booking = require_booking(session, existing.reference)
        if booking.revision != existing.revision:
            raise Refused("BOOKING_CHANGED", reference=booking.reference)
        before = booking.status
        _refuse_promised_change(booking, values)
        booking.revision += 1
        booking.changed_at = now
        booking.status = _status_after(Status(booking.status), result.status).value
    with session.no_autoflush:  # a half-changed row must not meet the unique index before its number is known
        for name, value in values.items():
            setattr(booking, name, value)
        booking.wishes = {**booking.wishes, SAID_ON: _wishes_said_on(office, call, existing).isoformat()}
        booking.long_leg_ok = LONG_LEG in result.accepted
        booking.household_number = _household_number(session, booking)
    session.add(booking)
    session.flush()
    _keep_findings(session, office, booking, result)
    if call.pin is not None and result.match is not None and result.match.result is not None:
        set_pin(session, office, result.match.household_key, *call.pin)
    note_booking(
        session,
        office,
        booking,
        "taken" if existing is None else "edited",
        status_before=before,
        channel=booking.channel,
        why=call.why,
        details={
            "fields": sorted(call.answers if existing is None else _changed(existing.answers, call.answers)),
            "accepted": sorted(result.accepted),
        },
    )
    return booking


def write_new(session: Session, office: Office, call: Call, result: IntakeResult) -> Booking:
    """Store a new booking from what intake made of a call, in the caller's transaction."""
    return _write(session, office, call, result, None, None)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


def _status_after(current: Status, judged: Status) -> Status:
    """A draft follows the judgement; a live booking stays where it is as long as it is still a good request."""
    if current is Status.DRAFT:
        return judged
    if judged is Status.REQUESTED:
        return current
    raise Refused("EDIT_SPOILS_BOOKING", status=judged.value)


def _refuse_promised_change(booking: Booking, values: Mapping[str, Any]) -> None:
    """A promised window was checked for this place, these people and these needs: they do not change under it."""
    if booking.status not in (Status.HELD, Status.CONFIRMED):
        return
    fixed = ("people", "under_15", "access", "needs", "visit_type", "lat", "lon")
    changed = sorted(name for name in fixed if getattr(booking, name) != values[name])
    if changed:
        raise Refused("PROMISED_VISIT_CHANGES", reference=booking.reference, fields=changed)


def _next_reference(session: Session) -> str:
    """The next free reference. Two writers may find the same one: the column is unique, and the slower tries again."""
    newest = session.exec(select(func.max(Booking.id))).one() or 0
    for step in range(1, NUMBERS):
        candidate = reference_of((newest + step) * _STRIDE % NUMBERS)
        if session.exec(select(Booking.id).where(Booking.reference == candidate)).first() is None:
            return candidate
    raise Refused("REFERENCES_USED_UP")


def _household_number(session: Session, booking: Booking) -> int:
    """0 for the first live booking of a household and visit type; an override takes the next free number."""
    if booking.household_key is None or Status(booking.status) not in LIVE:
        return booking.household_number if booking.id else 0
    taken = session.exec(
        select(Booking.household_number).where(
            Booking.household_key == booking.household_key,
            Booking.visit_type == booking.visit_type,
            col(Booking.status).in_([status.value for status in LIVE]),
            col(Booking.reference) != booking.reference,
        )
    ).all()
    if booking.household_reason:
        return next(number for number in range(len(taken) + 1) if number not in set(taken))
    return 0


def _keep_findings(session: Session, office: Office, booking: Booking, result: IntakeResult) -> None:
    """Confirms and warnings stay with the booking; an accepted one carries who accepted it."""
    for row in session.exec(select(BookingFinding).where(BookingFinding.booking_id == booking.id)).all():
        session.delete(row)
    session.flush()
    kept: set[tuple[str, str]] = set()
    for finding in result.findings:
        if (finding.field, finding.code) in kept:
            continue
        kept.add((finding.field, finding.code))
        accepted = finding.severity is Severity.CONFIRM and finding.code in result.accepted
        session.add(
            BookingFinding(
                booking_id=booking.id or 0,
                field=finding.field,
                code=finding.code,
                severity=finding.severity.value,
                details=_plain(finding.values),
                accepted_by=office.who if accepted else None,
                accepted_at=office.now() if accepted else None,
            )
        )


def _plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as JSON has them."""

    def one(value: object) -> Any:
        if isinstance(value, (str, int, float, bool)) or value is None:
            return value
        if isinstance(value, (list, tuple, set, frozenset)):
            return [one(item) for item in value]
        return str(value)

    return {name: one(value) for name, value in values.items()}


def _accepted_codes(office: Office, booking: Booking) -> frozenset[str]:
    """What was accepted by name for a booking stays accepted when it is edited."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(BookingFinding.code).where(
                BookingFinding.booking_id == booking.id, col(BookingFinding.accepted_by).is_not(None)
            )
        ).all()
    return frozenset(rows)


# -- the city around an intake -----------------------------------------------------------------------------------------


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
    this = "" if existing is None else existing.reference
    return IntakeContext(
        gazetteer=gazetteer_of(office),
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


# -- looking up --------------------------------------------------------------------------------------------------------


def show(office: Office, reference: str) -> BookingCard:
    """One booking with its promise, findings and history.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    promise = promise_of(office, reference)
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        findings = session.exec(
            select(BookingFinding).where(BookingFinding.booking_id == booking.id).order_by(col(BookingFinding.id))
        ).all()
        history = session.exec(
            select(BookingChange).where(BookingChange.booking_id == booking.id).order_by(col(BookingChange.id))
        ).all()
    return BookingCard(booking, promise, tuple(findings), tuple(history))


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of bookings is narrowed by; empty means all."""

    statuses: frozenset[Status] = frozenset()
    text: str = ""
    """A reference, a phone, or a part of name or kana, as spoken."""
    town: str = ""
    limit: int = 200


def find(office: Office, search: Search) -> tuple[Booking, ...]:
    """Bookings, the newest first.

    Raises:
        PrivacyError: when the text searched for holds a My Number.
    """
    require_clean(search.text, "search")
    query = select(Booking).order_by(col(Booking.received_at).desc(), col(Booking.id).desc()).limit(search.limit)
    if search.statuses:
        query = query.where(col(Booking.status).in_(sorted(status.value for status in search.statuses)))
    if search.town:
        query = query.where(Booking.town == search.town)
    if search.text:
        query = query.where(_matches(search.text))
    with reading(office.engine) as session:
        return tuple(session.exec(query).all())


def _matches(text: str) -> Any:
    folded = fold(text)
    conditions = [
        col(Booking.reference) == text.strip().upper(),
        col(Booking.name_folded).contains(folded, autoescape=True),
        col(Booking.kana_folded).contains(folded, autoescape=True),
    ]
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) >= 4:
        conditions.append(col(Booking.phone_e164).contains(digits.lstrip("0"), autoescape=True))
    return or_(*conditions)


def status_of(text: str) -> Status:
    """A status by its code, with a blank or hyphen for the underscore.

    Raises:
        BadInput: ``STATUS_UNKNOWN``.
    """
    try:
        return Status(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise BadInput("STATUS_UNKNOWN", known=[status.value for status in Status]) from None
