"""``outreach serve``: what it refuses, what it tells the serving programme, and that it serves and stops."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from outreach.programme.settings import settings_from
from outreach.services import _passwords, accounts, demo_served
from outreach.services.office import open_office
from outreach.services.warming import warm
from outreach.terminal import serving
from tests.outreach.terminal.conftest import NOW, Console
from tests.outreach.terminal.words import LEFT_OPEN, assert_refused, foreign_words

ROOT = Path(__file__).resolve().parents[3]


class Became:
    """What would have gone on to serve."""

    def __init__(self) -> None:
        self.arguments: tuple[str, ...] = ()
        self.environ: dict[str, str] = {}

    def __call__(self, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        self.arguments, self.environ = tuple(arguments), dict(environ)


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> Became:
    found = Became()
    monkeypatch.setattr(serving, "become", found)
    return found


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_tells_the_serving_programme_everything(console: Console, became: Became, port: int) -> None:
    said = console("serve", "--port", str(port), "--only", "desk", "--behind-https", "--json", lang="en")
    assert (said.status, said.told) == (0, [])
    assert said.json == {"address": f"http://127.0.0.1:{port}/", "home": str(console.home), "accounts": []}
    assert became.arguments == ("--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    assert became.environ == {
        "OUTREACH_HOME": str(console.home),
        "OUTREACH_DATABASE_URL": f"sqlite:///{console.home}/outreach.sqlite3",
        "OUTREACH_LANG": "en",
        "OUTREACH_NOW": "2026-11-20T16:00:00+09:00",
        "OUTREACH_SERVE_PARTS": "desk",
        "OUTREACH_SERVE_DEMO": "",
        "OUTREACH_SERVE_HTTPS": "1",
    }
    assert settings_from(became.environ).now == settings_from({"OUTREACH_NOW": NOW}).now


def test_what_cannot_be_served_is_refused(console: Console, became: Became, port: int) -> None:
    for more, code, status in (
        (["--only", "everything"], "SERVE_PART_UNKNOWN", 2),
        (["--workers", "2"], "SERVE_WORKERS", 1),
        (["--host", "no such host"], "HOST_UNUSABLE", 2),
        (["--host", "203.0.113.1"], "HOST_UNUSABLE", 2),
    ):
        names = ("desk", "public", "PostgreSQL")
        assert_refused(console, ["serve", "--port", str(port), *more], code, status, allowed=names)
    assert became.arguments == ()


def test_a_port_in_use_is_refused(console: Console, became: Became) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert_refused(console, ["serve", "--port", str(taken.getsockname()[1])], "PORT_TAKEN", 1)
    assert became.arguments == ()


def test_where_nothing_is_set_up_nothing_is_served(no_home: Console, became: Became, port: int) -> None:
    said = no_home("serve", "--port", str(port))
    assert (said.status, said.code, became.arguments) == (2, "HOME_NOT_SET_UP", ())


@pytest.mark.postgres
def test_several_processes_need_a_database_server(
    console: Console, became: Became, port: int, postgres_database_url: str
) -> None:
    console.environ["OUTREACH_DATABASE_URL"] = postgres_database_url
    assert console("serve", "--port", str(port), "--workers", "3").status == 0
    assert became.arguments[-1] == "3"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_an_open_address_is_warned_of(console: Console, became: Became, port: int, lang: str) -> None:
    said = console("serve", "--host", "0.0.0.0", "--port", str(port), lang=lang)
    assert (said.status, LEFT_OPEN.search(said.err), len(said.told)) == (0, None, 2)
    assert "localhost" in said.told[0]
    assert lang == "en" or foreign_words(said.err, allowed=("localhost", "web", "hosts", "HTTPS")) == []
    assert len(console("serve", "--host", "0.0.0.0", "--port", str(port), "--behind-https").told) == 1


def test_the_demo_is_set_up_once_in_a_home_of_its_own(
    console: Console, became: Became, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(_passwords, "hasher", lambda: cheap)
    told: list[int] = []

    def short_story(settings: object, out: Path, words: object, progress: object) -> None:
        told.append(1)
        from outreach.services.demo import init_demo

        init_demo(serving_settings(out), words)  # type: ignore[arg-type]

    def serving_settings(out: Path) -> object:
        return settings_from({"OUTREACH_HOME": str(out / "home"), "OUTREACH_NOW": NOW})

    monkeypatch.setattr(demo_served, "run_demo", short_story)
    before = console.stored()
    first, second = (console("serve", "--demo", "--port", str(port), "--json", now="2027-01-04T09:00") for _ in "12")
    assert (first.status, second.status, told) == (0, 0, [1])
    assert became.environ["OUTREACH_HOME"] == str(console.home / "demo" / "home")
    assert became.environ["OUTREACH_SERVE_DEMO"] == "1"
    office = open_office(settings_from(became.environ))
    for account in second.json["accounts"]:
        opened = accounts.sign_in(office, account["name"], account["password"])
        assert opened.session.account is not None
        assert not opened.session.account.must_change
    assert {account["role"] for account in second.json["accounts"]} == {"clerk", "manager"}
    assert first.json["accounts"] != second.json["accounts"]
    office.engine.dispose()
    assert console.stored() == before


def test_warming_does_not_change_anything(console: Console) -> None:
    before = console.stored()
    office = open_office(settings_from({"OUTREACH_HOME": str(console.home), "OUTREACH_NOW": NOW}))
    warm(office)
    office.engine.dispose()
    assert console.stored() == before


HEAVY = {"ortools", "pyproj", "folium", "matplotlib", "pandas", "geopy", "openpyxl", "limits", "argon2", "typer"}


def test_the_pages_start_without_what_they_need_only_later() -> None:
    code = f"import sys; import outreach.web.serving; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- for real ----------------------------------------------------------------------------------------------------------


def answers_at(address: str, process: subprocess.Popen[bytes]) -> str:
    """What the address answers, once it does."""
    for _ in range(6000):  # on a busy machine; a quiet one takes two seconds
        assert process.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("nothing is served")


Running = tuple[str, subprocess.Popen[bytes]]


@contextlib.contextmanager
def served(home: Path, port: int, *options: str, **environ: str) -> Iterator[Running]:
    """The pages of a home, served by the command itself."""
    said = {"OUTREACH_HOME": str(home), "OUTREACH_LANG": "en", "OUTREACH_NOW": NOW, **environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "serve", "--port", str(port), "--json", *options],
        cwd=ROOT,
        env={**os.environ, **said},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def running(console: Console, port: int) -> Iterator[Running]:
    with served(console.home, port) as found:
        yield found


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_it_serves_says_nothing_and_stops_when_told(running: Running) -> None:
    address, process = running
    assert answers_at(f"{address}/healthz", process) == "ok"
    assert "Sign in" in answers_at(f"{address}/login?name=123456789018", process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM)
    assert json.loads(out)["address"] == f"{address}/"
    assert [line for line in err.decode().splitlines() if not line.startswith("Note: the clock")] == []


@pytest.mark.postgres
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_several_processes_know_the_same_sessions_and_count_together(
    console: Console, port: int, postgres_database_url: str
) -> None:
    console.environ["OUTREACH_DATABASE_URL"] = postgres_database_url
    office = open_office(settings_from({"OUTREACH_HOME": str(console.home), **console.environ, "OUTREACH_NOW": NOW}))
    accounts.add(office, "sato", "clerk", "a long enough password", must_change=False)
    opened = accounts.open_session(office, "sato")
    office.engine.dispose()
    with served(console.home, port, "--workers", "2", **console.environ) as (address, process):
        answers_at(f"{address}/healthz", process)
        # Every request is a connection of its own, so that both processes take some.
        known = [status_of(f"{address}/account", {"Cookie": f"outreach={opened.id}"}) for _ in range(12)]
        assert known == [200] * 12
        wrong = [status_of(f"{address}/login", {"Origin": address}, b"name=sato&password=no") for _ in range(12)]
        assert wrong == [403] * 10 + [429] * 2


def status_of(address: str, headers: dict[str, str], body: bytes | None = None) -> int:
    """The status of one request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
