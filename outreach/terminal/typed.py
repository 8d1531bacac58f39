"""Looks at every word of a command before any of it is read, stored, or repeated in an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookings.digits import may_hold_digits
from outreach.programme.clock import NOW_VARIABLE
from outreach.programme.settings import DATABASE_VARIABLE, HOME_VARIABLE, LANGUAGE_VARIABLE

_VARIABLES = (
    HOME_VARIABLE,
    DATABASE_VARIABLE,
    LANGUAGE_VARIABLE,
    NOW_VARIABLE,
    *("USER", "USERNAME", "HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "PWD"),
)
"""What the environment says and we keep, print, or make a file name of."""


def refuse_private(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Refuse a command with a My Number in an option, an argument, a file's name or the environment.

    A use case looks at its own texts again, whoever calls it; here stand the references, dates, codes and names that
    are only looked up, and what the parser would repeat: a note typed without its quotes.

    Raises:
        PrivacyError: ``MY_NUMBER``, or what else must never be kept, with the field it stands in.
    """
    named = [(f"environment {name}", environ[name]) for name in _VARIABLES if environ.get(name)]
    # 1234 5678 9018 without quotes is three arguments.
    named += [*_by_option(arguments), ("arguments", " ".join(arguments))]
    # Most commands hold no such thing, and the readers of phones take their time to load: --help must be quick.
    if not any(may_hold_digits(text) for _, text in named):
        return
    from bookings.privacy import require_clean

    for field, text in named:
        require_clean(text, field)


def _by_option(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Each argument with the option it follows, so that the answer it stands in is named."""
    named: list[tuple[str, str]] = []
    option = ""
    for argument in arguments:
        name, _, value = argument.partition("=")
        if argument.startswith("--") and name.isascii() and not any(sign.isdigit() for sign in name):
            option = name.removeprefix("--").replace("-", "_")
            named.append((option, value))
        else:
            named.append((option or "arguments", argument))
            option = ""
    return named
