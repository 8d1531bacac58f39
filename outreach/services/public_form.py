"""The public form: questions asked one by one, a draft that loses nothing typed, and what becomes of it when sent.

What must never be kept is looked for before anything is stored: such a text is neither stored nor given back to be
shown. A stranger learns nothing of others: a second request of a household is taken like a first one, with a note for
the call centre to phone about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session, col, select

from bookings.findings import Finding, Severity
from bookings.intake import DUPLICATE_HOUSEHOLD, IntakeResult, take
from bookings.located import Located
from bookings.models import Booking, BookingFinding
from bookings.privacy import inspect
from bookings.statuses import LIVE, Status
from outreach.errors import NotFound, OutreachError
from outreach.services import _public_drafts as drafts
from outreach.services import handing_over, reception, tries
from outreach.services._intake_city import Call, intake_context
from outreach.services._public_drafts import Form, Outcome
from outreach.services._public_questions import (
    NONE_OF_THESE,
    WRITING,
    Field,
    Page,
    Shape,
    pages_for,
    script_answers,
)
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.words import Words

__all__ = [
    "NONE_OF_THESE",
    "Asked",
    "Field",
    "Form",
    "Outcome",
    "Page",
    "Saved",
    "Sent",
    "Shape",
    "ask",
    "begin",
    "find",
    "for_the_call_centre",
    "give_up",
    "save",
    "send",
]

WHO, CHANNEL = "web", "web"

TO_CHOOSE = frozenset({"ADDRESS_TOWN_UNSURE", "ADDRESS_AMBIGUOUS", "ADDRESS_UNKNOWN_TOWN"})
"""Findings on an address that become a question of their own: which of these towns is it?"""

_TOWN_ONLY = "ADDRESS_TOWN_ONLY"
_FOR_CALL_CENTRE = frozenset({"UNREACHABLE_PLACE", *TO_CHOOSE})
"""Errors that a resident cannot mend; the request is taken all the same, and somebody phones."""

_ASKED_AGAIN = frozenset({"WISH_WEEKDAY_MISMATCH", "WISH_NO_DAY_LEFT"})
"""Confirms that the person at the keyboard can answer."""

_MOST_TOWNS = 6
_NOT_STORED = "DIAGNOSIS_WORD"


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it stands: the pages that are asked, and what is wrong on them.

    ``problems`` are by page; pages nobody has come to yet have theirs too.
    """

    form: Form
    pages: tuple[Page, ...]
    problems: Mapping[str, tuple[Finding, ...]]
    result: IntakeResult
    call: Call

    def page(self, name: str) -> Page:
        """One of the pages.

        Raises:
            NotFound: ``PAGE_UNKNOWN``.
        """
        for page in self.pages:
            if page.name == name:
                return page
        raise NotFound("PAGE_UNKNOWN")

    def after(self, name: str) -> Page | None:
        """The page behind; ``None`` where the answers are to be checked."""
        at = [page.name for page in self.pages].index(name)
        return self.pages[at + 1] if at + 1 < len(self.pages) else None

    def before(self, name: str) -> Page | None:
        """The page in front; ``None`` for the first."""
        at = [page.name for page in self.pages].index(name)
        return self.pages[at - 1] if at else None

    @property
    def unfinished(self) -> Page | None:
        """The first page that was not left forwards, or has something wrong on it."""
        open_ones = (page for page in self.pages if page.name not in self.form.seen or self.problems.get(page.name))
        return next(open_ones, None)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page's answers.

    Attributes:
        problems: what is wrong on this page.
        given_back: texts that were not stored and may be shown once more to whoever typed them; never a My Number.
    """

    asked: Asked
    problems: tuple[Finding, ...]
    given_back: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a form: sent, or the first page with something wrong on it."""

    form: Form
    wrong: Page | None = None


def begin(office: Office, key: str) -> Form:
    """Begin a form for a session; what it had typed before is erased."""
    return drafts.begin(office, key)


def find(office: Office, key: str) -> Form | None:
    """The session's form while it lasts: an hour after it was last touched."""
    return drafts.find(office, key)


def give_up(office: Office, key: str) -> None:
    """Erase what a session has typed."""
    drafts.erase(office, key)


# -- asking ------------------------------------------------------------------------------------------------------------


