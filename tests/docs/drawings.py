"""Draws one timed route as a time line of characters, and tells its times as a Markdown table."""

from __future__ import annotations

from routing.explain import latest_starts
from routing.plan import Route
from routing.problem import DayProblem, clock_text
from routing.slack import latest_departures

CELL_S = 300
"""One character is five minutes."""

DRIVING, WAITING, BREAK, DEPOT = ">", ".", "~", " "


def time_line(problem: DayProblem, route: Route, *, first_s: int, last_s: int) -> str:
    """The promised windows and the van's day under a ruler of hours, from ``first_s`` to ``last_s``.

    Raises:
        ValueError: when a time of the route is not a whole number of characters from ``first_s``.
    """
    canvas = _Canvas(first_s, last_s)
    windows, van = canvas.row(), canvas.row()
    at_s = route.start_s
    for stop in route.stops:
        for window in problem.visit_by_id[stop.visit].windows:
            canvas.fill(windows, window.opens_s, window.closes_s + CELL_S, "-")
            windows[canvas.column(window.opens_s)] = "["
            windows[canvas.column(window.closes_s)] = "]"
            windows[canvas.column(window.opens_s) + 1] = stop.visit
        canvas.fill(van, at_s, stop.arrive_s, DRIVING)
        canvas.fill(van, stop.arrive_s, stop.start_s, WAITING)
        canvas.fill(van, stop.start_s, stop.depart_s, stop.visit)
        at_s = stop.depart_s
    canvas.fill(van, at_s, route.end_s, DRIVING)
    if route.break_ is not None:
        canvas.fill(van, route.break_.start_s, route.break_.end_s, BREAK)
    rows = [("", canvas.hours()), ("", canvas.ruler()), ("window", windows), ("van", van)]
    return "\n".join(f"{name:<8}{''.join(cells)}".rstrip() for name, cells in rows)


def times_table(problem: DayProblem, route: Route) -> str:
    """Arrival, begin, departure, waiting, slack and leave-by of every stop, as ``routing`` computes them."""
    latest, leave_by = latest_starts(problem, route), latest_departures(problem, route)
    lines = [
        "| Stop | Arrive | Start | Depart | Waiting | Latest start | Slack | Leave by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for stop, leave_s in zip(route.stops, leave_by.stops_s, strict=True):
        cells = [
            stop.visit,
            *(clock_text(moment) for moment in (stop.arrive_s, stop.start_s, stop.depart_s)),
            _minutes(stop.start_s - stop.arrive_s),
            clock_text(latest[stop.visit]),
            _minutes(latest[stop.visit] - stop.start_s),
            clock_text(leave_s),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    rest = (
        "no break"
        if route.break_ is None
        else f"break {clock_text(route.break_.start_s)}-{clock_text(route.break_.end_s)}"
    )
    lines += [
        "",
        f"Route: out {clock_text(route.start_s)} (leave the depot by {clock_text(leave_by.depot_s)}), "
        f"{rest}, back {clock_text(route.end_s)}, {_minutes(route.travel_s)} of driving.",
    ]
    return "\n".join(lines)


def _minutes(seconds: int) -> str:
    if seconds % 60:
        raise ValueError(f"{seconds} s is no whole number of minutes")
    return f"{seconds // 60} min"


class _Canvas:
    """Columns of five minutes between two moments."""

    def __init__(self, first_s: int, last_s: int) -> None:
        self._first_s = first_s
        self._width = (last_s - first_s) // CELL_S

    def row(self) -> list[str]:
        return [DEPOT] * self._width

    def column(self, moment_s: int) -> int:
        column, rest = divmod(moment_s - self._first_s, CELL_S)
        if rest or not 0 <= column <= self._width:
            raise ValueError(f"{clock_text(moment_s)} has no column")
        return column

    def fill(self, row: list[str], from_s: int, to_s: int, mark: str) -> None:
        for column in range(self.column(from_s), self.column(to_s)):
            row[column] = mark

    def hours(self) -> list[str]:
        row = self.row()
        for moment in range(self._first_s, self._first_s + self._width * CELL_S, CELL_S):
            if moment % 3600 == 0:
                row[self.column(moment) : self.column(moment) + 5] = clock_text(moment)
        return row

    def ruler(self) -> list[str]:
        moments = (self._first_s + column * CELL_S for column in range(self._width))
        return ["|" if moment % 3600 == 0 else "'" if moment % 1800 == 0 else "-" for moment in moments]
