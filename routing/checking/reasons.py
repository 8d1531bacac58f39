"""Whether the reason given for a visit left out can be true.

Only what the day alone refutes is reported: a reason is false if one shift that may serve the visit (its pin and its
needs allow it) shows the contrary with the visit alone on it. That a reason is the best one is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from routing.checking.violations import Violation, ViolationCode
from routing.plan import DayPlan, Reason, Unassigned
from routing.problem import DayProblem, Shift, Visit


def _reasons_can_be_true(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for left, visit in _left_out(problem, plan):
        if _is_refuted(problem, visit, left.reason):
            yield Violation(ViolationCode.REASON_FALSE, left.visit, values={"reason": left.reason.value})


def _reason_values_are_the_days_own(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for left, visit in _left_out(problem, plan):
        for key in _wrong_values(problem, visit, left):
            values = {"reason": left.reason.value, "name": key, "value": left.values[key]}
            yield Violation(ViolationCode.REASON_VALUES_WRONG, left.visit, values=values)


def _left_out(problem: DayProblem, plan: DayPlan) -> Iterator[tuple[Unassigned, Visit]]:
    for left in plan.unassigned:
        visit = problem.visit_by_id.get(left.visit)
        if visit is not None and left.visit not in plan.served:  # served after all: VISIT_TWICE
            yield left, visit


def _is_refuted(problem: DayProblem, visit: Visit, reason: Reason) -> bool:
    shifts = [shift for shift in problem.shifts if _may_serve(shift, visit)]
    fits_without_break = any(_fits_without_break(problem, visit, shift) for shift in shifts)
    fits = any(_fits(problem, visit, shift) for shift in shifts)
    contrary = {
        Reason.NO_SHIFT: bool(problem.shifts),
        Reason.NEEDS_UNMET: bool(shifts),
        Reason.UNREACHABLE: any(_there_and_back_s(problem, visit, shift) is not None for shift in shifts),
        Reason.LEG_TOO_LONG: any(_legs_are_legal(problem, visit, shift) for shift in shifts),
        Reason.OUTSIDE_SHIFT: fits_without_break,
        Reason.BREAK_IN_THE_WAY: fits or not fits_without_break,
        Reason.CROWDED_OUT: not fits,
        Reason.CONFLICT: not visit.required,
    }
    return contrary[reason]


def _wrong_values(problem: DayProblem, visit: Visit, left: Unassigned) -> Iterator[str]:
    """Keys of stated values that the day contradicts; a value left out is not missed here."""
    right: dict[str, Callable[[object], bool]] = {}
    if left.reason is Reason.NEEDS_UNMET:
        right["missing"] = lambda missing: (
            isinstance(missing, (list, tuple))
            and bool(missing)
            and all(isinstance(need, str) and need in visit.needs for need in missing)
        )
    elif left.reason is Reason.LEG_TOO_LONG:
        right["limit_s"] = lambda limit_s: limit_s == problem.max_leg_s
        right["driving_s"] = lambda driving_s: isinstance(driving_s, int) and driving_s > problem.max_leg_s
    elif left.reason is Reason.CROWDED_OUT:
        right["drop_penalty_s"] = lambda drop_penalty_s: drop_penalty_s == visit.drop_penalty_s
    for key, is_right in right.items():
        if key in left.values and not is_right(left.values[key]):
            yield key


# --- a visit alone on a shift --------------------------------------------------------------------------------------


def _may_serve(shift: Shift, visit: Visit) -> bool:
    return visit.needs <= shift.skills and visit.pinned_shift in (None, shift.id)


def _there_and_back_s(problem: DayProblem, visit: Visit, shift: Shift) -> tuple[int, int] | None:
    there_s = problem.driving_s(shift.start_place, visit.place)
    back_s = problem.driving_s(visit.place, shift.end_place)
    return None if there_s is None or back_s is None else (there_s, back_s)


def _legs_are_legal(problem: DayProblem, visit: Visit, shift: Shift) -> bool:
    legs = _there_and_back_s(problem, visit, shift)
    return legs is not None and (visit.long_leg_ok or max(legs) <= problem.max_leg_s)


def _fits_without_break(problem: DayProblem, visit: Visit, shift: Shift) -> bool:
    legs = _there_and_back_s(problem, visit, shift)
    if legs is None or not _legs_are_legal(problem, visit, shift):
        return False
    there_s, back_s = legs
    start_s = _first_start_s(visit, shift.start_s + there_s)
    return start_s is not None and start_s + visit.service_s + back_s <= shift.end_s


def _fits(problem: DayProblem, visit: Visit, shift: Shift) -> bool:
    """Whether the visit alone fits the shift together with its break, taken before or after the service."""
    rest, legs = shift.break_, _there_and_back_s(problem, visit, shift)
    if rest is None or legs is None:
        return _fits_without_break(problem, visit, shift)
    first_s = max(rest.earliest_start_s, shift.start_s)
    last_s = min(rest.latest_start_s, shift.end_s - rest.duration_s)
    if first_s > last_s or not _legs_are_legal(problem, visit, shift):
        return False
    there_s, back_s = legs

    rested_s = max(shift.start_s + there_s, first_s) + rest.duration_s
    start_s = _first_start_s(visit, rested_s)
    if start_s is not None and start_s + visit.service_s + back_s <= shift.end_s:
        return True

    start_s = _first_start_s(visit, shift.start_s + there_s)
    if start_s is None:
        return False
    depart_s = start_s + visit.service_s
    rest_s = max(depart_s, first_s)
    home_s = depart_s + back_s + (rest.duration_s if rest_s < depart_s + back_s else 0)
    return rest_s <= last_s and home_s <= shift.end_s


def _first_start_s(visit: Visit, arrive_s: int) -> int | None:
    starts = (max(arrive_s, window.opens_s) for window in visit.windows if arrive_s <= window.closes_s)
    return min(starts, default=None)


LEFT_OUT_RULES: tuple[Callable[[DayProblem, DayPlan], Iterator[Violation]], ...] = (
    _reasons_can_be_true,
    _reason_values_are_the_days_own,
)
"""Every rule of the visits left out, in the order of the report."""
