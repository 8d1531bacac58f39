"""The demo: a fictional city, two weeks of its calls through the same use cases a clerk has, one published day."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta
from pathlib import Path

from bookings.errors import BookingsError
from bookings.findings import Severity
from bookings.statuses import Status
from outreach import demo as city
from outreach.demo import CallAttempted, DemoCall, VisitEnded
from outreach.errors import OutreachError, Refused, finding_sentence, present
from outreach.programme.clock import instant_from
from outreach.programme.rules_file import read_rules
from outreach.programme.settings import DATABASE_FILE, Settings
from outreach.services import calls as phone
from outreach.services import coverage, desk, field, fleet, gazetteer, planning, publishing, reception, slots
from outreach.services.installation import DEMO_MARK, init
from outreach.services.office import Office, open_office
from outreach.storage.engine import sqlite_url
from outreach.words import Words

CITY_FOLDER = "city"
"""Where ``init --demo`` leaves the city's files, for looking at and for the tutorial."""

Progress = Callable[..., None]


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A demo that was set up: its home, and the folder with the city's files."""

    home: Path
    city_files: Path


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What became of one call of the story. ``sentence`` says why, where it did not become a request."""

    number: int
    reference: str
    status: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DemoStory:
    """Everything the demo did."""

    home: Path
    day: Date
    view: planning.PlanView
    calls: int
    promised: int
    refused: tuple[DemoOutcome, ...]
    files: tuple[Path, ...]


def init_demo(settings: Settings, words: Words) -> DemoHome:
    """Set up the fictional city without bookings: rules, towns, districts, fleet and shifts.

    Raises:
        Refused: ``HOME_NOT_DEMO`` when the home is somebody's real one.
    """
    settings = demo_settings(settings)
    _require_demo_home(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / DEMO_MARK).touch()
    folder = settings.home / CITY_FOLDER
    publishing.write_together(folder, {name: city.city_file(name).read_bytes() for name in city.CITY_FILES})
    rules = read_rules(city.city_file("outreach.toml").read_text(encoding="utf-8"), name="outreach.toml")
    init(settings, words, rules=rules)
    office = open_office(settings, who="demo")
    gazetteer.import_gazetteer(office, city.city_file("towns.csv").read_bytes(), name="towns.csv")
    gazetteer.import_districts(office, city.city_file("districts.geojson").read_bytes(), name="districts.geojson")
    fleet.import_fleet(office, city.city_file("fleet.toml").read_bytes(), name="fleet.toml")
    return DemoHome(settings.home, folder)


def demo_settings(settings: Settings) -> Settings:
    """The settings with the demo's fixed clock (unless one is set) and always the embedded database."""
    return replace(
        settings,
        now=settings.now or instant_from(city.NOW),
        database_url=sqlite_url(settings.home / DATABASE_FILE),
    )


def _require_demo_home(settings: Settings) -> None:
    """A home is made new only where there is none, or where it says of itself that it is a demo."""
    if settings.home.exists() and any(settings.home.iterdir()) and not (settings.home / DEMO_MARK).is_file():
        raise Refused("HOME_NOT_DEMO", home=str(settings.home))


def run_demo(settings: Settings, out: Path, words: Words, progress: Progress) -> DemoStory:
    """Tell the whole story: the city, its calls, the next service day planned and published, its files in ``out``.

    The demo's home is ``home`` inside ``out``; an earlier demo there is thrown away.

    Raises:
        Refused: ``HOME_NOT_DEMO`` when ``out`` holds a home that is not a demo.
    """
    settings = demo_settings(replace(settings, home=(out / "home").absolute()))
    _require_demo_home(settings)
    shutil.rmtree(settings.home, ignore_errors=True)
    progress("terminal.demo.city")
    init_demo(settings, words)
    end = settings.clock.now()
    story = [call for call in city.calls() if call.at <= end]
    progress("terminal.demo.calls", count=len(story))
    # Budgets in solutions instead of seconds: the same story on every machine.
    office = replace(open_office(settings, who="demo"), repeatable=True)
    outcomes = [
        _take(_at(office, call.at, call.who), number, call, words) for number, call in enumerate(story, start=1)
    ]
    _go_on(office, story, outcomes)
    day = office.calendar.next_service_day(end.date())
    assert day is not None
    progress("terminal.demo.planning", date=day)
    planning.make(office, day)
    published = publishing.publish(office, day, language=words.language)
    first, last = min(call.at for call in story).date(), day + timedelta(days=13)
    files = [*_copied(published.folder, out, published.files)]
    coverage_files = coverage.write_coverage(office, first, last, out, language=words.language)
    files += [out / name for name in coverage_files]
    return DemoStory(
        home=settings.home,
        day=day,
        view=planning.show(office, day, "published"),
        calls=len(story),
        promised=sum(outcome.status == Status.CONFIRMED for outcome in outcomes),
        refused=tuple(outcome for outcome in outcomes if outcome.sentence),
        files=tuple(files),
    )


