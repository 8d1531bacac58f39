"""Puts a refused window into the one sentence a clerk can say on the phone: why not, and what works instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from typing import Protocol

from outreach.words import Words

NOON_S = 12 * 3600


class SlotLike(Protocol):
    """A window of a day."""

    @property
    def day(self) -> Date:
        """The local day."""

    @property
    def opens_s(self) -> int:
        """Seconds since midnight."""

    @property
    def closes_s(self) -> int:
        """Seconds since midnight."""


class RefusedLike(Protocol):
    """What is refused: a window, or with ``opens_s`` ``None`` a whole day."""

    @property
    def day(self) -> Date:
        """The local day."""

    @property
    def opens_s(self) -> int | None:
        """Seconds since midnight."""

    @property
    def reason(self) -> str:
        """The code of what is in the way."""

    @property
    def verdict(self) -> str:
        """``IMPOSSIBLE`` or ``NOT_FOUND_IN_TIME``."""

    @property
    def values(self) -> Mapping[str, object]:
        """What the sentence needs."""

    @property
    def nearest(self) -> SlotLike | None:
        """The nearest window that works."""


def say_refusal(refused: RefusedLike, words: Words) -> str:
    """Why not, and from when it works: for somebody of eighty-two on the phone.

    A promise in the way is told by its town and the drive from there, and by nothing else.
    """
    values = dict(refused.values)
    if words.language == "en" and "town_en" in values:
        values["town"] = values["town_en"]
    driving_s = values.get("driving_s")
    if isinstance(driving_s, int):
        values["minutes"] = -(-driving_s // 60)
    when = _when(refused, words)
    key = f"say.{refused.reason}"
    if not words.has(key):
        key = f"say.{refused.verdict}"
    sentence = words.say(key, **{**values, "when": when})
    instead = _instead(refused, words)
    return f"{sentence}{'' if words.language == 'ja' else ' '}{instead}"


def _when(refused: RefusedLike, words: Words) -> str:
    """The day in words, with the half of it where a window is meant."""
    day = words.date(refused.day)
    if refused.opens_s is None:
        return words.say("say.day", day=day)
    half = "morning" if refused.opens_s < NOON_S else "afternoon"
    return words.say(f"say.{half}", day=day)


def _instead(refused: RefusedLike, words: Words) -> str:
    nearest = refused.nearest
    if nearest is None:
        return words.say("say.nothing_else")
    if nearest.day == refused.day:
        return words.say("say.same_day", opens_s=nearest.opens_s, closes_s=nearest.closes_s)
    return words.say("say.other_day", date=nearest.day, opens_s=nearest.opens_s, closes_s=nearest.closes_s)
