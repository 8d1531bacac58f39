"""The two samples of the design, through the terminal: solved, checked, and nothing else touched."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.terminal.app import run
from routing.files import read_plan
from tests.routing.days import DATA

DAY, PLAN = str(DATA / "sample_day.json"), str(DATA / "sample_plan.json")


@pytest.fixture(params=["ja", "en"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return {"OUTREACH_HOME": str(tmp_path / "home"), "OUTREACH_LANG": request.param}


def test_check_finds_nothing_wrong_with_the_sample_plan(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", DAY, PLAN], environ) == 0
    assert run(["check", DAY, PLAN, "--json"], environ) == 0
    said = capsys.readouterr()
    assert json.loads(said.out[said.out.index("{") :]) == {"violations": []}
    assert said.err == ""
    assert not Path(environ["OUTREACH_HOME"]).exists()


def test_solve_prints_the_sample_plan_with_words(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve", DAY], environ) == 0
    printed = capsys.readouterr().out
    document = json.loads(printed)
    expected, found = read_plan((DATA / "sample_plan.json").read_bytes()), read_plan(printed)
    certificate = replace(found.certificate, seconds=expected.certificate.seconds)
    assert replace(found, problem_sha256=None, certificate=certificate) == expected
    assert [set(left_out) >= {"sentence", "action"} for left_out in document["unassigned"]] == [True]
    assert all(left_out["sentence"] and left_out["action"] for left_out in document["unassigned"])


def test_a_plan_written_by_solve_passes_check(environ: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert run(["solve", DAY, "--out", str(out), "--seconds", "1"], environ) == 0
    assert run(["check", DAY, str(out)], environ) == 0


def test_a_plan_that_is_a_second_off_does_not(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = json.loads((DATA / "sample_plan.json").read_bytes())
    plan["routes"][0]["end"] = "10:29:01"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(plan), encoding="utf-8")
    assert run(["check", DAY, str(wrong), "--json"], environ) == 1
    assert [violation["code"] for violation in json.loads(capsys.readouterr().out)["violations"]] == ["ROUTE_END_WRONG"]


def test_the_samples_are_those_of_the_design(shared_data: Path) -> None:
    design = (shared_data.parent / "DESIGN.md").read_text(encoding="utf-8")
    blocks = [json.loads(block.partition("```")[0]) for block in design.split("```json\n")[1:]]
    assert blocks == [json.loads(Path(name).read_bytes()) for name in (DAY, PLAN)]