def ask(office: Office, form: Form, *, language: str) -> Asked:
    """The form as it stands. Nothing is stored."""
    answers = form.answers
    pages = pages_for(answers, office.rules, towns=None)
    call = _call(answers, pages, language)
    result = _looked_at(office, call)
    knows_towns = bool(gazetteer_of(office).towns)
    towns = _towns(result) if knows_towns and answers.get("address", "").strip() else None
    chosen = answers.get("town", "")
    if towns and chosen in towns:
        call = replace(call, chosen_town=chosen)
        result = _looked_at(office, call)
    landmark_needed = any(
        finding.code == _TOWN_ONLY and finding.severity is Severity.CONFIRM for finding in result.findings
    )
    pages = pages_for(answers, office.rules, towns=towns, landmark_needed=landmark_needed)
    problems = {page.name: _problems(page, answers, result, knows_towns) for page in pages}
    return Asked(form, pages, problems, result, call)


def _looked_at(office: Office, call: Call) -> IntakeResult:
    """What intake says of what was typed, and nothing of others: who lives where and how far it is comes at the end."""
    around = intake_context(office, call, existing=None)
    alone = replace(around, household_live=_nobody, phone_live=_nobody, location_findings=_nothing)
    return take(call.answers, context=alone)


def _nobody(*_: str) -> tuple[str, ...]:
    return ()


def _nothing(_: Located) -> tuple[Finding, ...]:
    return ()


def _call(answers: Mapping[str, str], pages: Sequence[Page], language: str) -> Call:
    return Call(answers=script_answers(answers, pages, language=language))


def _towns(result: IntakeResult) -> tuple[str, ...] | None:
    """Towns the address may mean, where somebody has to say which."""
    if not any(finding.code in TO_CHOOSE for finding in result.findings):
        return None
    candidates = result.match.candidates if result.match else ()
    return tuple(candidate.town for candidate in candidates[:_MOST_TOWNS])


def _problems(page: Page, answers: Mapping[str, str], result: IntakeResult, knows_towns: bool) -> tuple[Finding, ...]:
    found = [
        Finding(field.name, "ANSWER_NEEDED", Severity.ERROR)
        for field in page.fields
        if field.needed and not _answered(field, answers)
    ]
    if page.name == WRITING and not any(answers.get(name, "").strip() for name in ("fax", "mail")):
        found.append(Finding("fax", "FAX_OR_MAIL_NEEDED", Severity.ERROR))
    for finding in result.findings:
        place = _place(finding)
        if page.field(place) is None or any(known.field == place for known in found):
            continue
        if finding.field == "address" and not knows_towns:
            continue  # the office inside knows the towns and looks
        is_wrong = finding.severity is Severity.ERROR and finding.code not in _FOR_CALL_CENTRE
        if is_wrong or finding.code in _ASKED_AGAIN:
            found.append(replace(finding, field=place, severity=Severity.ERROR))
    return tuple(found)


def _answered(field: Field, answers: Mapping[str, str]) -> bool:
    """Whether there is an answer; a choice that is not offered any more is none."""
    text = answers.get(field.name, "")
    return text in field.choices if field.shape is Shape.ONE else bool(text.strip())


def _place(finding: Finding) -> str:
    """The field of the form that a finding is shown beside."""
    if finding.code == "WISH_NO_DAY_LEFT":
        return "wish_never"
    return "wish_text" if finding.field == "wishes" else finding.field


# -- typing ------------------------------------------------------------------------------------------------------------


def save(office: Office, form: Form, name: str, given: Mapping[str, str], *, language: str, forwards: bool) -> Saved:
    """Keep what was typed on one page, right or wrong, but for what must never be kept.

    Args:
        given: the fields of the page; one that is left out was not ticked, or is as it was where it is a text.
        forwards: somebody wants to go on, and the page has been answered.

    Raises:
        NotFound: ``PAGE_UNKNOWN`` for a page that is not asked.
        Refused: ``FORM_OVER``.
    """
    page = _page(office, form, name, language)
    typed = {field.name: _typed(field, given) for field in page.fields if field.name in given or _is_choice(field)}
    private: dict[str, Finding] = {}
    for field_name, text in typed.items():
        for finding in inspect(text, field_name):
            private.setdefault(field_name, replace(finding, severity=Severity.ERROR))
    kept = {name: "" if name in private else text for name, text in typed.items()}

    def alter(_: Session, now: Form) -> Form:
        if now.sent or now.own:
            return now
        answers = {name: text for name, text in {**now.answers, **kept}.items() if text}
        return replace(now, answers=answers, seen=now.seen | ({page.name} if forwards else frozenset()))

    asked = ask(office, drafts.change(office, form.key, alter), language=language)
    still_there = next((page for page in asked.pages if page.name == name), page)
    others = [found for found in asked.problems.get(still_there.name, ()) if found.field not in private]
    given_back = {name: typed[name] for name, finding in private.items() if finding.code == _NOT_STORED}
    return Saved(asked, (*private.values(), *others), given_back)


