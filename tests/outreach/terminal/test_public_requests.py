"""``booking export-requests`` outside, ``booking import`` inside: the file goes straight from one to the other."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from outreach.programme.settings import settings_from
from outreach.services import accounts, public_form
from outreach.services.office import open_office
from tests.outreach.terminal.conftest import NOW, Console
from tests.outreach.web.residents import GOOD

ADDRESS = "松ヶ丘290番地4"


@pytest.fixture
def outside(tmp_path: Path, demo_city: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """The home of a form that stands alone, with one request in it."""
    home = Path(shutil.copytree(demo_city, tmp_path / "outside"))
    office = open_office(settings_from({"OUTREACH_HOME": str(home), "OUTREACH_NOW": NOW}), who="web", channel="web")
    form = public_form.begin(office, accounts.open_session(office).session.key)
    answers = {**{name: text for name, text in GOOD.items() if text}, "address": ADDRESS}
    for _ in range(40):
        page = public_form.ask(office, form, language="ja").unfinished
        if page is None:
            break
        form = public_form.save(office, form, page.name, answers, language="ja", forwards=True).asked.form
    public_form.send(office, form, ip="192.0.2.1", language="ja", offers_windows=False)
    office.engine.dispose()
    return Console(home, capsys)


@pytest.mark.parametrize("name", ["requests.csv", "requests.xlsx"])
def test_a_request_goes_from_the_form_outside_to_a_booking_inside(
    outside: Console, console: Console, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    exported = outside("booking", "export-requests", str(file), "--json")
    assert (exported.status, len(exported.json["numbers"])) == (0, 1)
    taken = console("booking", "import", str(file), "--json")
    assert (taken.status, taken.json["rows"], taken.json["statuses"]) == (0, 1, ["requested"])
    (reference,) = taken.json["references"]
    shown = console("booking", "show", reference, "--json").json
    assert (shown["answers"]["name"], shown["answers"]["channel"]) == (GOOD["name"], "web")
    again = console("booking", "import", str(file), "--json")
    assert (again.status, again.json["rows"], again.json["known"]) == (0, 0, 1)
    assert console.references() == [reference]


def test_what_was_exported_is_not_exported_again_unless_asked_for(outside: Console, tmp_path: Path) -> None:
    first = outside("booking", "export-requests", str(tmp_path / "a.csv"))
    second = outside("booking", "export-requests", str(tmp_path / "b.csv"))
    third = outside("booking", "export-requests", str(tmp_path / "c.csv"), "--again", lang="ja")
    assert (first.out, second.out, third.out) == (
        "Wrote 1 request.\n",
        "Wrote 0 requests.\n",
        "1件を書き出しました。\n",
    )


def test_a_folder_in_the_files_place_is_told_and_nothing_counts_as_exported(outside: Console, tmp_path: Path) -> None:
    said = outside("booking", "export-requests", str(tmp_path))
    assert (said.status, said.code) == (2, "FILE_UNUSABLE")
    assert os.listdir(tmp_path / "outside")
    assert outside("booking", "export-requests", str(tmp_path / "a.csv"), "--json").json["numbers"] != []
