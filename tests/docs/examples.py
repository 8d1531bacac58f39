"""The worked examples of docs/concepts.md: small days, and what the code makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bookings.references import LETTERS, reference
from bookings.statuses import LIVE, PROMISED, STEPS
from outreach.programme.durations import service_minutes
from outreach.programme.rules import Rules
from outreach.services.coverage import suppressed
from routing.plan import Route
from routing.problem import DayProblem
from routing.schedule import schedule_route
from tests.docs.drawings import time_line, times_table
from tests.routing.days import HALL, both_ways, clock, day, visit

NINE, QUARTER_TO_THREE = clock("09:00"), clock("14:45")
HALF_PAST_EIGHT, THREE = clock("08:30"), clock("15:00")

THREE_STOPS = day(
    (visit("A", "09:30", "10:00"), visit("B", "10:30", "11:00"), visit("C", "13:00", "13:30")),
    driving=both_ways(HALL, "a", 1200)
    | both_ways("a", "b", 1800)
    | both_ways("b", "c", 1500)
    | both_ways("c", HALL, 1800),
)
"""One van, lunch, three promises: waiting, slack, leave-by and a break in a leg all occur."""

BEFORE_DEPARTURE = day((visit("A", "13:30", "14:00"),), driving=both_ways(HALL, "a", 1200))
IN_A_LEG = day(
    (visit("A", "10:30", "11:00"), visit("B", "13:00", "13:30")),
    driving=both_ways(HALL, "a", 1200) | both_ways("a", "b", 3000) | both_ways("b", HALL, 1200),
)
WHILE_WAITING = day(
    (visit("A", "10:00", "10:30"), visit("B", "13:00", "13:30")),
    driving=both_ways(HALL, "a", 1200) | both_ways("a", "b", 1200) | both_ways("b", HALL, 1200),
)
AFTER_THE_RETURN = day((visit("A", "10:30", "11:00"),), driving=both_ways(HALL, "a", 1200))

GHOST_DAY = day(
    (
        visit("A", "09:30", "10:00", required=True),
        visit("G", "11:00", "11:30", required=True),
        visit("C", "13:30", "14:00", required=True),
    ),
    driving={
        **both_ways(HALL, "a", 2400),
        **both_ways("a", "g", 2400),
        **both_ways("g", "c", 2400),
        **both_ways("c", HALL, 2400),
        **both_ways("a", "c", 4500),
    },
)
"""A and C lie 75 minutes apart, each 40 from the hall and from G: without G the only van may not drive A to C."""


def routed(problem: DayProblem) -> Route:
    """The day's visits in their order on its one van."""
    route = schedule_route(problem, problem.shifts[0], [each.id for each in problem.visits])
    assert isinstance(route, Route)
    return route


def drawing(problem: DayProblem, *, first_s: int = NINE, last_s: int = QUARTER_TO_THREE) -> str:
    """The time line of the day's one route."""
    return time_line(problem, routed(problem), first_s=first_s, last_s=last_s)


def status_table() -> str:
    """Every status with its marks and the steps that leave it."""
    lines = ["| Status | Live | Window promised | Steps to |", "|---|---|---|---|"]
    for status, following in STEPS.items():
        cells = [
            f"`{status}`",
            "yes" if status in LIVE else "",
            "yes" if status in PROMISED else "",
            ", ".join(f"`{each}`" for each in STEPS if each in following) or "(an end)",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def service_table() -> str:
    """Service durations under the default rules."""
    rules = Rules()
    cases = (
        ("one person", 1, 0, "yes"),
        ("three people", 3, 0, "yes"),
        ("three people, one in a wheelchair", 3, 0, "wheelchair"),
        ("four people, two of them under 15", 4, 2, "yes"),
    )
    lines = ["| Visit (`new_card`) | Service duration |", "|---|---|"]
    for words, people, under_15, access in cases:
        lines.append(f"| {words} | {service_minutes(rules, 'new_card', people, under_15, access)} min |")
    return "\n".join(lines)


def reference_example() -> str:
    """How H10472 comes to its letter."""
    number = 10472
    left = number % len(LETTERS)
    return (
        f"`{reference(number)}`: {number} mod {len(LETTERS)} = {left}, and letter number {left} of `{LETTERS}` "
        f"(the first is number 0) is {LETTERS[left]}."
    )


def suppression_table() -> str:
    """Two columns of counts before and after, with threshold 5."""
    lines = ["| Counted | Shown | Total shown |", "|---|---|---|"]
    for counts in ([12, 3, 8, 30], [12, 3, 4, 30], [0, 7, 9, 30]):
        cells, total = suppressed(counts, 5)
        shown = [str(cell.value) if cell.value is not None else "-" if cell.complement else "<5" for cell in cells]
        whole = str(total.value) if total.value is not None else "withheld"
        lines.append(f"| {', '.join(map(str, counts))} | {', '.join(shown)} | {whole} |")
    return "\n".join(lines)


def fence(text: str) -> str:
    """A Markdown code block of plain text."""
    return f"```text\n{text}\n```"


BLOCKS: Mapping[str, Callable[[], str]] = {
    "three-stops": lambda: fence(drawing(THREE_STOPS)),
    "three-stops-times": lambda: times_table(THREE_STOPS, routed(THREE_STOPS)),
    "break-before-departure": lambda: fence(drawing(BEFORE_DEPARTURE)),
    "break-in-a-leg": lambda: fence(drawing(IN_A_LEG)),
    "break-while-waiting": lambda: fence(drawing(WHILE_WAITING)),
    "break-after-the-return": lambda: fence(drawing(AFTER_THE_RETURN)),
    "ghost": lambda: fence(drawing(GHOST_DAY, first_s=HALF_PAST_EIGHT, last_s=THREE)),
    "service": service_table,
    "statuses": status_table,
    "reference": reference_example,
    "suppression": suppression_table,
}
"""What stands between ``<!-- computed: name -->`` and ``<!-- end -->`` in docs/concepts.md."""
