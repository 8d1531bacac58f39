"""How often something may be tried, counted together by all processes; what cannot be counted is refused.

A try is taken *before* the thing is done, so that a thousand at once get no further than one after the other, and is
given back when it turned out honest::

    take(office, limit, name, address)        # raises TooMany when there were too many in the window
    if right:
        give_back(office, limit, name, address)

A window of time begins with its first try and ends by itself. Where the counts cannot be read or written, nobody gets
on: ``Busy`` with ``TRIES_UNCOUNTED``. What is counted (a phone, an address, where a request comes from) is hashed
before it is kept, and forgotten when its window has ended.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from outreach.errors import Busy, TooMany
from outreach.services.office import Office

if TYPE_CHECKING:
    from limits import RateLimitItem

    from outreach.storage.counted import CountedInDatabase

HOUR_MIN, DAY_MIN = 60, 24 * 60

STARTS_A_REQUEST = 10
"""Forms that may be begun for each that may be sent: people look, stop and begin again, and share an address."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often (``tries``) one thing (``name``) may be tried within so many minutes.

    Raises:
        ValueError: for fewer than one try or one minute.
    """

    name: str
    tries: int
    minutes: int

    def __post_init__(self) -> None:
        if self.tries < 1 or self.minutes < 1:
            raise ValueError(f"a limit of {self.tries} tries in {self.minutes} minutes")


def take(office: Office, limit: Limit, *what: str) -> None:
    """Count one try of ``what`` (``"sato", "10.1.2.3"``; texts already brought into the form they are compared in).

    Raises:
        TooMany: ``TOO_MANY_TRIES`` when it is one too many, with ``minutes`` to wait and the ``day`` and ``at`` (HH:MM)
            from which it may be tried again. Tries that were refused do not make the wait longer.
        Busy: ``TRIES_UNCOUNTED`` when counting failed.
    """
    from limits.strategies import FixedWindowRateLimiter

    with _counting(office) as counts:
        strategy, item = FixedWindowRateLimiter(counts), _item(limit)
        # Looked at first: who is shut out already costs the database no write.
        if strategy.test(item, _digest(what)) and strategy.hit(item, _digest(what)):
            return
        ends = strategy.get_window_stats(item, _digest(what)).reset_time
    raise _too_many(office, ends)


def give_back(office: Office, limit: Limit, *what: str) -> None:
    """Take one try back that was honest.

    Raises:
        Busy: ``TRIES_UNCOUNTED``.
    """
    with _counting(office) as counts:
        key = _item(limit).key_for(_digest(what))
        if counts.get(key):
            counts.incr(key, _item(limit).get_expiry(), -1)


def forget(office: Office, limit: Limit, *what: str) -> None:
    """Begin anew: no try of ``what`` is counted any more.

    Raises:
        Busy: ``TRIES_UNCOUNTED``.
    """
    with _counting(office) as counts:
        counts.clear(_item(limit).key_for(_digest(what)))


def taken(office: Office, limit: Limit, *what: str) -> int:
    """How many tries of ``what`` are counted now.

    Raises:
        Busy: ``TRIES_UNCOUNTED``.
    """
    with _counting(office) as counts:
        return counts.get(_item(limit).key_for(_digest(what)))


def renew(office: Office, limit: Limit, *what: str) -> None:
    """Count ``what`` once, in a window that begins now, whatever was counted before.

    Raises:
        Busy: ``TRIES_UNCOUNTED``.
    """
    with _counting(office) as counts:
        key = _item(limit).key_for(_digest(what))
        counts.clear(key)
        counts.incr(key, _item(limit).get_expiry())


# -- the public form ---------------------------------------------------------------------------------------------------


def take_public(office: Office, *, ip: str, phone: str = "", address: str = "") -> None:
    """Count one request of the public form: by where it comes from for an hour, by address and by phone for a day.

    Call it right before the request is stored, and :func:`give_back_public` when storing was refused.

    Args:
        ip: the visitor's (:attr:`outreach.web.visitor.Visitor.address`).
        phone: in E.164; left out when empty.
        address: the household's key; left out when empty.

    Raises:
        TooMany: ``TOO_MANY_TRIES``.
        Busy: ``TRIES_UNCOUNTED``.
    """
    done: list[tuple[Limit, str]] = []
    try:
        for limit, what in _public(office, ip, phone, address):
            take(office, limit, what)
            done.append((limit, what))
    except TooMany:
        for limit, what in done:
            give_back(office, limit, what)
        raise


def take_start(office: Office, *, ip: str) -> None:
    """Count one form begun, by where it comes from for an hour: every one is a row, and many are never sent.

    Raises:
        TooMany: ``TOO_MANY_TRIES``.
        Busy: ``TRIES_UNCOUNTED``.
    """
    limit = Limit("public_start", STARTS_A_REQUEST * office.rules.web.public_per_ip, HOUR_MIN)
    take(office, limit, place_of(ip))


def give_back_public(office: Office, *, ip: str, phone: str = "", address: str = "") -> None:
    """Take such a request back: it came to nothing.

    Raises:
        Busy: ``TRIES_UNCOUNTED``.
    """
    for limit, what in _public(office, ip, phone, address):
        give_back(office, limit, what)


def link_guesses(office: Office) -> Limit:
    """How often somebody may guess at a resident's own link, or at the phone digits that go with it.

    Take it by :func:`place_of` the visitor's address, and by the link's hash as well; give it back when it was right.
    """
    web = office.rules.web
    return Limit("own_link", web.login_tries, web.login_lock_min)


def _public(office: Office, ip: str, phone: str, address: str) -> Iterator[tuple[Limit, str]]:
    web = office.rules.web
    yield Limit("public_ip", web.public_per_ip, HOUR_MIN), place_of(ip)
    if address:
        yield Limit("public_address", web.public_per_address, DAY_MIN), address
    if phone:
        yield Limit("public_phone", web.public_per_phone, DAY_MIN), phone


def place_of(ip: str) -> str:
    """Where a request comes from, as it is counted: one IPv4 address, or the IPv6 network of 64 bits one line has.

    >>> place_of("192.0.2.7"), place_of("2001:db8:1:2:3::4"), place_of("::ffff:192.0.2.7"), place_of("testclient")
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7', 'testclient')
    """
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)


# -- what all need -----------------------------------------------------------------------------------------------------


@contextmanager
def _counting(office: Office) -> Iterator[CountedInDatabase]:
    from limits.errors import StorageError

    from outreach.storage.counted import CountedInDatabase  # the library takes half a second to load

    try:
        yield CountedInDatabase(office.engine, office.now)
    except StorageError as error:
        raise Busy("TRIES_UNCOUNTED") from error


def _item(limit: Limit) -> RateLimitItem:
    from limits import RateLimitItemPerMinute

    return RateLimitItemPerMinute(limit.tries, limit.minutes, namespace=limit.name)


def _digest(what: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _too_many(office: Office, ends: float) -> TooMany:
    now = office.now()
    until = datetime.fromtimestamp(ends, now.tzinfo)
    minutes = max(1, -int(-(until - now).total_seconds() // 60))
    return TooMany("TOO_MANY_TRIES", minutes=minutes, day=until.date().isoformat(), at=until.strftime("%H:%M"))
