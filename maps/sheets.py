"""Draws route sheets, what a crew of two holds all day: as PDF to print and as print HTML for the tablet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from maps.fonts import unprintable
from maps.paper import (
    Content,
    Translate,
    clean,
    code_word,
    compile_pdf,
    dialled,
    drawn,
    one_line,
    render_html,
    stamp_content,
)
from maps.qr import geo_uri, qr_svg
from maps.sketch import draw
from maps.views import RouteSheet, SheetStop, SiteGuest, SiteStop

SKETCH_MM = (104.0, 96.0)

_LABELS = (
    "access", "arrive", "back", "break", "call_status", "crew", "depart", "depot", "drive_total", "end_time", "guest",
    "hours", "kit",
    "landmark", "language", "leave_by", "leave_stop_by", "memo", "needs", "note", "order", "papers", "parking",
    "people", "people_met", "phone", "place_qr", "promised", "second_phone", "sketch", "start_time", "type",
)  # fmt: skip

_WORDY = 220
"""A stop of fewer characters always leaves room on its page, however wide they are."""

_OUTCOMES = ("visited", "no_show", "cancelled", "other")
_GUEST_OUTCOMES = ("came", "absent")


def route_sheets_pdf(sheets: Sequence[RouteSheet], translate: Translate, *, font: Path | None = None) -> bytes:
    """The route sheets of a day as one PDF of A4 pages, each sheet on its own pages numbered from 1.

    Nothing is smaller than 12 points, no stop is split over two pages, and equal sheets give equal bytes. Texts longer
    than their limit end in "…"; a character that the font lacks prints as 〓 with the kana in large.

    Raises:
        ValueError: when there is no sheet.
        MapsError: ``FONT_MISSING`` or ``PAPER_FAILED``.
    """
    return compile_pdf("sheet.typ", _content(sheets, translate, font), font)


def route_sheets_html(sheets: Sequence[RouteSheet], translate: Translate) -> str:
    """The same sheets as one stand-alone page: no script, nothing requested, print style for A4.

    Raises:
        ValueError: when there is no sheet.
    """
    content = _content(sheets, translate, None)
    for sheet in content["sheets"]:
        for picture in (sheet["sketch"], *sheet["stops"]):
            if picture is not None:
                picture["inline"] = drawn(picture["svg"])
    return render_html("sheet.html", content)


def _content(sheets: Sequence[RouteSheet], translate: Translate, font: Path | None) -> Content:
    if not sheets:
        raise ValueError("a print-out needs at least one route sheet")
    stamp = stamp_content(sheets[0].stamp, translate)
    return {
        **stamp,
        "title": translate("sheet.title"),
        "running": f"{stamp['date']}　{stamp['plan']}",
        "labels": {name: translate(f"sheet.label.{name}") for name in _LABELS},
        "outcomes": [translate(f"sheet.outcome.{name}") for name in _OUTCOMES],
        "guest_outcomes": [translate(f"sheet.site.{name}") for name in _GUEST_OUTCOMES],
        "geta": translate("sheet.geta"),
        "sheets": [_sheet(sheet, translate, font) for sheet in sheets],
    }


def _sheet(sheet: RouteSheet, translate: Translate, font: Path | None) -> Content:
    drawing = draw(sheet.sketch, *SKETCH_MM)
    shown_break = any(stop.break_before for stop in sheet.stops)
    depots = dict.fromkeys(one_line(depot, 60) for depot in (sheet.start_depot, sheet.end_depot))
    return {
        **stamp_content(sheet.stamp, translate),
        "van": one_line(sheet.van_name, 24),
        "crew": translate("sheet.crew", crew=[one_line(name, 30) for name in sheet.crew]),
        "depot": " → ".join(depots),
        "depart": _clock(translate, sheet.depart_s),
        "leave_by": _clock(translate, sheet.leave_by_s),
        "back": _clock(translate, sheet.return_s),
        "shift": _span(translate, (sheet.shift_start_s, sheet.shift_end_s)),
        "drive_total": translate("sheet.minutes", time_s=sheet.travel_s),
        "break": _span(translate, sheet.break_) if sheet.break_ else translate("sheet.no_break"),
        "kit": [one_line(item, 60) for item in sheet.kit],
        "sketch": None
        if drawing is None
        else {
            "svg": drawing.svg,
            "width": drawing.width,
            "height": drawing.height,
            "badges": [{"number": number, "x": spot[0], "y": spot[1]} for number, spot in drawing.badges],
            "scale": translate("sheet.kilometres", length=drawing.scale),
            "scale_at": drawing.scale_at,
            "caption": translate("sheet.sketch_caption"),
        },
        "order": list(_order(sheet, translate)),
        "stops": [
            _site(stop, translate, font) if isinstance(stop, SiteStop) else _stop(stop, translate, font)
            for stop in sheet.stops
        ],
        "last_break": ""
        if sheet.break_ is None or shown_break
        else translate("sheet.break_here", first_s=sheet.break_[0], last_s=sheet.break_[1]),
        "home": translate(
            "sheet.home", drive_s=sheet.drive_home_s, depot=one_line(sheet.end_depot, 60), back_s=sheet.return_s
        ),
        "certificate": _certificate(sheet, translate),
    }


def _certificate(sheet: RouteSheet, translate: Translate) -> str:
    if not sheet.certificate:
        return ""
    return translate("sheet.certificate", statement=translate(sheet.certificate, minutes=sheet.saving_min))


def _order(sheet: RouteSheet, translate: Translate) -> Iterable[Content]:
    """The day in short for the front page: stops and the break, as they come."""
    for stop in sheet.stops:
        if stop.break_before:
            yield {"number": None, "time": _span(translate, stop.break_before), "text": translate("sheet.label.break")}
        yield {"number": stop.number, "time": _promised(stop, translate), "text": one_line(stop.reference, 12)}


def _stop(stop: SheetStop, translate: Translate, font: Path | None) -> Content:
    name = one_line(stop.name, 40)
    people = translate("sheet.people", people=stop.people)
    children = translate("sheet.under_15", under_15=stop.under_15) if stop.under_15 else ""
    shown: Content = {
        **_way(stop, translate),
        "is_site": False,
        "is_promised": stop.promised is not None,
        "name": translate("sheet.name", name=name),
        "kana": one_line(stop.kana, 40),
        "kana_first": bool(unprintable(name, font)),
        "address": one_line(stop.address, 70),
        "building": one_line(stop.building, 50),
        "landmark": one_line(stop.landmark, 60),
        "phone": one_line(stop.phone, 20),
        "phone_link": dialled(stop.phone),
        "second_phone": one_line(stop.second_phone, 20),
        "second_link": dialled(stop.second_phone),
        "people": f"{people}{children}",
        "facts": [
            ["type", _known("visit_type", stop.visit_type, translate)],
            ["access", _known("access", stop.access, translate)],
            ["parking", _known("parking", stop.parking, translate)],
            ["papers", _known("papers", stop.papers, translate)],
            ["language", _known("language", stop.language, translate)],
            ["call_status", code_word(translate, "call_outcome", stop.call_status or "not_called")],
        ],
        "needs": one_line(
            translate("sheet.list", items=[code_word(translate, "need", need) for need in stop.needs]), 100
        ),
        "note": clean(stop.note, 200),
        "level": code_word(translate, "level", stop.location_level),
    }
    words = sum(len(shown[part]) for part in ("name", "kana", "address", "building", "landmark", "needs", "note"))
    return {**shown, "wordy": words > _WORDY}


def _site(stop: SiteStop, translate: Translate, font: Path | None) -> Content:
    """A hall with those who come to it; nothing of any resident but what the crew needs to receive them."""
    guests = [_guest(guest, translate, font) for guest in stop.guests]
    return {
        **_way(stop, translate),
        "wait": translate("sheet.site.set_up", start_s=stop.start_s),
        "is_site": True,
        "name": one_line(stop.name, 60),
        "address": one_line(stop.address, 70),
        "type": _known("visit_type", stop.visit_type, translate) if stop.visit_type else "",
        "level": "",
        "taken": translate("sheet.site.taken", bookings=len(guests), people=sum(guest.people for guest in stop.guests))
        if guests
        else translate("sheet.site.nobody"),
        "guests": guests,
        "kana_first": any(guest["kana_first"] for guest in guests),
    }


def _guest(guest: SiteGuest, translate: Translate, font: Path | None) -> Content:
    name = one_line(guest.name, 40)
    children = translate("sheet.under_15", under_15=guest.under_15) if guest.under_15 else ""
    needs = [code_word(translate, "need", need) for need in guest.needs]
    if guest.access and guest.access != "yes":
        needs.insert(0, code_word(translate, "access", guest.access))
    return {
        "time": _clock(translate, guest.start_s),
        "reference": one_line(guest.reference, 12),
        "name": translate("sheet.name", name=name),
        "kana": one_line(guest.kana, 40),
        "kana_first": bool(unprintable(name, font)),
        "people": translate("sheet.people", people=guest.people) + children,
        "type": _known("visit_type", guest.visit_type, translate),
        "needs": one_line(translate("sheet.list", items=needs), 100) if needs else "",
    }


def _way(stop: SheetStop | SiteStop, translate: Translate) -> Content:
    """What every stop has: its number, when and how the van comes and goes, where it is."""
    return {
        "number": stop.number,
        "reference": one_line(stop.reference, 12),
        "promised": _promised(stop, translate),
        "arrive": _clock(translate, stop.arrive_s),
        "wait": translate("sheet.wait", start_s=stop.start_s) if stop.start_s > stop.arrive_s else "",
        "leave_by": _clock(translate, stop.leave_by_s),
        "drive": translate("sheet.drive", drive_s=stop.drive_s),
        "far": translate("sheet.far") if stop.long_leg else "",
        "break": translate("sheet.break_here", first_s=stop.break_before[0], last_s=stop.break_before[1])
        if stop.break_before
        else "",
        "geo": geo_uri(stop.location),
        "svg": qr_svg(geo_uri(stop.location)),
    }


def _known(namespace: str, code: str, translate: Translate) -> str:
    """The word of an answer; one that nobody has given yet is shown as open."""
    return code_word(translate, namespace, code) if code else translate("sheet.open")


def _promised(stop: SheetStop | SiteStop, translate: Translate) -> str:
    return _span(translate, stop.promised) if stop.promised else translate("sheet.not_promised")


def _span(translate: Translate, span: tuple[int, int]) -> str:
    return translate("sheet.span", first_s=span[0], last_s=span[1])


def _clock(translate: Translate, at_s: int) -> str:
    return translate("sheet.clock", at_s=at_s)