def _copied(folder: Path, out: Path, names: object) -> list[Path]:
    assert isinstance(names, dict)
    publishing.write_together(out, {name: (folder / name).read_bytes() for name in names})
    return [out / name for name in names]


def _at(office: Office, at: datetime, who: str) -> Office:
    """The office as it was at the moment of a call."""
    return replace(office, settings=replace(office.settings, now=at), who=who, channel="phone")


def _take(office: Office, number: int, call: DemoCall, words: Words) -> DemoOutcome:
    """One call as a clerk takes it: the answers, then what the findings ask for, then a window."""
    try:
        taken = reception.add(office, reception.Call(answers=call.answers))
        if call.has_second_step:
            taken = reception.edit(office, taken.reference, _second_step(call))
    except (BookingsError, OutreachError) as error:
        return DemoOutcome(number, "", "refused", present(error, words).sentence)
    if taken.status is not Status.REQUESTED:
        return DemoOutcome(number, taken.reference, taken.status.value, _why(taken, words))
    status = _promise(office, taken.reference, call)
    if call.cancel:
        desk.cancel(office, taken.reference, why=call.cancel)
        status = Status.CANCELLED.value
    return DemoOutcome(number, taken.reference, status, "")


def _second_step(call: DemoCall) -> reception.Call:
    return reception.Call(
        answers=call.corrected,
        accept=call.accept,
        household_reason=call.reason,
        chosen_town=call.town,
        pin=call.pin,
    )


def _why(taken: reception.Taken, words: Words) -> str:
    """The first finding that keeps a call from being a request, or the answers that are still missing."""
    against = [f for f in taken.findings if f.severity is Severity.ERROR or f.code in taken.open_confirms]
    if against:
        return finding_sentence(against[0], words)
    return words.say("terminal.demo.incomplete")


def _promise(office: Office, reference: str, call: DemoCall) -> str:
    """Look for windows, hold the first that suits of those that can be kept, read it back, and promise it."""
    if not call.confirm:
        return Status.REQUESTED.value
    offered = {(offer.day, offer.opens_s): offer for offer in slots.find(office, slots.Ask(reference)).quotes}
    suits = next((offered[wanted] for wanted in call.confirm if wanted in offered), None)
    if suits is None:
        return Status.REQUESTED.value
    desk.hold(office, reference, suits.day, (suits.opens_s, suits.closes_s))
    desk.confirm(office, reference)
    return Status.CONFIRMED.value


def _go_on(office: Office, story: list[DemoCall], outcomes: list[DemoOutcome]) -> None:
    """What came of the promises, in the order in which it happened: pre-visit calls, and visits typed in afterwards."""
    happened: list[tuple[datetime, str, Callable[[Office, str], object], str]] = []
    for call, outcome in zip(story, outcomes, strict=True):
        if outcome.status != Status.CONFIRMED:
            continue
        for attempt in call.call_log:
            happened.append((attempt.at, outcome.reference, _phoned(attempt), call.who))
        if call.visit is not None:
            happened.append((call.visit.at, outcome.reference, _visited(call.visit), call.who))
    for at, reference, log, who in sorted(happened, key=lambda event: event[:2]):
        if at <= office.now():
            log(_at(office, at, who), reference)


def _phoned(attempt: CallAttempted) -> Callable[[Office, str], object]:
    return lambda office, reference: phone.log_call(office, reference, attempt.outcome, note=attempt.note)


def _visited(ended: VisitEnded) -> Callable[[Office, str], object]:
    return lambda office, reference: field.log_visit(
        office, field.Outcome(reference, ended.outcome, ended.people, ended.start_s, ended.end_s, ended.note)
    )
