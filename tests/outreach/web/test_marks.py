"""Many at once, each with a mark of their own: no answer ever holds somebody else's."""

from __future__ import annotations

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from outreach.services import accounts
from outreach.services.office import Office
from tests.conftest import Soak
from tests.outreach.city import NEAR
from tests.outreach.web.conftest import Served, headers_of, put_account

USERS, REQUESTS = 50, 200
MARK = re.compile("しるし([ア-ヲ]{3})")
KANA = "アイウエオカキクケコ"


def mark_of(number: int) -> str:
    """A name nobody else has, in letters: digits might be taken for a number that must not be kept."""
    return f"しるし{KANA[number // 100]}{KANA[number // 10 % 10]}{KANA[number % 10]}"


class Marked:
    """One user with a session, a connection and a booking of their own name."""

    def __init__(self, served: Served, number: int) -> None:
        name = f"user-{number}"
        put_account(served.office, name, "clerk")
        opened = accounts.open_session(served.office, name)
        where = urlsplit(served.address)
        self.mark = mark_of(number)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=120)
        self._headers = headers_of(served, opened)
        answer = self.ask("/desk/b", {"name": self.mark, "address": f"{NEAR.name}{number + 1}番地", "_key": name})
        self.reference = json.loads(answer)["reference"]

    def ask(self, path: str, fields: dict[str, str] | None = None) -> str:
        body = None if fields is None else json.dumps(fields)
        self._connection.request("GET" if fields is None else "POST", path, body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        assert answer.status < 300, (answer.status, path)
        return text

    def close(self) -> None:
        self._connection.close()

    def ask_again(self, number: int) -> set[str]:
        """One marked request of several kinds; returns the marks in its answer."""
        path = f"/desk/b/{self.reference}"
        kind = number % 3
        if kind == 0:
            text = self.ask(path)
        elif kind == 1:
            text = self.ask("/desk/search", {"text": self.mark})
        else:
            text = self.ask(f"{path}/answers", {"note": f"{self.mark} {KANA[number % 10]}"})
        return set(MARK.findall(text))


@pytest.mark.heavy
def test_no_answer_holds_the_mark_of_somebody_else(served: Served, soak: Soak) -> None:
    requests = soak.count(REQUESTS)
    users = [Marked(served, number) for number in range(max(20, soak.count(USERS)))]

    def work(user: Marked) -> list[set[str]]:
        return [user.ask_again(number) for number in range(requests)]

    with ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(work, users))
    for user in users:
        user.close()
    wrong = [
        (user.mark, found)
        for user, all_found in zip(users, answers, strict=True)
        for found in all_found
        if found != {user.mark.removeprefix("しるし")}
    ]
    assert wrong == []


def test_marks_are_as_many_as_users(sqlite_office: Office) -> None:
    assert len({mark_of(number) for number in range(USERS)}) == USERS
