"""Refuses what must never be kept: the My Number, the application id, PINs; asks about diagnoses.

Every text that enters goes through here first: answers, notes, file names, headers, cells, keys. Digits are read in any
writing (:mod:`bookings.digits`), harmless numbers are set aside by their form (:mod:`bookings.known_numbers`), and what
is left is weighed:

- Twelve digits that pass the check digit are a My Number: an error. Twelve that fail it are asked about.
- In a longer run of digits, twelve of them count where separators delimit them: both ends must part at least as much as
  anything inside. Twelve digits inside thirteen or more that touch are not looked for: one in ten windows would pass.
- Twenty-three digits in a row, or in groups of at most four, are an application id.
- `YYYYMMDDhhmm` of 1990-2049 in Arabic digits with nothing invisible among them, and phones with a plus, are exempt. A
  text that speaks of the number itself (個人番号 ...) exempts no moment.

So a bare My Number is missed only if it reads as such a moment: 3,155,760 of the 100,000,000,000 do, 3 in 100,000
(counted in ``tests/test_privacy_exemptions.py``; why they stay: ``docs/decisions/0016-my-number-exemptions.md``). Not
seen are numbers put into words that are no digits (千二百三十四), and a number torn apart over fields or cells.

No finding, exception or log ever holds any part of the number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

from bookings.digits import Run, find_doubtful_runs, find_runs, plain_digits
from bookings.errors import PrivacyError
from bookings.findings import Finding, Severity
from bookings.known_numbers import is_made_of_known_numbers, is_timestamp_or_phone, without_known_numbers

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MY_NUMBER_DIGITS = 12
_APPLICATION_ID_DIGITS = 23
_GROUPINGS_TO_ASK_ABOUT = {(12,), (4, 4, 4), (6, 6), (3, 3, 3, 3)}

_SEVERITIES = {
    "MY_NUMBER": Severity.ERROR,
    "APPLICATION_ID": Severity.ERROR,
    "PIN": Severity.ERROR,
    "TWELVE_DIGITS": Severity.CONFIRM,
    "DIAGNOSIS_WORD": Severity.CONFIRM,
}

# What people call the number itself; マイナンバーカード is talk of the card.
_NAMES_THE_NUMBER = re.compile(
    r"個人番号|マイナン[バハ]ー(?!カード)|my ?number(?! ?card)|(?:12|十2)(?:桁|けた|ケタ|ヶタ)|12.digit"
)

_PIN_NAME = r"(?:暗証番号|暗証|パスワード|パスコード|ピン(?:コード|番号)?|(?<![a-z])(?:pin|passcode|password)(?![a-z]))"
_PIN_LINK = r"(?:は|が|の|に|を|も|番号|コード|code|number|no\.?|is|was|has been|[\s:=#「『\"'（(、,.\-])"
_PIN_END = r"(?![0-9]|[-/.:][0-9]|\s?(?:年|月|日|時|分|回|人|桁|歳|件|円|号|番地))"  # not a date, not a phone
_PIN_VALUE = rf"(?<![0-9])[0-9](?:[ .\-]?[0-9]){{3}}{_PIN_END}"
_PIN_PASSWORD = r"(?=[a-z0-9]{0,15}[0-9])(?=[0-9]{0,15}[a-z])[a-z0-9]{6,16}(?![a-z0-9])"
_PIN = re.compile(
    rf"{_PIN_NAME}{_PIN_LINK}{{0,8}}(?:{_PIN_VALUE}|{_PIN_PASSWORD})"
    rf"|{_PIN_VALUE}[\s」』\"']{{0,3}}(?:が|is (?:the |my |his |her |their )?){_PIN_NAME}"
)

# A diagnosis cannot be told from any other word in general; these few are asked about wherever they stand.
_DIAGNOSIS_WORDS = (
    *("認知症", "癌", "糖尿病", "脳梗塞", "脳卒中", "脳出血", "心不全", "心筋梗塞", "パーキンソン", "アルツハイマー"),
    *("統合失調症", "うつ病", "鬱病", "双極性障害", "発達障害", "自閉症", "精神病", "てんかん", "白血病", "悪性腫瘍"),
    *("肝硬変", "肝炎", "腎不全", "透析", "結核", "リウマチ", "筋萎縮性", "エイズ", "末期"),
)
_DIAGNOSIS_WORDS_EN = (
    *("dementia", "cancer", "diabetes", "diabetic", "parkinson", "parkinson's", "alzheimer", "alzheimer's", "epilepsy"),
    *("schizophrenia", "bipolar", "leukaemia", "leukemia", "hepatitis", "tuberculosis", "dialysis", "hiv", "aids"),
)
_DIAGNOSIS = re.compile(
    "|".join(_DIAGNOSIS_WORDS)
    + r"|(?<![ぁ-ゖ])がん(?=[のでをとがにはも、。\s]|$)|(?<![ァ-ヺー])ガン(?=[のでをとがにはも、。\s]|$)"
    + rf"|(?<![a-z])(?:{'|'.join(_DIAGNOSIS_WORDS_EN)})(?![a-z])"
)


def inspect(text: str, field: str) -> tuple[Finding, ...]:
    """What ``text`` holds that must not be kept, each kind once; the values of the findings are empty on purpose.

    Codes: ``MY_NUMBER``, ``APPLICATION_ID``, ``PIN`` (errors), ``TWELVE_DIGITS``, ``DIAGNOSIS_WORD`` (confirms).
    ``field`` names where the text stands; it must not itself come from the outside (:func:`scan_many` sees to that).
    """
    codes = dict.fromkeys(_codes(text))
    if "MY_NUMBER" in codes:
        codes.pop("TWELVE_DIGITS", None)
    return tuple(Finding(field, code, _SEVERITIES[code]) for code in _SEVERITIES if code in codes)


def require_clean(text: str, field: str) -> None:
    """Refuse ``text`` if it holds an error of :func:`inspect`; for texts nobody can be asked about.

    Raises:
        PrivacyError: with the code of the first error and ``field``.
    """
    for finding in inspect(text, field):
        if finding.severity is Severity.ERROR:
            raise PrivacyError(finding.code, f"{field} holds what must never be kept", field=field)


def scan_many(values: Mapping[str, object]) -> tuple[Finding, ...]:
    """Inspect every key and value of a mapping, with all that is nested in it (mappings, lists, numbers, bytes).

    Findings name the outermost key. Where that key itself is unclean it is named ``key`` instead. A number with a
    fraction is a measure and no text.
    """
    findings: dict[tuple[str, str], Finding] = {}
    for key, value in values.items():
        unclean_key = inspect(str(key), "key")
        name = "key" if unclean_key else str(key)
        for finding in (*unclean_key, *(found for text in _texts(value) for found in inspect(text, name))):
            findings.setdefault((finding.field, finding.code), finding)
    return tuple(findings.values())


def require_clean_within(value: object, field: str, *, but: Collection[str] = ()) -> None:
    """Refuse ``value`` (parsed JSON or TOML) if any key or value nested in it holds an error of :func:`inspect`.

    Args:
        but: keys of mappings whose values are not looked at, such as the coordinates of an outline.

    Raises:
        PrivacyError: with the code of the first error and ``field``.
    """
    for text in _texts(value, but):
        require_clean(text, field)


def passes_check_digit(digits: str) -> bool:
    """Whether twelve digits 0-9 are a well-formed My Number (平成26年総務省令第85号 第5条)."""
    remainder = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
    return int(digits[-1]) == (0 if remainder <= 1 else 11 - remainder)


def _codes(text: str) -> Iterator[str]:
    plain = plain_digits(text).lower()
    if len(text) >= _MY_NUMBER_DIGITS or not text.isascii():
        named = _NAMES_THE_NUMBER.search(plain) is not None
        for run in find_runs(text):
            yield from _codes_of_run(run, named)
        for run in find_doubtful_runs(text):  # a doubtful reading must pass the check digit to count
            yield from (code for code in _codes_of_run(run, named) if code == "MY_NUMBER")
    if _PIN.search(plain):
        yield "PIN"
    if _DIAGNOSIS.search(unicodedata.normalize("NFKC", text).lower()):
        yield "DIAGNOSIS_WORD"


def _codes_of_run(run: Run, named: bool) -> Iterator[str]:
    """What a run holds; ``named``: the text speaks of the number, so that twelve digits that touch are no moment."""
    if run.digit_count() < _MY_NUMBER_DIGITS:
        return
    touching = (group.digits for group in run.groups if len(group.digits) == _MY_NUMBER_DIGITS and not group.plus)
    if named and any(passes_check_digit(digits) for digits in touching):
        yield "MY_NUMBER"
    if is_made_of_known_numbers(run):
        return
    for rest in without_known_numbers(run):
        if rest.digit_count() < _MY_NUMBER_DIGITS or is_made_of_known_numbers(rest):
            continue
        if _is_application_id(rest):
            yield "APPLICATION_ID"
            continue
        for start, end in _twelves(rest):
            digits = "".join(group.digits for group in rest.groups[start:end])
            if is_timestamp_or_phone(rest, start, end):
                continue
            if passes_check_digit(digits):
                yield "MY_NUMBER"
            elif _asks(rest, start, end):
                yield "TWELVE_DIGITS"


def _is_application_id(run: Run) -> bool:
    if any(len(group.digits) == _APPLICATION_ID_DIGITS for group in run.groups):
        return True
    sizes = [len(group.digits) for group in run.groups]
    return run.digit_count() == _APPLICATION_ID_DIGITS and max(sizes) <= 4


def _twelves(run: Run) -> Iterator[tuple[int, int]]:
    """Rows of groups that make twelve digits and are delimited: all of the run, or a part whose ends stand out."""
    sizes = [len(group.digits) for group in run.groups]
    for start in range(len(sizes)):
        end, total = start, 0
        while end < len(sizes) and total < _MY_NUMBER_DIGITS:
            total += sizes[end]
            end += 1
        if total == _MY_NUMBER_DIGITS and _is_delimited(run, start, end):
            yield start, end


def _is_delimited(run: Run, start: int, end: int) -> bool:
    inside = max((gap.inside for gap in run.gaps[start : end - 1]), default=0)
    before = start == 0 or run.gaps[start - 1].outside >= inside
    return before and (end == len(run.groups) or run.gaps[end - 1].outside >= inside)


def _asks(run: Run, start: int, end: int) -> bool:
    """Twelve digits that fail the check: asked about alone, or in a grouping that people use for the number."""
    sizes = tuple(len(group.digits) for group in run.groups[start:end])
    return sizes in _GROUPINGS_TO_ASK_ABOUT or end - start == len(run.groups)


def _texts(value: object, but: Collection[str] = ()) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.keys())
            waiting.extend(inner for key, inner in item.items() if key not in but)
        elif isinstance(item, (list, tuple, set, frozenset)):
            waiting.extend(item)
        elif isinstance(item, bytes):
            yield item.decode("utf-8", errors="replace")
        elif isinstance(item, float):
            if item.is_integer():
                yield str(int(item))
        elif item is not None:
            yield str(item)
