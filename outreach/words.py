"""Puts codes and values into words: the catalogs ja and en, and how dates, times and counts are said.

Catalogs are gettext files under ``outreach/locales/<language>/LC_MESSAGES``; all of a language make one table.
Keys are dotted codes (``reason.LEG_TOO_LONG.sentence``), so that no language is the original of the other. Texts use
``str.format`` fields with five extra format specs:

===================  =========================================================================
``{n:person|people}``  the first word when ``n`` is 1, else the second
``{x_s:minutes}``      seconds as whole minutes, rounded up
``{x_s:clock}``        seconds since midnight as ``HH:MM``
``{day:date}``         a date (or its ISO text) as 11月24日（火よう日） or Tue 24 Nov 2026
``{era:era}``          an era by its letter: 昭和 or Shōwa
===================  =========================================================================
"""

from __future__ import annotations

import gettext
import string
from collections.abc import Sequence
from datetime import date as Date
from functools import lru_cache
from importlib import resources
from typing import Any

LANGUAGES = ("ja", "en")

_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words:
    """The texts of one language.

    Args:
        language: ``"ja"`` or ``"en"``.

    Raises:
        ValueError: for any other language.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no catalog for language {language!r}")
        self.language = language
        self._texts = _catalog(language)
        self._formatter = _WordFormatter(self)

    def say(self, key: str, /, **values: object) -> str:
        """Return the text of ``key`` with ``values`` filled in.

        Raises:
            KeyError: when the catalogs have no such key; a test makes sure that no code of ours lacks one.
        """
        return self._formatter.vformat(self._texts[key], (), values)

    __call__ = say

    def has(self, key: str) -> bool:
        """Whether the catalogs know ``key``."""
        return key in self._texts

    def template(self, key: str) -> str:
        """The text of ``key`` with its fields still in it, for documents and tests.

        Raises:
            KeyError: when the catalogs have no such key.
        """
        return self._texts[key]

    def keys(self) -> frozenset[str]:
        """Every key of the language."""
        return frozenset(self._texts)

    def date(self, day: Date) -> str:
        """A date with its weekday: 11月24日（火よう日） or Tue 24 Nov 2026."""
        if self.language == "ja":
            return f"{day.month}月{day.day}日（{_WEEKDAYS_JA[day.weekday()]}よう日）"
        return f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"

    def clock(self, seconds: int) -> str:
        """Seconds since midnight as ``HH:MM``; seconds are cut off, a promise is made in minutes."""
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"

    def window(self, opens_s: int, closes_s: int) -> str:
        """A window as ``10:00-10:30``, or the one time where it has no length (a place at a hall)."""
        opens = self.clock(opens_s)
        return opens if opens_s == closes_s else f"{opens}-{self.clock(closes_s)}"

    def listing(self, items: Sequence[str]) -> str:
        """Items in a row, with the separator of the language."""
        return ("、" if self.language == "ja" else ", ").join(items)


class _WordFormatter(string.Formatter):
    """``str.format`` with the five specs of the module's table; attribute and index look-ups are refused."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return "-"
        if "|" in format_spec:
            one, other = format_spec.split("|", 1)
            return one if value == 1 else other
        if format_spec == "minutes":
            return str(-(-int(value) // 60))
        if format_spec == "clock":
            return self._words.clock(int(value))
        if format_spec == "date":
            return self._words.date(Date.fromisoformat(value) if isinstance(value, str) else value)
        if format_spec == "era":
            return self._words.say(f"era.{value}") if self._words.has(f"era.{value}") else str(value)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._words.listing(
                [str(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
            )
        return str(super().format_field(value, format_spec))


@lru_cache(maxsize=len(LANGUAGES))
def _catalog(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    folder = resources.files("outreach") / "locales" / language / "LC_MESSAGES"
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.endswith(".mo"):
            with entry.open("rb") as stream:
                catalog: dict[str, str] = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
            texts.update((key, text) for key, text in catalog.items() if key)
    return texts
