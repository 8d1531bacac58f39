"""Twenty clerks typing at once over real HTTP, with a thousand standing bookings: how long a page and windows take.

``python -m benchmarks.load [--clerks N] [--days N] [--vans N] [--seconds S] [--smoke]`` fills an office in a temporary
folder (as ``benchmarks.find`` does), serves it by ``python -m outreach.web`` in a process of its own, and lets clerks
take calls: an answer every two seconds, windows when place and people are known, a hold, a confirmation, the lists.
Also printed: how soon after its start the server answers, and what each page weighs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.find import HALL, NOW, SPREAD, _office, _promises, _shifts
from bookings.models import TownRow
from outreach.programme.rules_text import write_rules
from outreach.services import accounts
from outreach.services.office import Office
from outreach.services.rules_in_force import remember_rules
from outreach.storage.engine import writing
from outreach.words import Words

PASSWORD = "a long enough password"
TYPING_S = 2.0
"""Between two answers of one clerk: a question is asked, an answer heard and typed."""

TOWNS = 108
"""As many as Miyakonojo has; an address is known by the middle of its town."""

WINDOW = re.compile(r'data-date="([\d-]+)" data-opens="(\d+)" data-closes="(\d+)"')
GOALS = {"page": "p50 <= 100", "answer": "p50 <= 100", "windows": "p50 <= 150, p95 <= 400"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill, serve, take calls, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clerks", type=int, default=20)
    parser.add_argument("--days", type=int, default=34)
    parser.add_argument("--vans", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=4100)
    parser.add_argument("--smoke", action="store_true", help="two clerks, two days, ten seconds, to see that it runs")
    options = parser.parse_args(arguments)
    clerks, days, vans, seconds = options.clerks, options.days, options.vans, options.seconds
    if options.smoke:
        clerks, days, vans, seconds = 2, 2, 2, 8.0
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        office = _office(home, vans)
        service_days = office.calendar.service_days(Date(2026, 4, 6), Date(2026, 6, 30))[:days]
        _shifts(office, service_days, vans)
        promised = _promises(office, service_days, vans, rng)
        _ready_for_pages(office, home, clerks, rng)
        office.engine.dispose()
        with _Server(home) as server:
            taken = _calls(server, clerks, seconds, options.seed)
            print(_report(taken, server, clerks=clerks, days=days, vans=vans, promised=promised, seconds=seconds))


def _ready_for_pages(office: Office, home: Path, clerks: int, rng: random.Random) -> None:
    """Rules, towns and accounts: what the pages want beside the plans."""
    office.settings.rules_file.write_text(write_rules(office.rules, Words("en")), encoding="utf-8")
    remember_rules(office)
    city = office.rules.city
    with writing(office.engine) as session:
        for number in range(1, TOWNS + 1):
            session.add(
                TownRow(
                    id=number,
                    prefecture=city.prefecture,
                    city=city.name,
                    town=_town(number),
                    lat=HALL[0] + rng.uniform(-SPREAD, SPREAD),
                    lon=HALL[1] + rng.uniform(-SPREAD, SPREAD),
                )
            )
    for number in range(clerks):
        accounts.add(office, f"clerk-{number}", "clerk", "another good password")
        accounts.change_password(office, f"clerk-{number}", "another good password", PASSWORD)


def _town(number: int) -> str:
    """A town's name without a digit in it: 甲乙町, 甲丙町, ..."""
    signs = "松竹梅桜杉桐菊藤萩葵楠柳"
    first, second = divmod(number - 1, len(signs))
    return f"{signs[first % len(signs)]}{signs[second]}{'原' if first >= len(signs) else ''}町"


