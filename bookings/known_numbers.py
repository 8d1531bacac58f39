"""Recognises the harmless numbers of a note by their form: phones, timestamps, postal and insurance numbers.

One in ten rows of twelve digits passes the check digit of a My Number, so what has a well-formed other meaning is set
aside first. A *strong* form may be set aside wherever its ends stand out; a *weak* one only where the whole run
is made of known forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from bookings.digits import SPACE, TIGHT, Gap, Run

_LOCAL_AREA_CODE = "0986"  # only to judge the form of 23-2111; any four-digit area code would do
_YEARS = range(1990, 2050)
_PHONE_SHAPES = {(10,), (11,), (2, 4, 4), (3, 3, 4), (4, 2, 4), (5, 1, 4), (3, 4, 4), (4, 3, 3), (4, 6), (3, 8)}
_TIMESTAMP_SHAPES = {(12,), (14,), (8, 4), (8, 6), (4, 2, 2, 4), (4, 2, 2, 2, 2), (4, 2, 2, 2, 2, 2), (4, 2, 2, 6)}
_LAST_DAY = 31
_LONGEST = 6
_MOST_DIGITS = 16
_EDGE = Gap("\n", 9, 9)


@dataclass(frozen=True, slots=True)
class Token:
    """A known number: groups ``start`` up to and without ``end``; ``strong`` ones may be set aside inside a run."""

    start: int
    end: int
    kind: str
    strong: bool


def is_made_of_known_numbers(run: Run) -> bool:
    """Whether the run can be cut into known numbers from its first group to its last."""
    reachable = [True] + [False] * len(run.groups)
    for start in range(len(run.groups)):
        if reachable[start]:
            for token in tokens_at(run, start):
                reachable[token.end] = True
    return reachable[-1]


def without_known_numbers(run: Run) -> Iterator[Run]:
    """What is left of the run once the strong numbers whose ends stand out are set aside."""
    start = rest = 0
    while start < len(run.groups):
        found = max(
            (token for token in _strong_tokens_at(run, start) if _stands_out(run, token)),
            key=lambda token: token.end,
            default=None,
        )
        if found is None:
            start += 1
            continue
        if start > rest:
            yield run.part(rest, start)
        start = rest = found.end
    if rest < len(run.groups):
        yield run.part(rest, len(run.groups))


def is_timestamp_or_phone(run: Run, start: int, end: int) -> bool:
    """Whether exactly these groups are a plausible timestamp or a phone with a plus."""
    return any(token.end == end and token.kind in {"timestamp", "+phone"} for token in tokens_at(run, start))


def tokens_at(run: Run, start: int) -> Iterator[Token]:
    """Every known number that begins with group ``start``."""
    yield from _strong_tokens_at(run, start)
    yield from _weak_tokens_at(run, start)


def _strong_tokens_at(run: Run, start: int) -> Iterator[Token]:
    first = run.groups[start]
    if not (first.plus or first.digits[0] == "0" or len(first.digits) >= 4):  # a phone, or a year and what follows
        return
    for end, digits, sizes, gaps in _groups_from(run, start):
        if first.plus and _is_phone_abroad(digits):
            yield Token(start, end, "+phone", strong=True)
        if digits[0] == "0" and sizes in _PHONE_SHAPES and _all_within(gaps, SPACE) and is_phone(digits):
            yield Token(start, end, "phone", strong=True)
        if _is_timestamp(run, start, end, sizes, digits):
            yield Token(start, end, "timestamp", strong=True)
        if _is_date(digits, sizes, gaps):
            yield Token(start, end, "date", strong=True)


def _weak_tokens_at(run: Run, start: int) -> Iterator[Token]:
    if len(run.groups[start].digits) in {7, 8}:  # 8858555, and an insurance number with or without its branch
        yield Token(start, start + 1, "number", strong=False)
    for end, digits, sizes, gaps in _groups_from(run, start, most=3):
        if sizes == (3, 4) and _all_within(gaps, SPACE):
            yield Token(start, end, "postal", strong=False)
        if sizes == (8, 2) and _all_within(gaps, TIGHT):
            yield Token(start, end, "insurance", strong=False)
        if _is_weak(digits, sizes, gaps) and _differs_outside(run, start, end):
            yield Token(start, end, "small", strong=False)
    end = _end_of_rising_list(run, start)
    if end - start >= 3 and _differs_outside(run, start, end):
        yield Token(start, end, "list", strong=False)


def _groups_from(
    run: Run, start: int, most: int = _LONGEST
) -> Iterator[tuple[int, str, tuple[int, ...], tuple[Gap, ...]]]:
    """The end, digits, sizes and inner gaps of one, two and more groups from ``start``.

    They end where the writing changes with no sign between: 二〇〇二1一 is no date, and 〇九八六2321 is no phone.
    """
    digits = ""
    sizes: tuple[int, ...] = ()
    for end in range(start + 1, min(start + most, len(run.groups)) + 1):
        if end > start + 1 and not run.gaps[end - 2].signs:
            return
        digits += run.groups[end - 1].digits
        sizes += (len(run.groups[end - 1].digits),)
        if len(digits) > _MOST_DIGITS:
            return
        yield end, digits, sizes, run.gaps[start : end - 1]


def is_phone(national: str) -> bool:
    """Whether ``national`` (digits with the leading 0) has the form of a phone number of Japan."""
    if len(national) == 11 and national[0] == "0" and national[1] in "56789" and national[2] == "0":
        return True  # the form of a mobile phone, also in blocks not yet handed out
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(national, "JP"))
    except phonenumbers.NumberParseException:
        return False


def _is_phone_abroad(digits: str) -> bool:
    if digits.startswith("81"):  # with the plus the form alone counts: 9 or 10 digits, +81(0)90 has the zero too
        return len(digits[2:].removeprefix("0")) in {9, 10}
    if not 10 <= len(digits) <= 15:
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        return False


def _is_timestamp(run: Run, start: int, end: int, sizes: tuple[int, ...], digits: str) -> bool:
    if sizes not in _TIMESTAMP_SHAPES or not _all_within(run.gaps[start : end - 1], SPACE):
        return False
    # A number disguised in kanji or circles, or with something invisible among its digits, is no timestamp.
    if any(group.parted or group.script not in {"ascii", "full width"} for group in run.groups[start:end]):
        return False
    return _is_moment(digits.ljust(14, "0"))


def _is_moment(digits: str) -> bool:
    """Whether YYYYMMDDhhmmss is a moment of the years in which this service has papers."""
    if int(digits[:4]) not in _YEARS:
        return False
    try:
        datetime(*(int(digits[at : at + 2]) if at else int(digits[:4]) for at in (0, 4, 6, 8, 10, 12)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return False
    return True


def _is_date(digits: str, sizes: tuple[int, ...], gaps: tuple[Gap, ...]) -> bool:
    if len(sizes) != 3 or sizes[0] != 4 or max(sizes[1:]) > 2 or len({gap.signs for gap in gaps}) > 1:
        return False
    year, month, day = digits[:4], digits[4 : 4 + sizes[1]], digits[4 + sizes[1] :]
    return _all_within(gaps, TIGHT) and _is_moment(f"{year}{month:0>2}{day:0>2}000000")


def _is_weak(digits: str, sizes: tuple[int, ...], gaps: tuple[Gap, ...]) -> bool:
    signs = {gap.signs for gap in gaps}
    if len(sizes) == 2 and signs == {"/"} and max(sizes) <= 2:  # 12/3
        return 1 <= int(digits[: sizes[0]]) <= 12 and 1 <= int(digits[sizes[0] :]) <= 31
    if signs == {":"} and sizes[0] <= 2 and sizes[1:] in {(2,), (2, 2)}:  # 10:30
        return int(digits[: sizes[0]]) < 24 and int(digits[sizes[0] :][:2]) < 60
    if sizes == (2, 4) and _all_within(gaps, TIGHT) and digits[0] not in "01":  # 23-2111
        return is_phone(_LOCAL_AREA_CODE + digits)
    # A coordinate of Japan: 31.719519 or 131.061497
    return (
        len(sizes) == 2
        and signs == {"."}
        and sizes[1] >= 3
        and int(digits[: sizes[0]]) in {*range(20, 47), *range(122, 155)}
    )


def _end_of_rising_list(run: Run, start: int) -> int:
    """Where a list of days such as 3, 4, 10, 11 ends that begins at ``start``; linear because it stops at 31."""
    end = start + 1
    while (
        end < len(run.groups)
        and len(run.groups[start].digits) <= 2
        and len(run.groups[end].digits) <= 2
        and int(run.groups[end - 1].digits) < int(run.groups[end].digits) <= _LAST_DAY
        and run.gaps[end - 1].signs.strip()
        and run.gaps[end - 1].signs == run.gaps[start].signs
    ):
        end += 1
    return end


def _gap_before(run: Run, start: int) -> Gap:
    return run.gaps[start - 1] if start else _EDGE


def _gap_after(run: Run, end: int) -> Gap:
    return run.gaps[end - 1] if end < len(run.groups) else _EDGE


def _all_within(gaps: tuple[Gap, ...], strength: int) -> bool:
    return all(gap.inside <= strength for gap in gaps)


def _stands_out(run: Run, token: Token) -> bool:
    """Whether both ends of the token part more than anything inside it; digits in a row need at least a space.

    A plus is a mark of its own: after it, ends that part as much are enough.
    """
    inside = max((gap.inside for gap in run.gaps[token.start : token.end - 1]), default=TIGHT)
    around = min(_gap_before(run, token.start).outside, _gap_after(run, token.end).outside)
    return around > inside or (token.kind == "+phone" and around == inside)


def _differs_outside(run: Run, start: int, end: int) -> bool:
    inside = {gap.signs for gap in run.gaps[start : end - 1]}
    return _gap_before(run, start).signs not in inside and _gap_after(run, end).signs not in inside
