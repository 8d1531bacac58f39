"""Quotes windows for a new visit on standing days: each with a witness plan, or refused with a verdict and a reason."""

from routing.quote.decide import decide_window, quote_days
from routing.quote.slots import (
    Effort,
    QuotedDay,
    Quotes,
    RankWeights,
    Refusal,
    RefusalReason,
    SlotQuote,
    Verdict,
)
from routing.quote.tables import DayRoutes
from routing.quote.witness import problem_with, promised

__all__ = [
    "DayRoutes",
    "Effort",
    "QuotedDay",
    "Quotes",
    "RankWeights",
    "Refusal",
    "RefusalReason",
    "SlotQuote",
    "Verdict",
    "decide_window",
    "problem_with",
    "promised",
    "quote_days",
]
