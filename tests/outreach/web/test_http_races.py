"""The races of the promise once more, over real HTTP and several processes: residents at home, clerks at the desk."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bookings.models import Booking
from outreach.programme.rules import amended
from outreach.programme.rules_text import write_rules
from outreach.services import accounts, lookup
from outreach.services.office import Office
from outreach.services.planning import check_standing
from outreach.storage.engine import writing
from outreach.terminal.serving import environment
from outreach.words import Words
from tests.conftest import Soak
from tests.outreach.city import NEAR, a_booking
from tests.outreach.web.conftest import Served, headers_of, put_account
from tests.outreach.web.residents import NEXT_TUESDAY, at_home, put_days

PROCESSES, AT_HOME, CLERKS = 3, 30, 10
WINDOW = (36000, 37800)


@contextmanager
def process(office: Office) -> Iterator[Served]:
    """The pages from a process of their own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = environment(office.settings, only="", demo=False, behind_https=False)
    running = subprocess.Popen([sys.executable, "-m", "outreach.web", "--port", str(port)], env={**os.environ, **told})
    try:
        for _ in range(600):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        yield Served(f"http://127.0.0.1:{port}", office)
    finally:
        running.terminate()
        running.wait(30)


def caller(number: int) -> Booking:
    """Whoever is on the line with one of the clerks."""
    return a_booking(9000 + number, town=NEAR)


class AtTheDesk:
    """A clerk with somebody on the line who wants that very window."""

    def __init__(self, served: Served, number: int) -> None:
        name = f"clerk-{number}"
        put_account(served.office, name, "clerk")
        opened = accounts.open_session(served.office, name)
        self.reference = caller(number).reference
        host, port = served.address.removeprefix("http://").split(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=120)
        self._headers = headers_of(served, opened)

    def hold(self, day: str) -> tuple[int, str]:
        fields = {"date": day, "opens_s": str(WINDOW[0]), "closes_s": str(WINDOW[1]), "_key": f"{self.reference} {day}"}
        self._connection.request("POST", f"/desk/b/{self.reference}/hold", json.dumps(fields), self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self) -> None:
        self._connection.close()


@pytest.mark.heavy(take=1)
def test_of_thirty_at_home_and_ten_clerks_one_gets_the_last_place(web_office: Office, soak: Soak) -> None:
    """Exactly one 201; everybody else hears 409 with a sentence, nobody a 5xx; and the one has it when 201 is said."""
    races = soak.count(20)
    office = replace(web_office, rules=amended(web_office.rules, {"web": {"public_per_ip": 10_000}}))
    office.settings.rules_file.write_text(write_rules(office.rules, Words("ja")), encoding="utf-8")
    days = office.calendar.service_days(NEXT_TUESDAY, NEXT_TUESDAY + timedelta(days=45))[:races]
    put_days(office, *days, vans=("van-1",))
    with writing(office.engine) as session:  # before anybody at home: a reference that is taken is not given again
        session.add_all(caller(number) for number in range(races * CLERKS))
    with ExitStack() as stack:
        servers = [stack.enter_context(process(office)) for _ in range(PROCESSES)]
        for race, day in enumerate(days):
            residents = [
                at_home(stack, servers[number % PROCESSES], race * AT_HOME + number + 1) for number in range(AT_HOME)
            ]
            clerks = [AtTheDesk(servers[number % PROCESSES], race * CLERKS + number) for number in range(CLERKS)]
            start = threading.Barrier(AT_HOME + CLERKS)

            def from_home(resident: Any, day: Any = day, start: threading.Barrier = start) -> tuple[int, str]:
                start.wait()
                answer = resident.post("/book/hold", {"window": f"{day} {WINDOW[0]} {WINDOW[1]}", "key": "k"})
                return answer.status_code, answer.text

            def from_desk(clerk: AtTheDesk, day: Any = day, start: threading.Barrier = start) -> tuple[int, str]:
                start.wait()
                answer = clerk.hold(day.isoformat())
                if answer[0] == 201:  # said after the commit: it stands for everybody by now
                    assert lookup.show(office, clerk.reference).booking.status == "held"
                return answer

            with ThreadPoolExecutor(AT_HOME + CLERKS) as pool:
                waiting = [pool.submit(from_home, resident) for resident in residents]
                waiting += [pool.submit(from_desk, clerk) for clerk in clerks]
                answers = [future.result() for future in waiting]
            for clerk in clerks:
                clerk.close()
            assert Counter(status for status, _ in answers) == {201: 1, 409: AT_HOME + CLERKS - 1}
            assert [text for status, text in answers[:AT_HOME] if status == 409 and 'role="alert"' not in text] == []
            assert [
                text for status, text in answers[AT_HOME:] if status == 409 and not json.loads(text)["sentence"]
            ] == []
            assert check_standing(office, day) == ()
