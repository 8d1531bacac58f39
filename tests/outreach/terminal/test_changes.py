"""What a change elsewhere says at the terminal: whom to phone, on stderr and in JSON; and the exit status."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from outreach.terminal import context
from outreach.terminal.app import build
from outreach.words import Words
from tests.outreach.terminal.conftest import DAY, Console, Promised, answers
from tests.outreach.terminal.words import KANA, LEFT_OPEN, assert_well_put


@pytest.fixture
def one_van(promised: Promised) -> Promised:
    """The city with its one promise, and on that day only the van that keeps it."""
    console = promised.console
    used = console("plan", "show", DAY, "--json").json["plan"]["routes"][0]["shift"]
    for shift in console("shift", "list", "--from", DAY, "--to", DAY, "--json").json:
        if shift["van_id"] != used:
            said = console("shift", "remove", DAY, "--van", shift["van_id"])
            assert said.status == 0, said
    return promised


def van_of(one_van: Promised) -> str:
    (shift,) = one_van.console("shift", "list", "--from", DAY, "--to", DAY, "--json").json
    van: str = shift["van_id"]
    return van


def test_a_van_down_on_a_planned_day_says_that_it_was_planned_anew(promised: Promised) -> None:
    console = promised.console
    used = console("plan", "show", DAY, "--json").json["plan"]["routes"][0]["shift"]
    said = console("van", "down", used, "--from", DAY, "--to", DAY)
    assert (said.status, said.out) == (0, "Done.\n")
    assert "planned anew (version 2); every promise is kept" in said.err
    view = console("plan", "show", DAY, "--json").json
    assert (view["version"], view["made_by"]) == (2, "remake")
    assert [route["shift"] for route in view["plan"]["routes"]] != [used]
    assert console("plan", "check", DAY).status == 0


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_broken_promise_is_told_at_once_with_whom_to_phone(one_van: Promised, lang: str) -> None:
    said = one_van.console("van", "down", van_of(one_van), "--from", DAY, lang=lang)
    assert said.status == 1
    assert f"  {one_van.reference}  10:00-10:30  イソガイ　ハル  0991-23-0118" in said.err.splitlines()
    assert f"outreach plan make {DAY} --accept-broken" in said.err
    assert LEFT_OPEN.search(said.err) is None
    assert (KANA.search("".join(said.told[:-1])) is not None) is (lang == "ja")


def test_every_event_tells_it_in_json_too(one_van: Promised, tmp_path: Path) -> None:
    console, van = one_van.console, van_of(one_van)
    (shift,) = console("shift", "list", "--from", DAY, "--to", DAY, "--json").json
    moved = tmp_path / "fleet.toml"
    depots = console("fleet", "show", "--json").json["depots"]
    text = "".join(f'[[depot]]\nid = "{depot["id"]}"\nname = "x"\nlat = 36.0\nlon = 140.0\n' for depot in depots)
    moved.write_text(text, encoding="utf-8")
    hours = ("--start", "12:00", "--end", "17:00", "--crew", ",".join(shift["crew"]), "--replace")
    events: list[tuple[str, ...]] = [
        ("van", "down", van, "--from", DAY),
        ("van", "up", van, "--from", DAY),
        ("shift", "add", DAY, "--van", van, *hours),
        ("staff", "leave", shift["crew"][0], "--from", DAY),
        ("shift", "remove", DAY, "--van", van),
        ("fleet", "import", str(moved)),
    ]
    for event in events:
        said = console(*event, "--json")
        (day,) = said.json["days"]
        kept = event[1] == "up"
        assert said.status == (0 if kept else 1), said
        assert (day["day"], day["outcome"]) == (DAY, "kept" if kept else "broken")
        assert [person["reference"] for person in day["to_phone"]] == ([] if kept else [one_van.reference])
        assert ("0991-23-0118" in said.err) is not kept


def test_a_plan_that_cannot_keep_all_says_whom_to_phone_in_json_too(one_van: Promised) -> None:
    one_van.console("van", "down", van_of(one_van), "--from", DAY)
    said = one_van.console("plan", "make", DAY, "--seconds", "0.5", "--json")
    assert (said.status, said.json["stored"], said.json["proved"]) == (1, False, True)
    assert said.json["references"] == [one_van.reference]
    assert [person["phone"] for person in said.json["to_phone"]] == ["0991-23-0118"]
    assert "PROMISES_CONFLICT: " in said.err


def test_an_empty_fleet_file_is_refused(console: Console, tmp_path: Path) -> None:
    empty = tmp_path / "fleet.toml"
    empty.write_text("# later\n", encoding="utf-8")
    for lang in ("ja", "en"):
        said = console("fleet", "import", str(empty), lang=lang)
        assert said.status == 2
        assert_well_put(said, "FLEET_EMPTY", lang, allowed=("depot", "van", "staff", "shift"))


def test_a_published_version_that_is_outdated_is_said(promised: Promised) -> None:
    console = promised.console
    assert console("plan", "publish", DAY).status == 0
    assert console("plan", "show", DAY, "--json").json["outdated"] is False
    used = console("plan", "show", DAY, "--json").json["plan"]["routes"][0]["shift"]
    said = console("van", "down", used, "--from", DAY, "--to", DAY)
    assert "the published sheets are out of date" in said.err
    view = console("plan", "show", DAY, "--json").json
    assert (view["outdated"], view["published_version"], view["version"]) == (True, 1, 2)
    assert "Version 1 is published; the day has changed since then" in console("plan", "show", DAY).out


# -- rules that change -------------------------------------------------------------------------------------------------


def change_rules(console: Console, **changes: str) -> None:
    """Change rules in the home's file: ``max_leg_min="5"``."""
    path = console.home / "outreach.toml"
    text = path.read_text(encoding="utf-8")
    for rule, value in changes.items():
        text, count = re.subn(rf"(?m)^{rule} = .*$", f"{rule} = {value}", text)
        assert count == 1, rule
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_rules_that_break_a_promise_are_told_before_the_next_command_is_run(promised: Promised, lang: str) -> None:
    console = promised.console
    change_rules(console, max_leg_min="5")
    for looking in (("plan", "show", DAY), ("booking", "list"), ("plan", "check", DAY)):
        assert "RULES_BREAK_PROMISES" not in console(*looking).err
    said = console("booking", "cancel", promised.reference, lang=lang)
    assert said.status == 1
    assert_well_put(said, "RULES_BREAK_PROMISES", lang)
    assert "0991-23-0118" in said.err
    assert console("booking", "show", promised.reference, "--json").json["status"] == "confirmed"
    again = console("booking", "cancel", promised.reference, lang=lang)
    assert (again.status, again.told) == (0, [])