class _Server:
    """The pages in a process of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started_s = 0.0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def __enter__(self) -> _Server:
        environ = {**os.environ, "OUTREACH_HOME": str(self.home), "OUTREACH_NOW": NOW.strftime("%Y-%m-%dT%H:%M")}
        environ["OUTREACH_DATABASE_URL"] = f"sqlite:///{self.home / 'bench.sqlite3'}"
        command = [sys.executable, "-m", "outreach.web", "--port", str(self.port)]
        begun = time.perf_counter()
        self._process = subprocess.Popen(command, env=environ)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.02)
            if self._process.poll() is not None or time.perf_counter() - begun > 60:
                raise RuntimeError("the server did not start")
        self.started_s = time.perf_counter() - begun
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


@dataclass
class _Taken:
    """What the clerks measured."""

    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    weight: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    booked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Clerk:
    """A clerk's browser: keeps the connection, the cookie and the token."""

    def __init__(self, port: int, number: int, taken: _Taken) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._origin = f"http://127.0.0.1:{port}"
        self._taken = taken
        self._cookie = self._token = ""
        form = urlencode({"name": f"clerk-{number}", "password": PASSWORD})
        answer = self._ask("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
        text = answer.read().decode()
        if answer.status != 303:
            why = re.sub("<[^>]*>", " ", text[text.find("<main") :])[:500]
            raise RuntimeError(f"clerk {number} was not let in: {answer.status} {why}")
        cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        self._cookie = "; ".join(cookies)

    def page(self, path: str, kind: str = "page") -> str:
        """Open a page."""
        text = self._timed(kind, "GET", path, None, {})
        found = re.search(r'data-token="([^"]+)"', text)
        self._token = found[1] if found else self._token
        with self._taken.lock:
            self._taken.weight[re.sub(r"[A-Z]\d{5}", "REF", path)] = len(text.encode())
        return text

    def send(self, kind: str, path: str, fields: dict[str, str]) -> str:
        """Send what the page's script would send."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-Token": self._token}
        return self._timed(kind, "POST", path, json.dumps(fields), headers)

    def _timed(self, kind: str, method: str, path: str, body: str | None, headers: dict[str, str]) -> str:
        begun = time.perf_counter()
        answer = self._ask(method, path, body, headers)
        text = answer.read().decode()
        took = (time.perf_counter() - begun) * 1000
        with self._taken.lock:
            self._taken.took_ms[kind].append(took)
            self._taken.statuses[answer.status] += 1
        return text

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        more = {"Origin": self._origin, **({"Cookie": self._cookie} if self._cookie else {})}
        self._connection.request(
            method, path, body=None if body is None else body.encode(), headers={**headers, **more}
        )
        return self._connection.getresponse()


ANSWERS = (
    ("visit_type", "new_card"),
    ("resident", "yes"),
    ("moving_soon", "no"),
    ("people", "2"),
    ("under_15", "0"),
    ("name", "試験 花子"),
    ("kana", "シケン ハナコ"),
    ("birth_year", "昭和15"),
    ("address", ""),
    ("parking", "yes"),
    ("phone", ""),
    ("access", "yes"),
    ("papers", "one_with_photo"),
    ("application_form", "yes"),
    ("wishes", "来週の午前"),
    ("heard_from", "hall"),
)
ASKS_FOR_WINDOWS = {"address", "access", "wishes"}


def _calls(server: _Server, clerks: int, seconds: float, seed: int) -> _Taken:
    taken = _Taken()
    ends = time.perf_counter() + seconds + 1.5 * clerks / 10
    threads = [
        threading.Thread(target=_one_clerk, args=(server.port, number, taken, ends, random.Random(f"{seed}/{number}")))
        for number in range(clerks)
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.15)  # nobody signs in at the very same moment
    for thread in threads:
        thread.join()
    return taken


def _one_clerk(port: int, number: int, taken: _Taken, ends: float, rng: random.Random) -> None:
    clerk, calls = _Clerk(port, number, taken), 0
    while time.perf_counter() < ends:
        calls += 1
        clerk.page("/desk")
        reference = ""
        values = {
            "address": f"{_town(rng.randrange(1, TOWNS + 1))}{rng.randrange(1, 3000)}番地{rng.randrange(1, 40)}",
            "phone": f"0986-{rng.randrange(20, 60)}-{rng.randrange(1000, 10000)}",
        }
        for name, value in ANSWERS:
            time.sleep(rng.uniform(0.5, 1.5) * TYPING_S)
            text = clerk.send(
                "answer",
                f"/desk/b/{reference}/answers" if reference else "/desk/b",
                {name: value or values[name], "_key": f"{number}/{calls}/{name}"},
            )
            reference = reference or str(json.loads(text)["reference"])
            if name in ASKS_FOR_WINDOWS:
                windows = clerk.send("windows", f"/desk/b/{reference}/windows", {"wish": ""})
            if time.perf_counter() > ends:
                return
        found = WINDOW.search(windows)
        if found:
            slot = dict(zip(("date", "opens_s", "closes_s"), found.groups(), strict=True))
            clerk.send("hold", f"/desk/b/{reference}/hold", {**slot, "_key": f"{number}/{calls}/hold"})
            time.sleep(TYPING_S)
            clerk.send("confirm", f"/desk/b/{reference}/confirm", {"_key": f"{number}/{calls}/confirm"})
            with taken.lock:
                taken.booked += 1
        clerk.page(f"/desk/b/{reference}")
        clerk.page("/desk/waiting")
        clerk.page("/desk/calls")


def _report(taken: _Taken, server: _Server, *, clerks: int, days: int, vans: int, promised: int, seconds: float) -> str:
    rows = [
        f"{clerks} clerks, {promised} standing bookings on {days} days x {vans} vans, {seconds:.0f} s; "
        f"{taken.booked} calls booked; the server answered {server.started_s:.2f} s after its start (goal 3 s).",
        "",
        "| asked | times | ms p50 | ms p95 | ms worst | goal (ms) |",
        "|---|---|---|---|---|---|",
    ]
    for kind, took in sorted(taken.took_ms.items()):
        late = sorted(took)[int(0.95 * (len(took) - 1))]
        rows.append(
            f"| {kind} | {len(took)} | {statistics.median(took):.0f} | {late:.0f} | {max(took):.0f} "
            f"| {GOALS.get(kind, '')} |"
        )
    rows += [
        "",
        "| page | kB (goal 150, with its style and script) |",
        "|---|---|",
        *(f"| {path} | {size / 1000:.1f} |" for path, size in sorted(taken.weight.items())),
        "",
        f"Answers by status: {dict(sorted(taken.statuses.items()))}. Python {platform.python_version()}; SQLite.",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