def _page(office: Office, form: Form, name: str, language: str) -> Page:
    known = (page for page in pages_for(form.answers, office.rules, towns=None) if page.name == name)
    return next(known, None) or ask(office, form, language=language).page(name)


def _is_choice(field: Field) -> bool:
    return field.shape in (Shape.ONE, Shape.MANY)


def _typed(field: Field, given: Mapping[str, str]) -> str:
    """The text of a field, or those of its choices that were ticked; anything else that was sent for them is none."""
    text = given.get(field.name, "").replace("\r\n", "\n")
    if not _is_choice(field):
        return text if text.strip() else ""
    ticked = [choice for choice in field.choices if choice in text.split("\n")]
    return "\n".join(ticked if field.shape is Shape.MANY else ticked[:1])


# -- sending -----------------------------------------------------------------------------------------------------------


def send(office: Office, form: Form, *, ip: str, language: str, offers_windows: bool) -> Sent:
    """Send a form: it becomes a booking that may be given a window, or one the call centre phones about.

    Where no windows are offered it is kept to be handed over. Either way the answers are erased from the draft in the
    end, and the same form sent again is the same request.

    Raises:
        TooMany: ``TOO_MANY_TRIES`` for too many requests from one phone, address or network address.
        Busy: ``TRIES_UNCOUNTED`` when they could not be counted, ``DAY_BUSY``.
        Refused: ``FORM_OVER``.
    """
    if form.sent:
        return Sent(form)
    asked = ask(office, form, language=language)
    if asked.unfinished is not None:
        return Sent(form, wrong=asked.unfinished)
    result = reception.preview(office, asked.call)
    request = result.request
    assert request is not None  # nothing private is in a draft
    phone = request.phone_e164 or request.fax or request.mail
    tries.take_public(office, ip=ip, phone=phone, address=request.household_key or request.address_normalised)
    try:
        if not offers_windows:
            return Sent(handing_over.keep(office, form, asked.call))
        taken = reception.add(
            office.acting_as(WHO, CHANNEL), _with_household(office, asked.call, result), key=form.send_key
        )
    except OutreachError:
        tries.give_back_public(office, ip=ip, phone=phone, address=request.household_key or request.address_normalised)
        raise
    outcome = Outcome.WINDOWS if taken.status in LIVE else Outcome.PHONE

    def alter(_: Session, now: Form) -> Form:
        return replace(now, answers={}, reference=taken.reference, outcome=outcome)

    return Sent(drafts.change(office, form.key, alter))


def _with_household(office: Office, call: Call, result: IntakeResult) -> Call:
    """The call; where the household has a booking already, with the word for the call centre to phone about it."""
    if DUPLICATE_HOUSEHOLD not in result.open_confirms:
        return call
    reason = Words(office.settings.language).say("public.household_reason")
    return replace(call, accept=frozenset({DUPLICATE_HOUSEHOLD}), household_reason=reason)


def for_the_call_centre(office: Office) -> tuple[str, ...]:
    """References of requests from the form that somebody has to phone about, the oldest first.

    They are drafts that lack what only a person can settle (which town, where to park, beyond the travel limit), and
    second bookings of a household.
    """
    with reading(office.engine) as session:
        open_drafts = session.exec(
            select(Booking.reference, Booking.id).where(
                Booking.status == Status.DRAFT.value, Booking.channel == CHANNEL
            )
        ).all()
        doubles = session.exec(
            select(Booking.reference, Booking.id)
            .where(col(BookingFinding.booking_id) == col(Booking.id))
            .where(BookingFinding.code == DUPLICATE_HOUSEHOLD, BookingFinding.accepted_by == WHO)
            .where(col(Booking.status).in_([status.value for status in LIVE]))
        ).all()
    return tuple(reference for reference, _ in sorted({*open_drafts, *doubles}, key=lambda row: row[1] or 0))
