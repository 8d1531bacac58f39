"""Counted tries: shared by all processes, ended by themselves, and refused where they cannot be counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlmodel import select

from outreach.errors import Busy, TooMany
from outreach.services import tries
from outreach.services.office import Office
from outreach.services.tries import Limit
from outreach.storage.engine import reading
from outreach.storage.web_tables import CountedTries
from tests.outreach.web.stored import later

ROOT = Path(__file__).resolve().parents[3]
THREE = Limit("test", 3, 15)


def drop_counts(office: Office) -> None:
    with office.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("DROP TABLE counted_tries"))
        connection.commit()


def test_so_many_are_let_through_and_no_more(office: Office) -> None:
    for _ in range(3):
        tries.take(office, THREE, "sato", "10.0.0.1")
    with pytest.raises(TooMany) as refused:
        tries.take(office, THREE, "sato", "10.0.0.1")
    assert (refused.value.code, refused.value.http_status, refused.value.exit_status) == ("TOO_MANY_TRIES", 429, 1)
    assert refused.value.values == {"minutes": 15, "day": "2026-11-20", "at": "16:15"}
    tries.take(office, THREE, "sato", "10.0.0.2")
    tries.take(office, THREE, "sato/10.0.0.1")  # what is counted is not what was put together


def test_it_ends_by_itself_and_refused_tries_do_not_make_it_longer(office: Office) -> None:
    for _ in range(3):
        tries.take(office, THREE, "sato")
    for minutes in (5, 10, 14):
        with pytest.raises(TooMany) as refused:
            tries.take(later(office, minutes=minutes), THREE, "sato")
        assert refused.value.values["at"] == "16:15"
    after = later(office, minutes=15)
    tries.take(after, THREE, "sato")
    assert tries.taken(after, THREE, "sato") == 1


def test_what_is_given_back_can_be_taken_again(office: Office) -> None:
    for _ in range(5):
        tries.take(office, THREE, "sato")
        tries.give_back(office, THREE, "sato")
    assert tries.taken(office, THREE, "sato") == 0
    tries.give_back(office, THREE, "sato")
    assert tries.taken(office, THREE, "sato") == 0  # never below nothing


def test_only_hashes_are_kept_and_ended_counts_are_forgotten(office: Office) -> None:
    tries.take_public(office, ip="192.0.2.7", phone="+819912300118", address="泉町|5")
    with reading(office.engine) as session:
        kept = " ".join(row.key for row in session.exec(select(CountedTries)).all())
    assert not any(part in kept for part in ("192.0.2.7", "0118", "泉町"))
    tries.take(later(office, days=2), THREE, "somebody")
    with reading(office.engine) as session:
        assert [row.key.partition("/")[0] for row in session.exec(select(CountedTries)).all()] == ["test"]


def test_engines_of_two_processes_count_together(
    office: Office, database_url: str, open_database: Callable[[str], Engine]
) -> None:
    other = replace(office, engine=open_database(database_url))
    tries.take(office, THREE, "sato")
    tries.take(other, THREE, "sato")
    tries.take(office, THREE, "sato")
    for one in (office, other):
        with pytest.raises(TooMany):
            tries.take(one, THREE, "sato")


def test_a_real_second_process_counts_too(sqlite_office: Office) -> None:
    home, now = sqlite_office.settings.home, sqlite_office.now().isoformat()
    code = (
        "import sys; from outreach.programme.settings import settings_from; "
        "from outreach.services.office import open_office; from outreach.services import tries; "
        f"office = open_office(settings_from({{'OUTREACH_HOME': sys.argv[1], 'OUTREACH_NOW': {now!r}}})); "
        "[tries.take(office, tries.Limit('test', 3, 15), 'sato') for _ in range(2)]"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], cwd=ROOT, check=True)
    tries.take(sqlite_office, THREE, "sato")
    with pytest.raises(TooMany):
        tries.take(sqlite_office, THREE, "sato")


def test_many_at_once_get_no_further_than_one_after_the_other(office: Office) -> None:
    def one(_: int) -> bool:
        try:
            tries.take(office, THREE, "sato")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 3


def test_what_cannot_be_counted_is_refused(office: Office) -> None:
    drop_counts(office)
    assert not inspect(office.engine).has_table("counted_tries")
    for ask in (
        lambda: tries.take(office, THREE, "sato"),
        lambda: tries.give_back(office, THREE, "sato"),
        lambda: tries.taken(office, THREE, "sato"),
        lambda: tries.forget(office, THREE, "sato"),
        lambda: tries.take_public(office, ip="192.0.2.7"),
    ):
        with pytest.raises(Busy) as refused:
            ask()
        assert (refused.value.code, refused.value.http_status) == ("TRIES_UNCOUNTED", 503)


def test_the_public_form_counts_phone_address_and_network(office: Office) -> None:
    web = office.rules.web
    for number in range(web.public_per_phone):
        tries.take_public(office, ip=f"192.0.2.{number}", phone="+819912300118", address=f"泉町|{number}")
    with pytest.raises(TooMany):
        tries.take_public(office, ip="192.0.2.99", phone="+819912300118", address="泉町|99")
    assert tries.taken(office, Limit("public_ip", web.public_per_ip, 60), "192.0.2.99") == 0  # it came to nothing
    tries.give_back_public(office, ip="192.0.2.0", phone="+819912300118", address="泉町|0")
    tries.take_public(office, ip="192.0.2.99", phone="+819912300118", address="泉町|99")
    for _ in range(web.public_per_ip - 1):
        tries.take_public(office, ip="192.0.2.99")
    with pytest.raises(TooMany) as refused:
        tries.take_public(office, ip="192.0.2.99")
    assert refused.value.values["minutes"] == 60


def test_one_line_is_one_place_however_many_addresses_it_has() -> None:
    assert tries.place_of("2001:db8:1:2::1") == tries.place_of("2001:db8:1:2:ffff::9")
    assert tries.place_of("2001:db8:1:2::1") != tries.place_of("2001:db8:1:3::1")
    assert tries.place_of("::ffff:192.0.2.7") == tries.place_of("192.0.2.7")


@pytest.mark.parametrize(("most", "minutes"), [(0, 5), (5, 0)])
def test_a_limit_that_is_none_is_refused(most: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="a limit of"):
        Limit("test", most, minutes)
