"""Reads a phone number as a clerk heard it: area code left out, full width, with +81, with an extension."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat

from bookings.errors import BookingsError

_NATIONAL_DIGITS = 10
_MOBILE_DIGITS = 11
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2500\u2501\u30fc\uff70\u30a0\u02d7\u30fb\u00b7]")
_LABEL = re.compile(
    r"^(?:tel(?:ephone)?|phone|mobile|fax|電話(?:番号)?|携帯(?:電話)?|自宅|固定)[\s.:]*(?=[0-9+(])", re.I
)
_EXTENSION = re.compile(r"[\s,(]*(?:内線|内|ext\.?|extension|x|#)[\s.:)]*(?P<extension>[0-9]{1,6})\)?$", re.I)
_ALLOWED = re.compile(r"[0-9+()\-./\s]*")


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number that can be dialled. ``e164`` is ``+81986232111``; ``spoken`` what the clerk typed, in plain
    width; an extension is part of ``spoken`` only.
    """

    e164: str
    spoken: str

    def __post_init__(self) -> None:
        if re.fullmatch(r"\+[1-9][0-9]{6,14}", self.e164) is None:
            raise BookingsError("PHONE_INVALID", "not a number in E.164", digits=sum(map(str.isdigit, self.e164)))

    @property
    def national(self) -> str:
        """As it is dialled here and printed: 0986-23-2111; a number of another country with its plus."""
        number = phonenumbers.parse(self.e164, None)
        here = number.country_code == 81
        return phonenumbers.format_number(
            number, PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
        )

    @property
    def extension(self) -> str:
        """Digits of the extension in ``spoken``, or nothing."""
        found = _EXTENSION.search(self.spoken)
        return found["extension"] if found else ""


def read_phone(text: str, *, area_code: str = "0986") -> Phone:
    """Read one phone number.

    ``area_code`` is put before a local number (23-2111). An extension (内線12, ext. 12) is kept as spoken.

    Raises:
        BookingsError: ``PHONE_MISSING``; ``PHONE_LETTERS``; ``PHONE_TOO_SHORT`` and ``PHONE_TOO_LONG`` (values
            ``digits``: how many there are); ``PHONE_ZERO_MISSING`` (Excel drops the leading zero); ``PHONE_INVALID``
            (``digits``). Never the number itself.
    """
    spoken = _plain(text)
    if not spoken:
        raise BookingsError("PHONE_MISSING", "no phone number")
    dialled = _EXTENSION.sub("", _LABEL.sub("", spoken))
    if _ALLOWED.fullmatch(dialled) is None:
        raise BookingsError("PHONE_LETTERS", "a phone number holds only digits and signs")
    digits = re.sub(r"[^0-9]", "", dialled)
    if dialled.lstrip(" (").startswith("+"):
        return Phone(_checked("+" + digits, None), spoken)
    if digits.startswith("0"):
        longest = _MOBILE_DIGITS if re.match(r"0[5-9]0", digits) else _NATIONAL_DIGITS
        _require_length(digits, longest if digits[:4] != "0120" else _NATIONAL_DIGITS, _MOBILE_DIGITS)
        return Phone(_checked(digits, "JP"), spoken)
    if len(digits) == _NATIONAL_DIGITS - len(area_code):
        return Phone(_checked(area_code + digits, "JP"), spoken)
    _require_length(digits, _NATIONAL_DIGITS, _MOBILE_DIGITS)
    if len(digits) == _NATIONAL_DIGITS and re.match(r"[5-9]0", digits):
        raise BookingsError("PHONE_ZERO_MISSING", "a mobile number without its leading zero", digits=len(digits))
    raise BookingsError("PHONE_INVALID", "not a number of Japan", digits=len(digits))


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _DASHES.sub("-", text))
    plain = "".join(char for char in plain if unicodedata.category(char) not in {"Cf", "Mn", "Me"})
    return re.sub(r"\s+", " ", _DASHES.sub("-", plain)).strip()


def _require_length(digits: str, least: int, most: int) -> None:
    if len(digits) < least:
        raise BookingsError("PHONE_TOO_SHORT", f"{len(digits)} digits, {least} are needed", digits=len(digits))
    if len(digits) > most:
        raise BookingsError("PHONE_TOO_LONG", f"{len(digits)} digits, at most {most}", digits=len(digits))


def _checked(number: str, region: str | None) -> str:
    count = sum(map(str.isdigit, number))
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as problem:
        short = problem.error_type == phonenumbers.NumberParseException.TOO_SHORT_NSN
        code = "PHONE_TOO_SHORT" if short else "PHONE_INVALID"
        raise BookingsError(code, "not a phone number", digits=count) from None
    if not phonenumbers.is_valid_number(parsed):
        reason = phonenumbers.is_possible_number_with_reason(parsed)
        code = {
            phonenumbers.ValidationResult.TOO_SHORT: "PHONE_TOO_SHORT",
            phonenumbers.ValidationResult.TOO_LONG: "PHONE_TOO_LONG",
        }.get(reason, "PHONE_INVALID")
        raise BookingsError(code, "not a phone number in use", digits=count)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
