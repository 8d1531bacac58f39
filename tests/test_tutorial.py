"""The tutorial is true: its commands run in order and print what it shows; the same steps work on a real city."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tutorial import Shell, Step, agrees, parts_of, tell

DOCS = Path(__file__).resolve().parents[1] / "docs"
DOCUMENTS = {"ja": DOCS / "tutorial.ja.md", "en": DOCS / "tutorial.md"}

STORY = (
    *("init", "gazetteer import", "district import", "fleet import", "shift add", "booking add", "booking import"),
    *("booking confirm", "plan make", "plan show", "plan publish", "sheets", "calls list", "map route", "visit log"),
    *("map coverage", "plan explain", "plan pin", "van down", "doctor"),
)
"""What the tutorial promises to go through."""


@pytest.mark.parametrize("lang", DOCUMENTS)
def test_every_command_prints_what_the_tutorial_shows(lang: str, tmp_path: Path) -> None:
    different: list[str] = []

    def look(step: Step, status: int, printed: list[str]) -> None:
        if step.shown and not agrees(step.shown, printed):
            different.append(
                f"line {step.line}: {step.command}\n-- shown\n" + "\n".join(step.shown)
                + f"\n-- printed ({status})\n" + "\n".join(printed)
            )  # fmt: skip

    tell(DOCUMENTS[lang].read_text(encoding="utf-8"), Shell(tmp_path), look)
    assert not different, "\n\n".join(different) + f"\n\npython -m tests.tutorial {DOCUMENTS[lang]} writes it anew"


def commands_of(lang: str) -> list[str]:
    parts = parts_of(DOCUMENTS[lang].read_text(encoding="utf-8"))
    return [part.command for part in parts if isinstance(part, Step)]


def test_the_tutorial_goes_through_the_whole_story() -> None:
    commands = [command.replace("--home demo ", "") for command in commands_of("en")]
    assert [step for step in STORY if not any(command.startswith(f"outreach {step}") for command in commands)] == []


def test_both_languages_give_the_same_commands() -> None:
    assert [command.replace("LANG=ja", "LANG=en") for command in commands_of("ja")] == commands_of("en")


def test_a_mask_fits_any_text_and_nothing_else_does() -> None:
    assert agrees(("a … c", "…", "end"), ["a b c", "one", "two", "end"])
    assert agrees(("…",), [])
    assert not agrees(("a … c",), ["a b d"])
    assert not agrees(("a",), ["a", "b"])
    assert not agrees((), ["a"])


FLEET = """
[[depot]]
id = "hall"
name = "市役所"
lat = 31.719519
lon = 131.061497

[[van]]
id = "van-1"
name = "1号車"
depot = "hall"
skills = ["wheelchair"]

[[van]]
id = "van-2"
name = "2号車"
depot = "hall"

[[staff]]
id = "s-01"
name = "試験 一"

[[staff]]
id = "s-02"
name = "試験 二"

[[staff]]
id = "s-03"
name = "試験 三"

[[staff]]
id = "s-04"
name = "試験 四"
"""

Ask = Callable[..., str]


def test_the_same_steps_work_on_the_real_city(shared_data: Path, tmp_path: Path) -> None:
    """Towns, boundary and addresses of 都城市; a promised visit more than an hour away is on a route."""
    shell = Shell(tmp_path)
    shell.environ |= {"OUTREACH_HOME": "miyakonojo", "OUTREACH_NOW": "2026-11-16T09:30", "OUTREACH_LANG": "ja"}
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")
    day = "2026-11-26"

    def ask(command: str, *, status: int = 0) -> str:
        ended, printed = shell(command)
        text = "\n".join(printed)
        assert ended == status, f"{command}\n{text}"
        return text

    def add(address: str, number: int, *more: str, status: int = 0) -> str:
        options = f"--name 試験{number} --phone 0986-23-{number:04d} --people 2 --wishes {day}"
        answer = ask(f"outreach booking add --json --address {address} {options} {' '.join(more)}", status=status)
        reference: str = json.loads(answer)["reference"]
        return reference

    ask("outreach init")
    for noun, name in (("gazetteer", "gazetteer_miyakonojo.csv"), ("district", "boundary_miyakonojo_45202.geojson")):
        ask(f"outreach {noun} import {shared_data / name}")
    towns = json.loads(ask("outreach gazetteer list --json"))
    assert all(set(town) >= {"town", "kana", "lat", "lon"} for town in towns)
    assert len(towns) >= 108
    ask("outreach fleet import fleet.toml")
    for van, crew in (("van-1", "s-01,s-02"), ("van-2", "s-03,s-04")):
        ask(f"outreach shift add {day} --van {van} --crew {crew}")

    addresses = ("下長飯町８８１", "志比田町５７７９－２", "下川東２丁目３２９５", "姫城町６街区２１号")
    near = [add(address, number) for number, address in enumerate(addresses, start=1)]
    ask("outreach booking template list.csv")
    header = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").strip()
    row = ",".join(
        {"名前": "試験5", "電話": "0986-23-0005", "住所": "吉尾町４７３－１", "人数": "1"}.get(column, "")
        for column in header.split(",")
    )
    (tmp_path / "list.csv").write_text(f"\ufeff{header}\n{row}\n", encoding="utf-8")
    near += json.loads(ask("outreach booking import list.csv --json"))["references"]

    waiting = json.loads(ask(
        "outreach booking add --json --name 試験6 --phone 0986-23-0006 --people 1 --address 高崎町笛水1番地", status=1
    ))  # fmt: skip
    assert (waiting["status"], waiting["open_confirms"]) == ("draft", ["LONG_LEG"])
    far = waiting["reference"]
    ask(f"outreach booking edit {far} --accept LONG_LEG")

    windows = ("09:30-10:00", "10:00-10:30", "11:00-11:30", "13:30-14:00", "14:30-15:00")
    ask(f"outreach booking confirm {far} --date {day} --window 11:00-11:30")
    for reference, window in zip(near, windows, strict=True):
        ask(f"outreach booking confirm {reference} --date {day} --window {window}")
    plan = json.loads(ask(f"outreach plan make {day} --seconds 2 --json").partition("\n")[2])
    served = {stop["visit"] for route in plan["plan"]["routes"] for stop in route["stops"]}
    assert served >= {far, *near}
    ask(f"outreach plan check {day}")
    assert far in ask(f"outreach plan show {day}")
    ask(f"outreach plan explain {far}")
    published = ask(f"outreach plan publish {day}")
    assert all(name in published for name in ("route-sheets.pdf", "call-list.xlsx", "route-map.html"))
    ask(f"outreach sheets {day} --out print")
    assert far in ask(f"outreach calls list {day}")
    ask(f"outreach map route {day} --out print")
    shell.environ["OUTREACH_NOW"] = f"{day}T17:30"
    ask(f"outreach visit log {far} visited --people 2 --start 11:05 --end 11:45")
    ask("outreach map coverage --from 2026-11-16 --to 2026-11-30 --out coverage")
    assert (tmp_path / "coverage" / "coverage.csv").is_file()
    assert "異常" not in ask("outreach doctor")
