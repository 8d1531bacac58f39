"""Draws the list of calls before the visits, what a clerk phones from: as PDF, print HTML and Excel file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from maps.fonts import unprintable
from maps.paper import Content, Translate, clean, code_word, compile_pdf, dialled, one_line, render_html, stamp_content
from maps.views import CallEntry, CallList

_LABELS = (
    "access", "call_by", "caller", "fax", "kana", "language", "last_outcome", "mail", "name", "note", "papers",
    "people", "phone", "reference", "resident", "result", "second_phone", "type", "van", "visit", "window",
)  # fmt: skip
_TICKS = ("reached", "no_answer", "call_again", "cancelled")
_TICKS_IN_WRITING = ("sent", "answered", "cancelled")
_SCRIPT = ("who", "when", "staff", "free", "number")
_NOON = 12


def call_list_pdf(call_list: CallList, translate: Translate, *, font: Path | None = None) -> bytes:
    """The call list as a PDF of A4 pages in landscape; equal lists give equal bytes.

    The calls stand in the order given, residents without a phone apart. Nothing is smaller than 12 points and no
    resident is split over two pages; a character that the font lacks prints as 〓 with the kana in large.

    Raises:
        MapsError: ``FONT_MISSING`` or ``PAPER_FAILED``.
    """
    return compile_pdf("calls.typ", call_list_content(call_list, translate, font), font)


def call_list_html(call_list: CallList, translate: Translate) -> str:
    """The same list as one stand-alone page: no script, nothing requested, print style for A4 in landscape."""
    return render_html("calls.html", call_list_content(call_list, translate))


def call_list_xlsx(call_list: CallList, translate: Translate) -> bytes:
    """The same list as an Excel file to tick on the screen or to print; see ``maps.call_workbook``."""
    from maps.call_workbook import workbook_bytes

    return workbook_bytes(call_list_content(call_list, translate), call_list.stamp.made_at)


def window_in_words(promised: tuple[int, int], translate: Translate) -> str:
    """A window as it is said on the phone: 午前10時から10時30分の間, between 10:00 and 10:30.

    The part of the day is said again only where it changes (午前11時30分から昼の12時の間).
    """
    first, last = _times_in_words(promised, translate)
    return translate("calls.window", first=first, last=last)


def call_list_content(call_list: CallList, translate: Translate, font: Path | None = None) -> Content:
    """Everything the templates and the workbook show, in words."""
    stamp = stamp_content(call_list.stamp, translate)
    spoken = {
        "city": stamp["city"],
        "office": one_line(call_list.stamp.office_name, 40),
        "day": call_list.stamp.date,
    }
    return {
        **stamp,
        "title": translate("calls.title"),
        "sheet_name": translate("calls.sheet"),
        "running": f"{stamp['date']}　{stamp['plan']}",
        "labels": {name: translate(f"calls.label.{name}") for name in _LABELS},
        "script_title": translate("calls.script"),
        "script": [translate(f"calls.script.{line}", **spoken) for line in _script(call_list)],
        "sorted": translate("calls.sorted"),
        "ticks": [translate(f"calls.tick.{name}") for name in _TICKS],
        "ticks_in_writing": [translate(f"calls.tick.{name}") for name in _TICKS_IN_WRITING],
        "nobody": translate("calls.none"),
        "without_phone_title": translate("calls.without_phone"),
        "geta": translate("sheet.geta"),
        "calls": [_entry(entry, translate, font) for entry in call_list.calls],
        "without_phone": [_entry(entry, translate, font) for entry in call_list.without_phone],
    }


def _script(call_list: CallList) -> tuple[str, ...]:
    """The lines to say; one more where somebody is to come to a hall."""
    at_hall = any(entry.hall for entry in (*call_list.calls, *call_list.without_phone))
    return (*_SCRIPT[:2], "hall", *_SCRIPT[2:]) if at_hall else _SCRIPT


def _entry(entry: CallEntry, translate: Translate, font: Path | None) -> Content:
    name = one_line(entry.name, 40)
    caller = code_word(translate, "caller", entry.caller_relation) if entry.caller_relation else ""
    caller_name = one_line(entry.caller_name, 40)
    window, parts = _window(entry, translate)
    hall_line = _hall_line(entry, translate)
    last = code_word(translate, "call_outcome", entry.last_outcome or "not_called")
    return {
        "reference": one_line(entry.reference, 12),
        "name": translate("sheet.name", name=name),
        "kana": one_line(entry.kana, 40),
        "kana_first": bool(unprintable(name, font)),
        "phone": one_line(entry.phone, 20),
        "phone_link": dialled(entry.phone),
        "second_phone": one_line(entry.second_phone, 20),
        "second_link": dialled(entry.second_phone),
        "second_line": translate("calls.second", phone=one_line(entry.second_phone, 20)) if entry.second_phone else "",
        "written": list(_written(entry, translate)),
        "fax": one_line(entry.fax, 20),
        "mail": one_line(entry.mail, 80),
        "call_by": translate("calls.call_by", at_s=entry.latest_useful_s),
        "window": f"{window}　{hall_line}" if hall_line else window,
        "window_parts": parts,
        "hall_line": hall_line,
        "van": one_line(entry.van_name, 24),
        "people": translate("sheet.people", people=entry.people),
        "type": _known("visit_type", entry.visit_type, translate),
        "papers": _known("papers", entry.papers, translate),
        "access": _known("access", entry.access, translate),
        "language": _known("language", entry.language, translate),
        "caller": " ".join(part for part in (caller, caller_name) if part),
        "caller_line": ""
        if entry.caller_relation in {"", "self"}
        else translate("calls.caller_named", caller=caller, name=caller_name)
        if caller_name
        else translate("calls.caller", caller=caller),
        "last": last,
        "last_line": translate("calls.last", outcome=last),
        "note": clean(entry.note, 200, lines_kept=1),
        "note_line": translate("calls.note", note=clean(entry.note, 200, lines_kept=1)) if entry.note.strip() else "",
    }


def _window(entry: CallEntry, translate: Translate) -> tuple[str, list[str]]:
    """When somebody is visited or received, and the same in parts: it breaks before its second time, never inside."""
    first, last = _times_in_words(entry.promised, translate)
    if entry.hall:
        window = translate("calls.from_time", time=first)
        return window, [window]
    window = window_in_words(entry.promised, translate)
    first_part = window[: window.rfind(last)]
    return window, [first_part, window[len(first_part) :]]


def _hall_line(entry: CallEntry, translate: Translate) -> str:
    """Where somebody is to come, empty for a visit at home."""
    if not entry.hall:
        return ""
    hall, address = one_line(entry.hall, 60), one_line(entry.hall_address, 70)
    return translate("calls.hall_at", hall=hall, address=address) if address else translate("calls.hall", hall=hall)


def _written(entry: CallEntry, translate: Translate) -> Iterable[list[str]]:
    """How to reach somebody who cannot be phoned: pairs of a label and a number or address."""
    if entry.fax:
        yield [translate("calls.label.fax"), one_line(entry.fax, 20)]
    if entry.mail:
        yield [translate("calls.label.mail"), one_line(entry.mail, 80)]
    if not entry.fax and not entry.mail:
        yield ["", translate("calls.no_contact")]


def _known(namespace: str, code: str, translate: Translate) -> str:
    return code_word(translate, namespace, code) if code else translate("sheet.open")


def _times_in_words(promised: tuple[int, int], translate: Translate) -> tuple[str, str]:
    first, last = (_part_of_day(at_s) for at_s in promised)
    shown_first = translate(f"calls.time.{first}", time=_spoken(promised[0], translate))
    shown_last = _spoken(promised[1], translate)
    return shown_first, shown_last if first == last else translate(f"calls.time.{last}", time=shown_last)


def _part_of_day(at_s: int) -> str:
    hour = at_s // 3600
    return "noon" if hour == _NOON else "morning" if hour < _NOON else "afternoon"


def _spoken(at_s: int, translate: Translate) -> str:
    hour, minute = divmod(at_s // 60, 60)
    key = "calls.time.hour_minute" if minute else "calls.time.hour"
    return translate(key, hour=hour if hour <= _NOON else hour - _NOON, hour_24=hour, minute=minute)
