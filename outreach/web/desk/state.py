"""A booking as the script of the call page knows it: values, and every sentence about them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from bookings.models import Booking, BookingFinding
from outreach.errors import BadInput, Because, Stale, finding_sentence
from outreach.services import call_desk
from outreach.services.call_desk import CallRecord, ReadBack
from outreach.services.office import Office
from outreach.web.problems import as_json, tell, tell_finding
from outreach.web.visitor import office_of, visitor_of, words_of
from outreach.words import Words

MOST_CHANGES = 12


def state_of(request: Request, reference: str) -> dict[str, object]:
    """The booking as JSON for the page.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    office, words = office_of(request), words_of(request)
    session = visitor_of(request).session
    found = call_desk.record(office, reference, session_key="" if session is None else session.key)
    booking = found.card.booking
    return {
        "reference": booking.reference,
        "revision": booking.revision,
        "status": booking.status,
        "status_words": words.say(f"status.{booking.status}"),
        # A field of the desk is one line: a browser would join the lines of a text without a gap.
        "answers": {name: " ".join(text.split("\n")) for name, text in booking.answers.items()},
        "findings": list(findings_told(found.card.findings, words)),
        "open_answers": list(booking.open_answers),
        "address": _address(found.read_back, words),
        "kept": kept_told(office, found, words),
        "beside": list(found.beside),
        "beside_words": words.say("deskpage.beside", names=words.listing(list(found.beside))) if found.beside else "",
        "others": [
            {"reference": other.reference, "words": _before(office, other, found.days.get(other.reference), words)}
            for other in found.others
        ],
        "history": [
            {
                "at": f"{change.at.astimezone(office.now().tzinfo):%m-%d %H:%M}",
                "who": change.who,
                "words": words.say(f"history.{change.what}")
                + (f" {words.say(f'status.{change.status_after}')}" if change.status_after else ""),
            }
            for change in reversed(found.card.history[-MOST_CHANGES:])
        ],
    }


def _before(office: Office, other: Booking, visited: Date | None, words: Words) -> str:
    """A booking this caller had before: by the day of the visit, and where there is none by the day of the call."""
    return words.say(
        "deskpage.other.call" if visited is None else "deskpage.other",
        status=words.say(f"status.{other.status}"),
        day=visited or other.received_at.astimezone(office.now().tzinfo).date(),
        kind=words.say(f"visit_type.{other.visit_type}"),
    )


def findings_told(findings: Iterable[BookingFinding], words: Words) -> Iterable[dict[str, object]]:
    """Stored findings with their sentences; an accepted one says who accepted it."""
    for finding in findings:
        because = Because(finding.code, finding.details)
        yield {
            "field": finding.field,
            "code": finding.code,
            "severity": finding.severity,
            "severity_words": words.say(f"severity.{finding.severity}"),
            "sentence": finding_sentence(because, words),
            "action": tell_finding(because, words),
            "accepted_by": finding.accepted_by or "",
            "needs_reason": finding.code == "DUPLICATE_HOUSEHOLD",
            "towns": _towns(finding.details),
        }


def _towns(details: Mapping[str, object]) -> list[str]:
    """The towns that an address may mean, where a finding names several."""
    towns = details.get("towns") or details.get("candidates")
    return [str(town) for town in towns] if isinstance(towns, list | tuple) else []


def _address(read_back: ReadBack | None, words: Words) -> dict[str, object] | None:
    if read_back is None:
        return None
    return {
        "words": words.say(
            "deskpage.readback", town=read_back.town, kana=read_back.kana or read_back.town, rest=read_back.rest
        ),
        "level": words.say(f"level.{read_back.level}") if read_back.level else "",
        "lat": read_back.lat,
        "lon": read_back.lon,
    }


def kept_told(office: Office, found: CallRecord, words: Words) -> dict[str, object] | None:
    """What is held or promised, how long a hold still lasts, and the sentence to read back."""
    kept, booking = found.card.kept, found.card.booking
    if kept is None:
        return None
    held = kept.held_until
    key = "deskpage.back.site" if kept.site else "deskpage.back.visit"
    values = {"date": kept.day, "opens_s": kept.opens_s, "closes_s": kept.closes_s, "reference": booking.reference}
    return {
        "date": kept.day.isoformat(),
        "opens_s": kept.opens_s,
        "closes_s": kept.closes_s,
        "site": kept.site,
        "words": f"{words.date(kept.day)} {words.window(kept.opens_s, kept.closes_s)}",
        "seconds_left": None if held is None else max(0, int((held - office.now()).total_seconds())),
        "say": words.say("deskpage.back.held", **values) if held is not None else words.say(key, **values),
        "spelt": spelt(booking.reference, words),
    }


def spelt(reference: str, words: Words) -> str:
    """A reference as it is read out: letter by letter, digit by digit."""
    return words.say("deskpage.spelt", signs="-".join(reference))


def stale(request: Request, reference: str, error: Stale) -> Response:
    """412: somebody else has changed the booking; its state as it is now, to show the difference."""
    told = tell(error, words_of(request))
    return JSONResponse({**as_json(told), "state": state_of(request, reference)}, status_code=412)


def revision_seen(request: Request) -> int | None:
    """The revision of ``If-Match``; ``None`` where the header is not sent.

    Raises:
        BadInput: ``FORM_UNREADABLE`` for one that is no revision.
    """
    given = request.headers.get("if-match")
    if given is None:
        return None
    text = given.strip().strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput("FORM_UNREADABLE")
    return int(text)
