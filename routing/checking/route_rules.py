"""The rules of one route: its times, its legs, whom it may serve, its break and its shift."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from routing.checking.drive import Drive
from routing.checking.violations import Violation, ViolationCode
from routing.plan import BreakTaken, Stop
from routing.problem import Visit, clock_text

_CODE = ViolationCode

# --- times of the stops --------------------------------------------------------------------------------------------


def _service_starts_in_a_window(drive: Drive) -> Iterator[Violation]:
    for stop, visit in drive.known_stops:
        if not _in_a_window(stop, visit):
            windows = [f"{clock_text(window.opens_s)}-{clock_text(window.closes_s)}" for window in visit.windows]
            values = {"start": clock_text(stop.start_s), "windows": windows}
            yield Violation(_CODE.WINDOW_MISSED, stop.visit, drive.route.shift, values)


def _arrivals_are_exact(drive: Drive) -> Iterator[Violation]:
    for index, stop in enumerate(drive.route.stops):
        if index == 0 and drive.leaves_while_resting:
            continue  # no rule says when a van arrives whose crew is still resting
        expected = drive.arrivals_s(index)
        if expected and stop.arrive_s not in expected:
            values = {"arrive": clock_text(stop.arrive_s), "expected": clock_text(expected[0])}
            yield Violation(_CODE.ARRIVE_WRONG, stop.visit, drive.route.shift, values)


def _service_starts_after_arrival(drive: Drive) -> Iterator[Violation]:
    for index, stop in enumerate(drive.route.stops):
        if stop.start_s < min((stop.arrive_s, *drive.arrivals_s(index))):
            values = {"start": clock_text(stop.start_s), "arrive": clock_text(stop.arrive_s)}
            yield Violation(_CODE.START_BEFORE_ARRIVE, stop.visit, drive.route.shift, values)


def _service_starts_as_early_as_possible(drive: Drive) -> Iterator[Violation]:
    for index, (stop, visit) in enumerate(zip(drive.route.stops, drive.visits, strict=True)):
        if visit is None or not _in_a_window(stop, visit) or drive.is_served_while_resting(stop):
            continue  # this start has a code already
        earliest = drive.earliest_service_s(index)
        if earliest is not None and earliest < stop.start_s:
            values = {"start": clock_text(stop.start_s), "earliest": clock_text(earliest)}
            yield Violation(_CODE.SERVICE_LATE, stop.visit, drive.route.shift, values)


def _departures_are_exact(drive: Drive) -> Iterator[Violation]:
    for stop, visit in drive.known_stops:
        expected = stop.start_s + visit.service_s
        if stop.depart_s != expected:
            values = {"depart": clock_text(stop.depart_s), "expected": clock_text(expected)}
            yield Violation(_CODE.DEPART_WRONG, stop.visit, drive.route.shift, values)


def _in_a_window(stop: Stop, visit: Visit) -> bool:
    return any(stop.start_s in window for window in visit.windows)


# --- begin and end of the route ------------------------------------------------------------------------------------


def _route_starts_as_late_as_possible(drive: Drive) -> Iterator[Violation]:
    latest = drive.latest_start_s
    if latest is not None and drive.starts_early and not drive.leaves_while_resting:
        values = {"start": clock_text(drive.route.start_s), "latest": clock_text(latest)}
        yield Violation(_CODE.ROUTE_START_EARLY, shift=drive.route.shift, values=values)


def _route_end_is_exact(drive: Drive) -> Iterator[Violation]:
    expected = drive.arrivals_s(len(drive.route.stops))
    if expected and drive.route.end_s not in expected:
        values = {"end": clock_text(drive.route.end_s), "expected": clock_text(expected[0])}
        yield Violation(_CODE.ROUTE_END_WRONG, shift=drive.route.shift, values=values)


def _route_starts_within_shift(drive: Drive) -> Iterator[Violation]:
    if drive.shift is not None and drive.route.start_s < drive.shift.start_s:
        values = {"start": clock_text(drive.route.start_s), "shift_start": clock_text(drive.shift.start_s)}
        yield Violation(_CODE.STARTS_BEFORE_SHIFT, shift=drive.route.shift, values=values)


def _route_ends_within_shift(drive: Drive) -> Iterator[Violation]:
    if drive.shift is not None and drive.route.end_s > drive.shift.end_s:
        values = {"end": clock_text(drive.route.end_s), "shift_end": clock_text(drive.shift.end_s)}
        yield Violation(_CODE.ENDS_AFTER_SHIFT, shift=drive.route.shift, values=values)


# --- legs ----------------------------------------------------------------------------------------------------------


def _legs_are_within_the_limit(drive: Drive) -> Iterator[Violation]:
    limit_s = drive.problem.max_leg_s
    for leg in drive.legs:
        if leg.driving_s is not None and leg.driving_s > limit_s and not leg.may_be_long:
            ends = {"from_place": leg.from_place, "to_place": leg.to_place}
            values = {**ends, "driving_s": leg.driving_s, "limit_s": limit_s}
            yield Violation(_CODE.LEG_TOO_LONG, leg.visit, drive.route.shift, values)


def _legs_have_a_road(drive: Drive) -> Iterator[Violation]:
    for leg in drive.legs:
        if leg.driving_s is None and leg.from_place is not None and leg.to_place is not None:
            ends = {"from_place": leg.from_place, "to_place": leg.to_place}
            yield Violation(_CODE.LEG_UNREACHABLE, leg.visit, drive.route.shift, ends)


def _travel_adds_up(drive: Drive) -> Iterator[Violation]:
    if drive.travel_s is not None and drive.route.travel_s != drive.travel_s:
        values = {"travel_s": drive.route.travel_s, "expected_s": drive.travel_s}
        yield Violation(_CODE.TRAVEL_WRONG, shift=drive.route.shift, values=values)


# --- whom the shift may serve --------------------------------------------------------------------------------------


def _needs_are_met(drive: Drive) -> Iterator[Violation]:
    if drive.shift is None:
        return
    for stop, visit in drive.known_stops:
        missing = visit.needs - drive.shift.skills
        if missing:
            yield Violation(_CODE.NEEDS_UNMET, stop.visit, drive.route.shift, {"missing": sorted(missing)})


def _pins_are_kept(drive: Drive) -> Iterator[Violation]:
    if drive.shift is None:
        return
    for stop, visit in drive.known_stops:
        if visit.pinned_shift not in (None, drive.shift.id):
            values = {"pinned_shift": visit.pinned_shift}
            yield Violation(_CODE.PIN_BROKEN, stop.visit, drive.route.shift, values)


# --- the break -----------------------------------------------------------------------------------------------------


def _break_is_taken(drive: Drive) -> Iterator[Violation]:
    if drive.asked_break is not None and drive.route.break_ is None:
        values = {"duration_s": drive.asked_break.duration_s}
        yield Violation(_CODE.BREAK_MISSING, shift=drive.route.shift, values=values)


def _break_is_asked_for(drive: Drive) -> Iterator[Violation]:
    rest = drive.route.break_
    if rest is not None and drive.shift is not None and drive.asked_break is None:
        yield Violation(_CODE.BREAK_UNASKED, shift=drive.route.shift, values=_clocks(rest))


def _break_starts_within_bounds(drive: Drive) -> Iterator[Violation]:
    rest, asked = drive.route.break_, drive.asked_break
    if rest is not None and asked is not None and not asked.earliest_start_s <= rest.start_s <= asked.latest_start_s:
        bounds = {"earliest": clock_text(asked.earliest_start_s), "latest": clock_text(asked.latest_start_s)}
        values = {"start": clock_text(rest.start_s), **bounds}
        yield Violation(_CODE.BREAK_OUT_OF_BOUNDS, shift=drive.route.shift, values=values)


def _break_has_its_length(drive: Drive) -> Iterator[Violation]:
    rest, asked = drive.route.break_, drive.asked_break
    if rest is not None and asked is not None and rest.end_s - rest.start_s != asked.duration_s:
        values = {"length_s": rest.end_s - rest.start_s, "duration_s": asked.duration_s}
        yield Violation(_CODE.BREAK_LENGTH_WRONG, shift=drive.route.shift, values=values)


def _break_is_inside_the_shift(drive: Drive) -> Iterator[Violation]:
    rest, shift = drive.route.break_, drive.shift
    if rest is None or shift is None:
        return
    if all(
        taken is not None and (taken.start_s < shift.start_s or taken.end_s > shift.end_s) for taken in drive.breaks
    ):
        bounds = {"shift_start": clock_text(shift.start_s), "shift_end": clock_text(shift.end_s)}
        values = {**_clocks(rest), **bounds}
        yield Violation(_CODE.BREAK_OUTSIDE_SHIFT, shift=drive.route.shift, values=values)


def _break_is_beside_service(drive: Drive) -> Iterator[Violation]:
    rest, stop = drive.route.break_, drive.stop_with_the_break
    if rest is not None and stop is not None and drive.is_served_while_resting(stop):
        service = {"service_start": clock_text(stop.start_s), "service_end": clock_text(stop.depart_s)}
        values = {**_clocks(rest), **service}
        yield Violation(_CODE.BREAK_OVERLAPS_SERVICE, stop.visit, drive.route.shift, values)


def _break_is_not_across_departure(drive: Drive) -> Iterator[Violation]:
    rest = drive.route.break_
    if rest is not None and drive.leaves_while_resting:
        values = {**_clocks(rest), "departure": clock_text(drive.route.start_s)}
        yield Violation(_CODE.BREAK_ACROSS_DEPARTURE, shift=drive.route.shift, values=values)


def _clocks(rest: BreakTaken) -> dict[str, object]:
    return {"start": clock_text(rest.start_s), "end": clock_text(rest.end_s)}


ROUTE_RULES: tuple[Callable[[Drive], Iterator[Violation]], ...] = (
    _needs_are_met,
    _pins_are_kept,
    _legs_are_within_the_limit,
    _legs_have_a_road,
    _route_starts_as_late_as_possible,
    _arrivals_are_exact,
    _service_starts_after_arrival,
    _service_starts_in_a_window,
    _service_starts_as_early_as_possible,
    _departures_are_exact,
    _route_end_is_exact,
    _break_is_taken,
    _break_is_asked_for,
    _break_starts_within_bounds,
    _break_has_its_length,
    _break_is_inside_the_shift,
    _break_is_beside_service,
    _break_is_not_across_departure,
    _route_starts_within_shift,
    _route_ends_within_shift,
    _travel_adds_up,
)
"""Every rule of a route with stops, in the order of the report."""
