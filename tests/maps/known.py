"""The small day every paper test knows: two stops in an invented part of the city, all people invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from maps.views import CallEntry, CallList, PlanStamp, RouteSheet, SheetStop, Sketch


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


STAMP = PlanStamp(
    date=date(2026, 11, 24),
    version=3,
    sha256="0123456789abcdef" * 4,
    made_at=datetime(2026, 11, 21, 14, 5, tzinfo=timezone(timedelta(hours=9))),
    city_name="見本市",
    office_name="市民課 訪問係",
    office_phone="0986-00-0100",
    travel_is_estimate=True,
)

FIRST = SheetStop(
    number=1,
    reference="H10472",
    promised=(clock("9:30"), clock("10:00")),
    drive_s=1080,
    arrive_s=clock("9:20"),
    start_s=clock("9:30"),
    depart_s=clock("10:10"),
    leave_by_s=clock("10:35"),
    name="児玉 花子",
    kana="コダマ ハナコ",
    address="見本市姫川町6街区21号",
    building="",
    landmark="郵便局の西どなり",
    phone="0986-00-0123",
    second_phone="090-0000-0456",
    visit_type="new_card",
    people=3,
    under_15=1,
    access="chair",
    needs=(),
    parking="yes",
    papers="one_with_photo",
    language="ja",
    call_status="reached",
    note="犬がいます。門の前で電話してください。",
    location=(31.7766, 131.1652),
    location_level="address",
)

SECOND = replace(
    FIRST,
    number=2,
    reference="P20391",
    promised=(clock("13:30"), clock("14:00")),
    drive_s=3700,
    arrive_s=clock("13:35"),
    start_s=clock("13:35"),
    depart_s=clock("14:25"),
    leave_by_s=clock("15:40"),
    name="𠮷田 實",
    kana="ヨシダ ミノル",
    address="見本市笛川町大字上1659番地の1",
    building="コーポ見本 203号室",
    landmark="",
    phone="0986-00-0789",
    second_phone="",
    visit_type="card_renewal",
    people=1,
    under_15=0,
    access="wheelchair",
    needs=("wheelchair", "oxygen_free_room"),
    parking="",
    papers="two_without",
    call_status="no_answer",
    note="",
    location=(31.9002, 131.0011),
    location_level="town",
    break_before=(clock("12:00"), clock("13:00")),
    long_leg=True,
)

SKETCH = Sketch(
    path=((31.7195, 131.0615), FIRST.location, SECOND.location, (31.7195, 131.0615)),
    stops=((1, FIRST.location), (2, SECOND.location)),
    depots=((31.7195, 131.0615),),
    lines=(
        ((31.6, 130.9), (31.6, 131.1), (31.8, 131.12), (31.85, 131.0), (31.8, 130.9), (31.6, 130.9)),
        ((31.6, 131.1), (31.6, 131.3), (31.9, 131.3), (31.95, 131.1), (31.8, 131.12), (31.6, 131.1)),
    ),
)

SHEET = RouteSheet(
    stamp=STAMP,
    shift="van-1",
    van_name="1号車",
    crew=("黒木 健", "長友 さくら"),
    start_depot="市役所",
    end_depot="市役所",
    shift_start_s=clock("8:30"),
    shift_end_s=clock("17:15"),
    depart_s=clock("9:02"),
    leave_by_s=clock("9:12"),
    return_s=clock("15:27"),
    drive_home_s=3720,
    travel_s=8500,
    break_=(clock("12:00"), clock("13:00")),
    kit=("背景パネル", "いす", "鏡", "タブレット", "名札", "申請書"),
    stops=(FIRST, SECOND),
    sketch=SKETCH,
)


def nine_stops() -> RouteSheet:
    """A full day: nine stops with ordinary texts, the break before the fifth."""
    stops = tuple(
        replace(
            FIRST,
            number=number,
            reference=f"A{number}0000",
            name=f"住民 {number}号",
            kana=f"ジュウミン {number}",
            address=f"見本市姫川町{number}丁目{number}番{number}号",
            phone=f"0986-00-100{number}",
            second_phone=f"090-0000-200{number}",
            landmark=f"目印その{number}",
            note=f"連絡その{number}",
            location=(31.70 + 0.013 * (number * 4 % 9), 131.02 + 0.011 * number),
            break_before=(clock("12:00"), clock("13:00")) if number == 5 else None,
        )
        for number in range(1, 10)
    )
    places = tuple(stop.location for stop in stops)
    depot = SKETCH.depots[0]
    return replace(
        SHEET,
        stops=stops,
        sketch=replace(SKETCH, path=(depot, *places, depot), stops=tuple(enumerate(places, start=1))),
    )


def longest_stop(number: int = 1) -> SheetStop:
    """A stop with more text in every field than any sheet can show."""
    return replace(
        SECOND,
        number=number,
        reference="X" * 40,
        name="寿限無寿限無五劫の擦り切れ" * 20,
        kana="ジュゲムジュゲムゴコウノスリキレ" * 20,
        address="見本市" + "とても長い町の名前" * 60,
        building="Maison-de-la-Très-Longue-" * 20,
        landmark="W" * 500,
        phone="0986-00-0789-" * 20,
        second_phone="9" * 300,
        needs=("wheelchair", "interpreter_sign", "x" * 300),
        note="ー" * 400 + "長い連絡です。" * 200,
        location_level="town",
    )


CALL = CallEntry(
    reference="H10472",
    name="児玉 花子",
    kana="コダマ ハナコ",
    phone="0986-00-0123",
    second_phone="090-0000-0456",
    fax="",
    mail="",
    caller_name="児玉 誠",
    caller_relation="family",
    promised=(clock("10:00"), clock("10:30")),
    latest_useful_s=clock("8:50"),
    van_name="1号車",
    people=3,
    visit_type="new_card",
    access="chair",
    language="ja",
    papers="one_with_photo",
    last_outcome="no_answer",
    note="耳が遠い方です。ゆっくり話してください。",
)

CALL_LIST = CallList(
    stamp=STAMP,
    calls=(
        CALL,
        replace(
            CALL,
            reference="P20391",
            name="𠮷田 實",
            kana="ヨシダ ミノル",
            phone="0986-00-0789",
            second_phone="",
            caller_name="",
            caller_relation="self",
            promised=(clock("13:30"), clock("14:00")),
            latest_useful_s=clock("12:20"),
            people=1,
            papers="two_without",
            last_outcome="",
            note="",
        ),
    ),
    without_phone=(
        replace(
            CALL,
            reference="K30118",
            name="川野 静",
            kana="カワノ シズカ",
            phone="",
            second_phone="",
            fax="0986-00-0555",
            mail="shizuka.kawano@example.jp",
            caller_relation="self",
            caller_name="",
            language="sign",
            promised=(clock("11:30"), clock("12:00")),
            latest_useful_s=clock("10:55"),
            last_outcome="not_called",
            note="",
        ),
    ),
)
