"""Takes the answers of one call and gives back all findings at once, with the booking they make.

Pure: what intake must know of the city, the calendar and the other bookings comes in by :class:`IntakeContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date as Date
from typing import Any

from bookings.address_match import choose, match_address
from bookings.answers import PHONE_STAND_INS, QUESTIONS, SCRIPT, Words
from bookings.eligibility import Circumstances, EligibilityRules, Judgement, judge
from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer
from bookings.households import household_key, with_building
from bookings.located import AddressMatch, Boundary, Located
from bookings.names import fold, storable
from bookings.privacy import scan_many
from bookings.readings import Reader, Readings, read_answers
from bookings.request import BookingRequest, columns
from bookings.statuses import Status

__all__ = ["BookingRequest", "IntakeContext", "IntakeResult", "IntakeRules", "columns", "take"]

DUPLICATE_HOUSEHOLD = "DUPLICATE_HOUSEHOLD"
_COLUMNS_AS_READ = frozenset({column.name for column in fields(BookingRequest)} - {"needs", "wishes"})

TOWN_ONLY = "ADDRESS_TOWN_ONLY"
TOWN_UNSURE = "ADDRESS_TOWN_UNSURE"


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """What intake needs of the city's rules.

    ``area_code`` is left out on the phone by people of the city (0986). ``ask_for_town_level``: ask about every address
    that is known only to the middle of its town; otherwise the town is taken with a warning, and the landmark stays
    open, where a number was given. ``known_needs``: the skills that vans and staff can have; None takes any code.
    """

    area_code: str = ""
    eligibility: EligibilityRules = field(default_factory=EligibilityRules)
    ask_for_town_level: bool = False
    known_needs: frozenset[str] | None = None
    text_most: int = 1000
    short_text_most: int = 120


def _nobody(*_: str) -> tuple[str, ...]:
    return ()


def _open(_: Date) -> str | None:
    return None


def _all_printable(_: str) -> str:
    return ""


def _welcome(_: Located) -> tuple[Finding, ...]:
    return ()


def _no_district(_lat: float, _lon: float, _town: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class IntakeContext:
    """Everything around one intake. The callables look up, they change nothing.

    Attributes:
        gazetteer: the towns of the city.
        today: the local date, from the clock.
        boundary: refuses points outside the city, where it is known.
        pins: points set by persons, by household key.
        chosen_town: the town a clerk chose among the candidates of an unsure or ambiguous address.
        accepted: codes of confirms that were accepted by name.
        household_reason: why a second live booking of a household is taken; accepting it needs a reason.
        household_live: references of live bookings of a household and visit type (without the one being edited).
        phone_live: references of live bookings with that E.164 number (without the one being edited).
        closed_reason: why no van goes out on a day, as a code, or None on a service day.
        unprintable: the characters of a text that a sheet cannot print.
        location_findings: what the place means for the journey, such as a drive beyond the travel limit.
        district: the name of the district of a point and town.
        choice_words: words of choices in the city's languages (:func:`bookings.answers.choice_words`).
    """

    gazetteer: Gazetteer
    today: Date
    rules: IntakeRules = field(default_factory=IntakeRules)
    boundary: Boundary | None = None
    pins: Mapping[str, Located] = field(default_factory=dict)
    chosen_town: str = ""
    accepted: frozenset[str] = frozenset()
    household_reason: str = ""
    household_live: Callable[[str, str], tuple[str, ...]] = _nobody
    phone_live: Callable[[str], tuple[str, ...]] = _nobody
    closed_reason: Callable[[Date], str | None] = _open
    unprintable: Callable[[str], str] = _all_printable
    location_findings: Callable[[Located], tuple[Finding, ...]] = _welcome
    district: Callable[[float, float, str], str | None] = _no_district
    choice_words: Words | None = None


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of the answers.

    ``request`` is None after a privacy error, and then nothing may be stored. ``open_confirms`` are the codes that wait
    to be accepted by name; ``accepted`` those that were. ``withheld`` are fields whose text privacy asks about: until
    it is accepted, the text is not part of the request. ``match`` is what was made of the address, with candidates.
    """

    findings: tuple[Finding, ...]
    request: BookingRequest | None
    status: Status
    accepted: frozenset[str] = frozenset()
    withheld: tuple[str, ...] = ()
    match: AddressMatch | None = None

    @property
    def privacy(self) -> bool:
        """Whether the answers hold what must never be kept: nothing of them may be stored or shown."""
        return self.request is None

    @property
    def open_answers(self) -> tuple[str, ...]:
        """Fields of the script still to be asked."""
        return self.request.open_answers if self.request else ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of them without which the booking stays a draft."""
        return tuple(name for name in self.open_answers if QUESTIONS[name].needed)

    @property
    def refused_by(self) -> str | None:
        """The rule that turns the booking down."""
        return self.request.refused_by if self.request else None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep it a draft, or turn it down."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def open_confirms(self) -> tuple[str, ...]:
        """Codes that wait to be accepted by name."""
        codes = (finding.code for finding in self.findings if finding.severity is Severity.CONFIRM)
        return tuple(dict.fromkeys(code for code in codes if code not in self.accepted))


def take(answers: Mapping[str, str], *, context: IntakeContext) -> IntakeResult:
    """Take the answers: look for what must not be kept, read, match, judge, compare with the living, decide.

    Args:
        answers: texts by the fields of :data:`bookings.answers.SCRIPT`, in any order, blank ones allowed.
        context: the city around this intake.

    Returns:
        All findings at once. The status is ``draft`` with an error, an open confirm or a needed answer missing;
        ``turned_down`` when a rule refuses and nothing else is wrong; else ``requested``.
    """
    answers = {name: storable(text) for name, text in answers.items()}
    privacy = scan_many({**answers, "household_reason": context.household_reason})
    if any(finding.severity is Severity.ERROR for finding in privacy):
        return IntakeResult(privacy, None, Status.DRAFT)
    withheld = tuple(dict.fromkeys(finding.field for finding in privacy if finding.code not in context.accepted))
    if "household_reason" in withheld:
        context = replace(context, household_reason="")
    accepted = _accepted(context)
    kept = {name: text.strip() for name, text in answers.items() if text.strip() and name not in withheld}

    readings = read_answers(kept, _reader(context))
    place = _place(kept, context, accepted)
    judgement = judge(
        Circumstances(readings.choices, readings.counts.get("people"), readings.counts.get("under_15")),
        context.rules.eligibility,
    )
    request = _request(kept, readings, place, judgement, context)
    findings = _once(
        (
            *privacy,
            *readings.findings,
            *place.findings,
            *judgement.findings,
            *_doubles(request, context),
            *_reach(request),
        )
    )
    used = frozenset(finding.code for finding in findings if finding.code in accepted)
    undecided = IntakeResult(findings, request, Status.DRAFT, used, withheld, place.match)
    return replace(undecided, status=_status(undecided, judgement))


def _status(result: IntakeResult, judgement: Judgement) -> Status:
    """An error keeps the draft, a rule turns down, an open question or a missing answer waits, else it is requested."""
    if any(finding.code not in judgement.refusals for finding in result.errors):
        return Status.DRAFT
    if judgement.refusals:
        return Status.TURNED_DOWN
    return Status.DRAFT if result.open_confirms or result.missing else Status.REQUESTED


def _accepted(context: IntakeContext) -> frozenset[str]:
    """The accepted codes; a second live booking of a household is accepted only with its reason."""
    return context.accepted if context.household_reason.strip() else context.accepted - {DUPLICATE_HOUSEHOLD}


def _reader(context: IntakeContext) -> Reader:
    rules = context.rules
    return Reader(
        today=context.today,
        area_code=rules.area_code,
        words=context.choice_words,
        known_needs=rules.known_needs,
        text_most=rules.text_most,
        short_text_most=rules.short_text_most,
        closed_reason=context.closed_reason,
        unprintable=context.unprintable,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """What became of the address: the columns it fills, and what to say about it."""

    match: AddressMatch | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def _place(kept: Mapping[str, str], context: IntakeContext, accepted: frozenset[str]) -> _Place:
    written = kept.get("address", "")
    if not written or len(written) > context.rules.short_text_most:
        return _Place()
    match, findings = _match(with_building(written, kept.get("building", "")), context, accepted)
    values: dict[str, Any] = {"address_written": written, "address_normalised": match.normalised}
    key = household_key(match)
    if match.result is not None and match.located is not None:
        found = match.result
        findings = (*findings, *context.location_findings(match.located))
        values |= {
            "town": found.town,
            "district": context.district(found.lat, found.lon, found.town),
            "household_key": key,
            "lat": found.lat,
            "lon": found.lon,
            "location_level": found.level.value,
            "location_source": found.source,
        }
    return _Place(match, values, tuple(_town_level(finding, key, kept, context.rules) for finding in findings))


def _match(text: str, context: IntakeContext, accepted: frozenset[str]) -> tuple[AddressMatch, tuple[Finding, ...]]:
    """Match the address; where the one likely town was accepted, or a town chosen, take that town."""
    match = match_address(text, context.gazetteer, boundary=context.boundary, pins=context.pins)
    unsure = tuple(finding for finding in match.findings if finding.code == TOWN_UNSURE)
    town = context.chosen_town or (str(unsure[0].values["town"]) if unsure and TOWN_UNSURE in accepted else "")
    if match.result is not None or not town:
        return match, match.findings
    chosen = choose(text, town, context.gazetteer, boundary=context.boundary, pins=context.pins)
    if chosen.result is None:
        return chosen, chosen.findings
    return chosen, (*(unsure if TOWN_UNSURE in accepted else ()), *chosen.findings)


def _town_level(finding: Finding, key: str | None, kept: Mapping[str, str], rules: IntakeRules) -> Finding:
    """Where a number or a landmark helps to find the door, a place known to its town only is no question any more."""
    if finding.code != TOWN_ONLY or rules.ask_for_town_level or (key is None and "landmark" not in kept):
        return finding
    return replace(finding, severity=Severity.WARNING)


def _request(
    kept: Mapping[str, str], readings: Readings, place: _Place, judgement: Judgement, context: IntakeContext
) -> BookingRequest:
    """Every column the answers tell; what could not be read keeps its default."""
    texts = readings.texts
    values: dict[str, Any] = {
        name: text for name, text in (texts | readings.choices).items() if name in _COLUMNS_AS_READ
    }
    for name in ("phone", "second_phone"):
        if phone := readings.phones.get(name):
            values |= {f"{name}_e164": phone.e164, f"{name}_spoken": phone.spoken}
    if fax := readings.phones.get("fax"):
        values["fax"] = fax.spoken
    return BookingRequest(
        **values,
        **place.values,
        answers=dict(kept),
        name_folded=fold(texts.get("name", "")),
        kana_folded=fold(texts.get("kana", "")),
        birth_year=readings.counts.get("birth_year"),
        people=readings.counts.get("people"),
        under_15=readings.counts.get("under_15", 0),
        household_reason=context.household_reason.strip(),
        needs=readings.needs,
        wishes_text=texts.get("wishes", ""),
        wishes=readings.wishes.to_plain() if readings.wishes else {},
        refused_by=judgement.refused_by,
        open_answers=_open_answers(readings, place),
    )


def _open_answers(readings: Readings, place: _Place) -> tuple[str, ...]:
    """What the script still asks: what it asks everybody, and what these answers make worth asking."""
    worth_asking = {
        "caller_name": readings.choices.get("caller", "self") != "self",
        "parent_present": readings.counts.get("under_15", 0) > 0,
        "landmark": any(finding.code == TOWN_ONLY for finding in place.findings),
    }
    reached = any(readings.has(name) for name in PHONE_STAND_INS)
    return tuple(
        question.field
        for question in SCRIPT
        if (question.asked or worth_asking.get(question.field, False))
        and not readings.has(question.field)
        and not (question.field == "phone" and reached)
    )


def _doubles(request: BookingRequest, context: IntakeContext) -> list[Finding]:
    """Other live bookings at the same door, or only with the same phone."""
    same_door: tuple[str, ...] = ()
    findings = []
    if request.household_key is not None:
        same_door = context.household_live(request.household_key, request.visit_type)
        if same_door:
            values = {"references": list(same_door)}
            findings.append(Finding("address", DUPLICATE_HOUSEHOLD, Severity.CONFIRM, values))
            if DUPLICATE_HOUSEHOLD in context.accepted and not context.household_reason.strip():
                findings.append(Finding("household_reason", "HOUSEHOLD_REASON_MISSING", Severity.ERROR, values))
    if request.phone_e164 is not None:
        same_phone = [live for live in context.phone_live(request.phone_e164) if live not in same_door]
        if same_phone:
            findings.append(Finding("phone", "SAME_PHONE", Severity.WARNING, {"references": same_phone}))
    return findings


def _reach(request: BookingRequest) -> list[Finding]:
    """A resident without a phone is reached in writing, which takes the crew's call away."""
    if request.phone_e164 is None and (request.fax or request.mail):
        return [Finding("phone", "NO_PHONE", Severity.WARNING)]
    return []


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each code once per field: a booking keeps one row for the two."""
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.field, finding.code), finding)
    return tuple(kept.values())