def test_rules_under_which_everything_is_kept_let_the_command_go_on(promised: Promised) -> None:
    console = promised.console
    change_rules(console, speed_kmh="32.0")
    said = console("booking", "add", "--json", *answers(phone="0991-23-0119", address="松ヶ丘291番地4"))
    assert said.status == 0, said
    assert "The rules have changed; 1 day was looked at again." in said.err
    assert console("plan", "check", DAY).status == 0
    assert "rules" not in console("plan", "make", DAY, "--seconds", "0.5").err


def test_nothing_is_written_where_the_rules_are_as_they_were(promised: Promised) -> None:
    before = promised.console.stored()
    promised.console("plan", "explain", promised.reference)
    assert promised.console.stored() == before


def test_help_and_commands_without_a_home_never_touch_a_database(
    no_home: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outreach.services import rules_in_force

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("looked at the rules")

    monkeypatch.setattr(rules_in_force, "notice_rules", refuse)
    for command in (("--help",), ("plan", "--help"), ("solve", "--schema"), ("init",), ("doctor",)):
        assert no_home(*command).status in (0, 1)


def test_every_command_that_only_looks_is_one() -> None:
    def leaves(tree: Any) -> set[str]:
        below = getattr(tree, "commands", {})
        return set().union(*(leaves(child) | {name} for name, child in below.items())) if below else set()

    assert leaves(build(Words("en"))) >= context.LOOKING


# -- plan improve ------------------------------------------------------------------------------------------------------


def test_improving_shows_each_day_and_what_was_saved(promised: Promised) -> None:
    console = promised.console
    said = console("plan", "improve", "--seconds", "0.5", "--json")
    assert said.status == 0
    assert said.json["lapsed"] == said.json["unmet"] == []
    (day,) = said.json["days"]
    assert (day["day"], day["result"], day["saved_s"], day["skipped"]) == (DAY, "certified", 0, None)
    assert day["statement"] == {"says": "PROVED", "saving_s": None}
    assert day["before_s"] == day["after_s"] > 0
    for lang, words in (("en", "nothing better found"), ("ja", "これより良い計画はありませんでした")):
        shown = console("plan", "improve", DAY, "--seconds", "0.5", lang=lang)
        assert shown.status == 0
        assert words in shown.out
        assert {"en": "No shorter way exists", "ja": "証明済み"}[lang] in shown.out
        assert LEFT_OPEN.search(shown.out + shown.err) is None
    view = console("plan", "show", DAY, "--json").json
    certificate = {**view["plan"]["certificate"], "status": "OPTIMAL", "gap_s": 0, "gap": 0.0, "says": "PROVED"}
    assert {name: view["certificate"][name] for name in certificate} == certificate
    assert view["certificate"]["sentence"] == "No shorter way exists for these promises: proved."
    assert view["certificate"]["sentence"] in console("plan", "show", DAY).out
    assert console("plan", "publish", DAY).status == 0
    assert "published, left as it was" in console("plan", "improve", "--from", DAY).out


def test_improving_nothing_says_so(console: Console) -> None:
    said = console("plan", "improve")
    assert (said.status, said.told) == (0, [])
    assert said.out.startswith("0 days searched, 0 min of driving saved.")


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        ((DAY, "--from", DAY), "DATE_OR_PERIOD", 2),
        (("--from", DAY, "--to", "2026-11-23"), "PERIOD_BACKWARDS", 2),
        (("2026-11-20",), "IMPROVE_FROM_TOMORROW", 1),
        (("--to", "2026-11-20"), "IMPROVE_FROM_TOMORROW", 1),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    console: Console, arguments: tuple[str, ...], code: str, status: int
) -> None:
    for lang in ("ja", "en"):
        said = console("plan", "improve", *arguments, lang=lang)
        assert (said.status, said.out) == (status, "")
        assert_well_put(said, code, lang, allowed=("DATE",))


def test_improving_a_day_that_no_longer_holds_names_whom_to_phone(one_van: Promised) -> None:
    assert one_van.console("van", "down", van_of(one_van), "--from", DAY).status == 1
    said = one_van.console("plan", "improve", "--seconds", "0.5", "--json")
    assert said.status == 1
    assert said.json["days"][0]["rechecked"]["broken"] == [one_van.reference]
    assert "0991-23-0118" in said.err
