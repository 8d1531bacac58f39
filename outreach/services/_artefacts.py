"""Builds what people hold from one plan version: route sheets, call list and day map as view models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bookings.districts import Districts
from bookings.models import Booking
from maps.views import (
    CallEntry,
    CallList,
    DayMap,
    MapDepot,
    MapLeftOut,
    MapRoute,
    MapStop,
    PlanStamp,
    Point,
    Ring,
    RouteSheet,
    SheetStop,
    SiteStop,
    Sketch,
)
from outreach.errors import Refused
from outreach.services._days import depot_place
from outreach.services._plans import PlanView
from outreach.services._site_artefacts import call_entry, site_calls, site_stop
from outreach.services._sites import Site, sites_named
from outreach.services._solving import without_visits
from outreach.services.gazetteer import districts_in
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import CallAttempt, Depot, PlanVersion, ServiceDay, Staff, StopRole, Van
from outreach.words import Words
from routing.certificate import bounded, statement_of
from routing.plan import DayPlan, Route
from routing.problem import DayProblem
from routing.replan import keep_routes
from routing.slack import latest_departures


@dataclass(frozen=True, slots=True)
class Material:
    """Everything the artefacts of one plan version are made of, read in one transaction."""

    view: PlanView
    problem: DayProblem
    plan: DayPlan
    stamp: PlanStamp
    language: str
    bookings: Mapping[str, Booking]
    vans: Mapping[str, Van]
    depots: Mapping[str, Depot]
    crews: Mapping[str, tuple[str, ...]]
    last_calls: Mapping[int, str]
    districts: Districts
    sites: Mapping[str, Site]
    """Site sessions among the stops, by reference, with those in their places now."""


def gather(office: Office, view: PlanView, language: str) -> Material:
    """Read what the artefacts need. Proposals are left out: they are nobody's promise yet.

    Raises:
        Refused: ``PROPOSALS_IN_THE_WAY`` where the plan is not legal without its proposals.
    """
    problem, plan = _without_proposals(view)
    with reading(office.engine) as session:
        bookings = session.exec(
            select(Booking).where(col(Booking.reference).in_([visit.id for visit in problem.visits]))
        ).all()
        made_at = session.exec(
            select(PlanVersion.made_at)
            .where(col(PlanVersion.service_day_id) == col(ServiceDay.id))
            .where(ServiceDay.day == view.day, PlanVersion.number == view.number)
        ).one()
        return Material(
            view=view,
            problem=problem,
            plan=plan,
            stamp=_stamp(office, view, made_at, language),
            language=language,
            bookings={booking.reference: booking for booking in bookings},
            vans={van.id: van for van in session.exec(select(Van)).all()},
            depots={depot_place(depot.id): depot for depot in session.exec(select(Depot)).all()},
            crews=_crews(session, problem),
            last_calls=_last_calls(session, view),
            districts=districts_in(session),
            sites=sites_named(session, office, [visit.id for visit in problem.visits]),
        )


def _without_proposals(view: PlanView) -> tuple[DayProblem, DayPlan]:
    """The day and the plan of the promises alone.

    The bound stays, less what leaving the proposals out cost: with that, every plan of the promises is one of all.
    """
    waiting = {visit.id: visit.drop_penalty_s for visit in view.problem.visits if not visit.required}
    if not waiting:
        return view.problem, view.plan
    problem = without_visits(view.problem, waiting)
    plan = keep_routes(problem, view.plan)
    if plan is None:
        raise Refused("PROPOSALS_IN_THE_WAY", date=view.day)
    return problem, bounded(plan, view.plan, less_s=sum(waiting.values()))


def _stamp(office: Office, view: PlanView, made_at: datetime, language: str) -> PlanStamp:
    city = office.rules.city
    english = language == "en"
    now = office.settings.now
    return PlanStamp(
        date=view.day,
        version=view.number,
        sha256=view.sha256,
        made_at=made_at.astimezone(office.now().tzinfo),
        city_name=city.name_en if english else city.name,
        office_name=city.office_en if english else city.office,
        office_phone=city.phone,
        office_hours=office.calendar.call_hours,
        travel_is_estimate=office.travel.is_estimate,
        banner="" if now is None else Words(language).say("terminal.banner", now=now.strftime("%Y-%m-%d %H:%M")),
    )


def _crews(session: Session, problem: DayProblem) -> dict[str, tuple[str, ...]]:
    names = {person.id: person.name for person in session.exec(select(Staff)).all()}
    return {shift.id: tuple(names.get(person, person) for person in shift.crew) for shift in problem.shifts}


def _last_calls(session: Session, view: PlanView) -> dict[int, str]:
    attempts = session.exec(
        select(CallAttempt).where(CallAttempt.day == view.day).order_by(col(CallAttempt.at), col(CallAttempt.id))
    ).all()
    return {attempt.booking_id: attempt.outcome for attempt in attempts}


# -- route sheets ------------------------------------------------------------------------------------------------------


def route_sheets(material: Material) -> tuple[RouteSheet, ...]:
    """One sheet for each van that drives, in the order of the vans."""
    return tuple(_sheet(material, route) for route in sorted(material.plan.routes, key=lambda route: route.shift))


def _sheet(material: Material, route: Route) -> RouteSheet:
    shift = material.problem.shift_by_id[route.shift]
    latest = latest_departures(material.problem, route)
    statement = statement_of(material.problem, material.plan)
    van = material.vans[route.shift]
    crew = material.crews[route.shift]
    stops = _sheet_stops(material, route, latest.stops_s)
    driven_s = sum(stop.drive_s for stop in stops)
    return RouteSheet(
        stamp=material.stamp,
        shift=route.shift,
        van_name=_van_name(material, route.shift),
        crew=(crew[0], crew[1]),
        start_depot=_depot_name(material, shift.start_place),
        end_depot=_depot_name(material, shift.end_place),
        shift_start_s=shift.start_s,
        shift_end_s=shift.end_s,
        depart_s=route.start_s,
        leave_by_s=latest.depot_s,
        return_s=route.end_s,
        drive_home_s=route.travel_s - driven_s,
        travel_s=route.travel_s,
        break_=None if route.break_ is None else (route.break_.start_s, route.break_.end_s),
        kit=tuple(van.kit),
        stops=stops,
        sketch=_sketch(material, route, stops),
        certificate=f"certificate.{statement.says.value}",
        saving_min=statement.minutes,
    )


def _sheet_stops(material: Material, route: Route, leave_by: Sequence[int]) -> tuple[SheetStop | SiteStop, ...]:
    """The stops a crew makes; a ghost is driven past, its driving goes to the stop after it."""
    shift = material.problem.shift_by_id[route.shift]
    here, drive_s, before_s = shift.start_place, 0, route.start_s
    rest = route.break_
    stops: list[SheetStop | SiteStop] = []
    for stop, leave_by_s in zip(route.stops, leave_by, strict=True):
        visit = material.problem.visit_by_id[stop.visit]
        drive_s += material.problem.driving_s(here, visit.place) or 0
        here = visit.place
        if material.view.roles.get(stop.visit) == StopRole.GHOST:
            continue
        resting = rest is not None and before_s <= rest.start_s < stop.start_s
        break_before = (rest.start_s, rest.end_s) if resting and rest is not None else None
        site = material.sites.get(stop.visit)
        if site is not None:
            stops.append(
                site_stop(
                    site,
                    stop,
                    number=len(stops) + 1,
                    drive_s=drive_s,
                    leave_by_s=leave_by_s,
                    break_before=break_before,
                    language=material.language,
                )
            )
            drive_s, before_s = 0, stop.depart_s
            continue
        booking = material.bookings[stop.visit]
        stops.append(
            SheetStop(
                number=len(stops) + 1,
                reference=stop.visit,
                promised=(visit.windows[0].opens_s, visit.windows[0].closes_s) if visit.required else None,
                drive_s=drive_s,
                arrive_s=stop.arrive_s,
                start_s=stop.start_s,
                depart_s=stop.depart_s,
                leave_by_s=leave_by_s,
                name=booking.name,
                kana=booking.kana,
                address=booking.address_written,
                building=booking.building if booking.building not in booking.address_written else "",
                landmark=booking.landmark,
                phone=booking.phone_spoken,
                second_phone=booking.second_phone_spoken,
                visit_type=booking.visit_type,
                people=booking.people or 1,
                under_15=booking.under_15,
                access=booking.access,
                needs=tuple(sorted(visit.needs)),
                parking=booking.parking,
                papers=booking.papers,
                language=booking.language,
                call_status=material.last_calls.get(booking.id or 0, "not_called"),
                note=booking.note,
                location=(booking.lat or 0.0, booking.lon or 0.0),
                location_level=booking.location_level or "town",
                break_before=break_before,
                long_leg=visit.long_leg_ok,
            )
        )
        drive_s, before_s = 0, stop.depart_s
    return tuple(stops)


def _sketch(material: Material, route: Route, stops: Sequence[SheetStop | SiteStop]) -> Sketch:
    return Sketch(
        path=_path(material, route),
        stops=tuple((stop.number, stop.location) for stop in stops),
        depots=tuple(depot.location for depot in _used_depots(material, [route])),
        lines=tuple(ring for _, rings in _district_rings(material) for ring in rings),
    )


# -- call list ---------------------------------------------------------------------------------------------------------


def call_list(material: Material) -> CallList:
    """The pre-visit calls, by the moment the crew sets out for each; residents without a phone apart."""
    entries: list[CallEntry] = []
    for route in material.plan.routes:
        leaves_s = route.start_s
        for stop in route.stops:
            if material.view.roles.get(stop.visit) == StopRole.GHOST:
                continue
            entries += _call_entries(material, route, stop.visit, leaves_s)
            leaves_s = stop.depart_s
    entries.sort(key=lambda entry: (entry.latest_useful_s, entry.promised if entry.hall else (0, 0), entry.reference))
    return CallList(
        stamp=material.stamp,
        calls=tuple(entry for entry in entries if entry.phone or entry.second_phone),
        without_phone=tuple(entry for entry in entries if not (entry.phone or entry.second_phone)),
    )


def _call_entries(material: Material, route: Route, reference: str, leaves_s: int) -> tuple[CallEntry, ...]:
    """The calls for one stop: one for a visit, one for everybody with a place in a session."""
    van_name, last_calls = _van_name(material, route.shift), material.last_calls
    site = material.sites.get(reference)
    if site is not None:
        return site_calls(site, leaves_s=leaves_s, van_name=van_name, last_calls=last_calls, language=material.language)
    window = material.problem.visit_by_id[reference].windows[0]
    booking = material.bookings[reference]
    promised = (window.opens_s, window.closes_s)
    return (call_entry(booking, promised, leaves_s=leaves_s, van_name=van_name, last_calls=last_calls),)


# -- day map -----------------------------------------------------------------------------------------------------------


def day_map(material: Material) -> DayMap:
    """The routes of the day by reference; no names, no addresses."""
    order = sorted(material.plan.routes, key=lambda route: route.shift)
    styles = {shift.id: number for number, shift in enumerate(material.problem.shifts)}
    return DayMap(
        stamp=material.stamp,
        routes=tuple(
            MapRoute(
                shift=route.shift,
                van_name=_van_name(material, route.shift),
                style=styles[route.shift],
                path=_path(material, route),
                stops=_map_stops(material, route),
                travel_s=route.travel_s,
                break_=None if route.break_ is None else (route.break_.start_s, route.break_.end_s),
            )
            for route in order
        ),
        depots=_used_depots(material, order),
        left_out=tuple(
            MapLeftOut(left.visit, _point(material, left.visit), left.reason.value, tuple(left.values.items()))
            for left in material.plan.unassigned
        ),
        boundary=rings_of(material.districts.boundary),
        districts=_district_rings(material),
    )


def _map_stops(material: Material, route: Route) -> tuple[MapStop, ...]:
    stops: list[MapStop] = []
    for stop in route.stops:
        if material.view.roles.get(stop.visit) == StopRole.GHOST:
            continue
        visit, site = material.problem.visit_by_id[stop.visit], material.sites.get(stop.visit)
        window = (visit.windows[0].opens_s, visit.windows[0].closes_s)
        received = window if site is None else (site.row.opens_s, site.row.closes_s)
        stops.append(
            MapStop(
                number=len(stops) + 1,
                reference=stop.visit,
                location=_point(material, stop.visit),
                promised=received if visit.required else None,
                arrive_s=stop.arrive_s,
                depart_s=stop.depart_s,
                site=site is not None,
            )
        )
    return tuple(stops)


# -- what they share ---------------------------------------------------------------------------------------------------


def _place(material: Material, reference: str) -> str:
    return material.problem.visit_by_id[reference].place


def _point(material: Material, reference: str) -> Point:
    place = material.problem.places[material.problem.place_index[_place(material, reference)]]
    return place.lat, place.lon


def _path(material: Material, route: Route) -> tuple[Point, ...]:
    shift = material.problem.shift_by_id[route.shift]
    places = [shift.start_place, *(_place(material, stop.visit) for stop in route.stops), shift.end_place]
    found = [material.problem.places[material.problem.place_index[place]] for place in places]
    return tuple((place.lat, place.lon) for place in found)


def _van_name(material: Material, van_id: str) -> str:
    return material.vans[van_id].named(material.language)


def _depot_name(material: Material, place: str) -> str:
    depot = material.depots[place]
    return depot.name_en if material.language == "en" and depot.name_en else depot.name


def _used_depots(material: Material, routes: Sequence[Route]) -> tuple[MapDepot, ...]:
    shifts = [material.problem.shift_by_id[route.shift] for route in routes]
    used = sorted({place for shift in shifts for place in (shift.start_place, shift.end_place)})
    return tuple(
        MapDepot(_depot_name(material, place), (material.depots[place].lat, material.depots[place].lon))
        for place in used
    )


def _district_rings(material: Material) -> tuple[tuple[str, tuple[Ring, ...]], ...]:
    return tuple(
        (district_name(district, material.language), rings_of(district.polygon))
        for district in material.districts.districts
        if district.polygon is not None
    )


def district_name(district: Any, language: str) -> str:
    """The district's name in one language, the Japanese one where there is no other."""
    return str(district.name_en if language == "en" and district.name_en else district.name)


def rings_of(area: Any) -> tuple[Ring, ...]:
    """The outer rings of an area, latitude first; empty where there is none."""
    if area is None:
        return ()
    parts = list(area.geoms) if hasattr(area, "geoms") else [area]
    return tuple(tuple((y, x) for x, y, *_ in part.exterior.coords) for part in parts)
