"""A write sent twice is done once: its sender gives it a key, and the key sent again gets the answer it got before.

The answer is kept in the transaction of the write itself, so a write that stands has its answer, whether or not the
answer ever arrived.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlmodel import Session, col

from bookings.privacy import require_clean
from outreach.errors import BadInput, Refused
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import AnsweredRequest

KEPT_FOR = timedelta(days=7)
"""How long an answer is kept: a line that was down for a weekend may still send again."""

LONGEST_KEY = 200

Answer = TypeVar("Answer")


class Receipt(Generic[Answer]):
    """The key of one write, and what was asked for; an empty key is no key, and nothing is kept.

    Raises:
        BadInput: ``KEY_UNUSABLE`` for a key that is too long.
        PrivacyError: for a key that holds what must never be kept.
    """

    def __init__(self, key: str, what: str, request: Mapping[str, object], answer: type[Answer]) -> None:
        if len(key) > LONGEST_KEY:
            raise BadInput("KEY_UNUSABLE", most=LONGEST_KEY)
        require_clean(key, "key")
        self.key = key
        self._what = what
        self._sha256 = hashlib.sha256(
            json.dumps(dict(request), sort_keys=True, default=_plain, ensure_ascii=False).encode()
        ).hexdigest()
        self._adapter: TypeAdapter[Answer] = TypeAdapter(answer)

    def keep(self, session: Session, office: Office, answer: Answer) -> None:
        """Keep the answer, in the transaction of the write."""
        if not self.key:
            return
        session.connection().execute(delete(AnsweredRequest).where(col(AnsweredRequest.at) < office.now() - KEPT_FOR))
        session.add(
            AnsweredRequest(
                key=self.key,
                what=self._what,
                request_sha256=self._sha256,
                answer={"value": self._adapter.dump_python(answer, mode="json")},
                at=office.now(),
            )
        )
        session.flush()

    def once(self, office: Office, write: Callable[[], Answer]) -> Answer:
        """The answer kept under the key, or that of ``write``, which keeps it.

        Raises:
            Refused: ``KEY_REUSED`` when the key was used for something else.
        """
        known = self._known(office)
        if known is not None:
            return known
        try:
            return write()
        except Exception:
            # The same request sent twice: the first was answered while this one thought, and left nothing to be done.
            known = self._known(office)
            if known is None:
                raise
            return known

    def is_known(self, office: Office) -> bool:
        """Whether the key was answered already."""
        return self._known(office) is not None

    def _known(self, office: Office) -> Answer | None:
        if not self.key:
            return None
        with reading(office.engine) as session:
            row = session.get(AnsweredRequest, self.key)
        if row is None:
            return None
        if (row.what, row.request_sha256) != (self._what, self._sha256):
            raise Refused("KEY_REUSED")
        value: Any = row.answer["value"]
        return self._adapter.validate_python(value)


def _plain(value: object) -> object:
    """What JSON does not have; sets in order, for their own order is another in every process."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
