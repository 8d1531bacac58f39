"""The page of a call over HTTP: a draft from the first answer on, judged at once, one clerk not over another's work."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date as Date

from outreach.services import desk
from outreach.services.office import Office
from tests.outreach.city import FAR, MORNING, NEAR, TUESDAY, put_bookings
from tests.outreach.web.conftest import Client

THURSDAY = Date(2026, 11, 26)

WHO = {"name": "山田花子", "kana": "ヤマダハナコ", "people": "2", "address": NEAR.address, "phone": "0991-22-3344"}


def taken(clerk: Client, **more: str) -> dict[str, object]:
    answer = clerk.as_json("/desk/b", {**WHO, **more, "_key": "first"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_the_first_answer_makes_a_draft(clerk: Client) -> None:
    answer = clerk.as_json("/desk/b", {"caller": "family", "_key": "k"})
    assert answer.status_code == 201
    assert answer.json()["status"] == "draft"
    assert clerk.as_json("/desk/b", {"caller": "family", "_key": "k"}).json()["reference"] == answer.json()["reference"]


def test_a_whole_call_is_a_request_with_windows_to_read_out(clerk: Client) -> None:
    state = taken(clerk)
    assert state["status"] == "requested"
    page = clerk.post(f"/desk/b/{state['reference']}/windows", {})
    assert page.status_code == 200, page.text
    assert 'data-key="1"' in page.text


def test_what_of_a_wish_said_now_was_not_heeded_stands_above_the_windows(clerk: Client) -> None:
    reference = taken(clerk)["reference"]

    def doubts(wish: str) -> str:
        told = clerk.post(f"/desk/b/{reference}/windows", {"wish": wish})
        assert (told.status_code, 'data-key="1"' in told.text) == (200, "だめ" not in wish), told.text
        return html.unescape(told.text.partition('id="doubts"')[2].partition("</ul>")[0])

    assert "「ぐにゃぐにゃ」は読み取れませんでした" in doubts("ぐにゃぐにゃ")
    assert "「3時すぎ」は、午前か午後かだけを見ています" in doubts("3時すぎ")
    assert "一日もありません" in doubts("毎日だめ")
    assert (doubts("来週の午後"), doubts("")) == ("", "")


def test_what_a_caller_had_before_is_told_by_the_day_of_the_visit(clerk: Client, sqlite_web_office: Office) -> None:
    def told() -> str:
        (other,) = clerk.get(f"/desk/b/{second}/state").json()["others"]
        assert other["reference"] == first
        return str(other["words"])

    first = str(taken(clerk)["reference"])
    more = {"name": "山田太郎", "kana": "ヤマダタロウ", "address": FAR.address, "_key": "second"}
    second = str(clerk.as_json("/desk/b", {**WHO, **more}).json()["reference"])
    assert "受付 11月20日" in told()
    desk.hold(sqlite_web_office, first, THURSDAY, (36000, 37800))
    assert "訪問 11月26日" in told()
    desk.confirm(sqlite_web_office, first)
    assert "訪問 11月26日" in told()
    desk.cancel(sqlite_web_office, first)
    assert "受付 11月20日" in told()


def test_the_call_list_shows_first_who_is_still_to_be_phoned(clerk: Client, sqlite_web_office: Office) -> None:
    early, late = put_bookings(sqlite_web_office, 2)
    for reference, window in ((early, MORNING), (late, (46800, 48600))):
        desk.confirm(sqlite_web_office, reference, TUESDAY, window, accept=["LEAD_TIME"])

    def order() -> list[tuple[str, str]]:
        page = clerk.get(f"/desk/calls?day={TUESDAY.isoformat()}").text
        return re.findall(r'<tr class="(call[ a-z-]*)" tabindex="0" data-reference="(\w+)"', page)

    assert order() == [("call", early), ("call", late)]
    for outcome, settled in (("no_answer", False), ("reached", True)):
        done = clerk.as_json(f"/desk/calls/{early}", {"outcome": outcome, "_key": outcome})
        assert (done.status_code, done.json()["settled"]) == (201, settled)
        assert order() == ([("call", late), ("call is-done", early)] if settled else [("call", early), ("call", late)])


def test_lines_of_a_text_are_words_apart_in_a_field_of_one_line(clerk: Client) -> None:
    state = taken(clerk, note="玄関は裏\n犬がいます")
    assert state["answers"]["note"] == "玄関は裏 犬がいます"  # type: ignore[index]
    assert "玄関は裏 犬がいます" in clerk.get(f"/desk/b/{state['reference']}").text


def test_a_window_is_held_and_confirmed(clerk: Client) -> None:
    state = taken(clerk)
    path = f"/desk/b/{state['reference']}"
    held = clerk.as_json(f"{path}/hold", {"date": "2026-11-26", "opens_s": "36000", "closes_s": "37800", "_key": "h"})
    assert held.status_code == 201, held.text
    assert held.json()["kept"]["seconds_left"] == 600
    done = clerk.as_json(f"{path}/confirm", {"_key": "c"}, headers={"if-match": f'"{held.json()["revision"]}"'})
    assert done.status_code == 201, done.text
    assert done.json()["status"] == "confirmed"
    assert clerk.get(f"{path}/paper").status_code == 200


def test_the_second_clerk_sees_the_difference(signed_in: Callable[[str], Client], sqlite_web_office: Office) -> None:
    first, second = signed_in("clerk"), signed_in("clerk")
    state = taken(first)
    path, seen = f"/desk/b/{state['reference']}", {"if-match": f'"{state["revision"]}"'}
    assert second.get(path).status_code == 200
    assert first.as_json(f"{path}/answers", {"people": "3"}, headers=seen).status_code == 200
    late = second.as_json(f"{path}/answers", {"people": "4"}, headers=seen)
    assert late.status_code == 412
    assert late.json()["state"]["answers"]["people"] == "3"
    assert len(first.get(f"{path}/state").json()["beside"]) == 1


def test_a_my_number_is_refused_and_not_sent_back(clerk: Client) -> None:
    answer = clerk.as_json("/desk/b", {"note": "123456789018", "_key": "k"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "note"
    assert "123456789018" not in answer.text


def test_pages_around_the_call_open(clerk: Client) -> None:
    state = taken(clerk)
    for path in (
        "/desk",
        f"/desk/b/{state['reference']}",
        "/desk/waiting",
        "/desk/calls",
        "/desk/pin",
        f"/desk/pin/{state['reference']}",
    ):
        assert clerk.get(path).status_code == 200, path
    assert state["reference"] in str(clerk.post("/desk/search", {"text": "ヤマダさん"}).text)
    assert [town["town"] for town in clerk.as_json("/desk/towns", {"text": "とうだい"}).json()["towns"]] == [NEAR.name]
