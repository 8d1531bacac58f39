"""Files of every kind that the programme takes, with a My Number at every place one can hold it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.privacy_vectors import (
    Vector,
)

Write = Callable[[Vector, Path], list[str]]


def _csv(*command: str, text: str, encoding: str = "utf-8") -> Write:
    """A text file with ``X`` where the number stands; where the encoding lacks a sign, the number is plain."""

    def write(vector: Vector, folder: Path) -> list[str]:
        path = folder / f"table.{command[-1] if command[-1] in {'toml', 'json', 'geojson'} else 'csv'}"
        written = vector.written if _fits(vector.written, encoding) else vector.number
        path.write_bytes(text.replace("X", written).encode(encoding))
        return [*(word for word in command if word not in {"toml", "json", "geojson"}), str(path)]

    return write


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(text: str) -> Write:
    """A TOML file whose number is written in escapes."""

    def write(vector: Vector, folder: Path) -> list[str]:
        (folder / "fleet.toml").write_text(text.replace("X", "".join(f"\\u{ord(sign):04x}" for sign in vector.number)))
        return ["fleet", "import", str(folder / "fleet.toml")]

    return write


def workbook(put: Callable[[Any, Any, Vector], None], *command: str) -> Write:
    """A workbook of bookings (or what ``command`` takes) into which ``put`` brings the number."""

    def write(vector: Vector, folder: Path) -> list[str]:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["name", "phone", "people", "note"], ["磯貝 ハル", "0991-23-0118", "2", "午前"]):
            sheet.append(row)
        put(book, sheet, vector)
        book.save(folder / "table.xlsx")
        return [*(command or ("booking", "import")), str(folder / "table.xlsx")]

    return write


def _with_part(name: str, content: str) -> Write:
    """A workbook with one more part in its archive."""

    def write(vector: Vector, folder: Path) -> list[str]:
        command = workbook(lambda *_: None)(vector, folder)
        with zipfile.ZipFile(command[-1], "a") as archive:
            archive.writestr(name, content.replace("X", vector.number))
        return command

    return write


def _named(vector: Vector, folder: Path, command: tuple[str, ...], content: bytes, ending: str) -> list[str]:
    path = folder / f"{vector.written.translate(_NO_FILE_NAME)}{ending}"
    path.write_bytes(content)
    return [*command, str(path)]


_NO_FILE_NAME = str.maketrans("/\n\r\t", "----")
BOOKINGS = "name,phone,people,note\n磯貝 ハル,0991-23-0118,2,"
_TOWNS = "prefecture,city,town,kana,lat,lon\n"
_DEPOT = '[[depot]]\nid = "hall"\nname = "{}"\nlat = 38.2\nlon = 143.4\n'


def _geojson(**changed: object) -> str:
    square = [[[143.4, 38.2], [143.5, 38.2], [143.5, 38.3], [143.4, 38.2]]]
    feature = {
        "type": "Feature",
        "properties": {"kind": "district", "name": "北"},
        "geometry": {"type": "Polygon", "coordinates": square},
        **changed,
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


def day_file(**changed: object) -> str:
    day: dict[str, object] = {
        "format": "outreach-day/1",
        "date": "2026-11-24",
        "places": [{"id": "hall", "lat": 31.7, "lon": 131.0}],
        "shifts": [],
        "visits": [],
        **changed,
    }
    return json.dumps(day, ensure_ascii=False)


def _with_number_in_geojson(vector: Vector, folder: Path) -> list[str]:
    """JSON has no number that begins with a zero: there the number is one in a text."""
    number = vector.number if vector.number[0] != "0" else json.dumps(vector.number)
    text = _geojson(id=0).replace('"id": 0', f'"id": {number}')
    return ["district", "import", str(written_to(folder / "districts.geojson", text))]


def number_cell(sheet: Any, vector: Vector, form: str) -> None:
    sheet["D2"] = int(vector.number)
    sheet["D2"].number_format = form


def _hidden_row(sheet: Any, vector: Vector) -> None:
    sheet.append(["", "", "", vector.written])
    sheet.row_dimensions[3].hidden = True


def _depot_sheet(sheet: Any, vector: Vector) -> None:
    sheet.title = "depot"
    sheet["D2"] = vector.written


def _hidden_sheet(book: Any, vector: Vector) -> None:
    hidden = book.create_sheet("控え")
    hidden.sheet_state = "veryHidden"
    hidden["C7"] = vector.written


def _list_of_choices(sheet: Any, vector: Vector) -> None:
    choices = DataValidation(type="list", formula1=f'"{vector.number},2"')
    sheet.add_data_validation(choices)
    choices.add("C2")


_LINK = "<e><sheetDataSet><sheetData><row r='1'><cell r='A1'><v>X</v></cell></row></sheetData></sheetDataSet></e>"

FILES: dict[str, Write] = {
    "csv cell": _csv("booking", "import", text=f'{BOOKINGS}"X"\n', encoding="utf-8"),
    "csv cell with a mark": _csv("booking", "import", text=f'{BOOKINGS}"番号 X"\n', encoding="utf-8-sig"),
    "csv cell in CP932": _csv("booking", "import", text=f'{BOOKINGS}"X"\n', encoding="cp932"),
    "csv cell in UTF-16": _csv("booking", "import", text=f'{BOOKINGS}"X"\n', encoding="utf-16"),
    "csv header": _csv("booking", "import", text='name,"X"\n磯貝,1\n'),
    "sheet of visits": _csv("visit", "log", "--file", text='reference,outcome,note\nA00000,visited,"X"\n'),
    "xlsx text cell": workbook(lambda _, sheet, v: sheet.__setitem__("D2", v.written)),
    "xlsx number": workbook(lambda _, sheet, v: number_cell(sheet, v, "General")),
    "xlsx number with commas": workbook(lambda _, sheet, v: number_cell(sheet, v, "#,##0")),
    "xlsx number shown as a date": workbook(lambda _, sheet, v: number_cell(sheet, v, "yyyy-mm-dd")),
    "xlsx header": workbook(lambda _, sheet, v: sheet.__setitem__("E1", v.written)),
    "xlsx comment": workbook(lambda _, sheet, v: setattr(sheet["B2"], "comment", Comment(v.written, "clerk"))),
    "xlsx comment's author": workbook(lambda _, sheet, v: setattr(sheet["B2"], "comment", Comment("x", v.number))),
    "xlsx sheet name": workbook(lambda _, sheet, v: setattr(sheet, "title", v.number)),
    "xlsx hidden sheet": workbook(lambda book, _, v: _hidden_sheet(book, v)),
    "xlsx hidden row": workbook(lambda _, sheet, v: _hidden_row(sheet, v)),
    "xlsx title": workbook(lambda book, _, v: setattr(book.properties, "title", v.number)),
    "xlsx keywords": workbook(lambda book, _, v: setattr(book.properties, "keywords", v.written)),
    "xlsx defined name": workbook(
        lambda book, _, v: book.defined_names.__setitem__("n", DefinedName("n", attr_text=f'"{v.number}"'))
    ),
    "xlsx list of choices": workbook(lambda _, sheet, v: _list_of_choices(sheet, v)),
    "xlsx page header": workbook(lambda _, sheet, v: setattr(sheet.oddHeader.center, "text", v.number)),
    "xlsx number format": workbook(lambda _, sheet, v: setattr(sheet["C2"], "number_format", f'"{v.number}"0')),
    "xlsx code name": workbook(lambda _, sheet, v: setattr(sheet.sheet_properties, "codeName", f"n{v.number}")),
    "xlsx link": workbook(lambda _, sheet, v: setattr(sheet["A2"], "hyperlink", f"http://x/{v.number}")),
    "xlsx copy in a pivot table": _with_part("xl/pivotCache/pivotCacheRecords1.xml", "<r><n v='X'/></r>"),
    "xlsx copy from another workbook": _with_part("xl/externalLinks/externalLink1.xml", _LINK),
    "xlsx scenario": _with_part("xl/worksheets/sheet9.xml", "<w><inputCells r='A1' val='X'/></w>"),
    "xlsx custom property": workbook(
        lambda book, _, v: book.custom_doc_props.append(StringProperty(name="memo", value=v.written))
    ),
    "xlsx custom part": _with_part("customXml/item1.xml", "<p a='X'/>"),
    "xlsx picture's name": lambda v, folder: _with_part(f"xl/media/{v.number}.png", "")(v, folder),
    "xlsx drawing": _with_part("xl/drawings/drawing1.xml", "<x xmlns:a='a'><a:p><a:t>X</a:t></a:p></x>"),
    "bookings' file name": lambda v, f: _named(v, f, ("booking", "import"), f"{BOOKINGS}x".encode(), ".csv"),
    "gazetteer cell": _csv("gazetteer", "import", text=f'{_TOWNS}東雲県,白瀬市,"X",,38.2,143.4\n'),
    "gazetteer cell nobody reads": _csv(
        "gazetteer", "import", text='memo,prefecture,city,town,lat,lon\n"X",東雲県,白瀬市,本町,38.2,143.4\n'
    ),
    "gazetteer cell in CP932": _csv(
        "gazetteer", "import", text=f'{_TOWNS}東雲県,白瀬市,"X",,38.2,143.4\n', encoding="cp932"
    ),
    "gazetteer header": _csv("gazetteer", "import", text='"X",prefecture\n1,2\n'),
    "gazetteer file name": lambda v, f: _named(v, f, ("gazetteer", "import"), _TOWNS.encode(), ".csv"),
    "district cell": _csv("district", "import", text='district,town\n"X",本町\n'),
    "district header": _csv("district", "import", text='district,town,"X"\n北,本町,1\n'),
    "geojson value": _csv("district", "import", "geojson", text=_geojson(properties={"kind": "district", "name": "X"})),
    "geojson key": _csv("district", "import", "geojson", text=_geojson(properties={"kind": "district", "X": 1})),
    "geojson id": _csv("district", "import", "geojson", text=_geojson(id="X")),
    "geojson number": _with_number_in_geojson,
    "district file name": lambda v, f: _named(v, f, ("district", "import"), _geojson().encode(), ".geojson"),
    "fleet value": _csv("fleet", "import", "toml", text=_DEPOT.format("X")),
    "fleet key": _csv("fleet", "import", "toml", text=_DEPOT.format("hall") + '"X" = 1\n'),
    "fleet comment": _csv("fleet", "import", "toml", text=_DEPOT.format("hall") + "# X\n"),
    "fleet escapes": _escaped(_DEPOT.format("X")),
    "fleet file name": lambda v, f: _named(v, f, ("fleet", "import"), _DEPOT.format("hall").encode(), ".toml"),
    "fleet workbook": workbook(lambda _, sheet, v: _depot_sheet(sheet, v), "fleet", "import"),
    "day id": _csv("solve", "json", text=day_file(places=[{"id": "X", "lat": 31.7, "lon": 131.0}])),
    "day key": _csv("solve", "json", text=day_file(X=1)),
    "day text": _csv("solve", "json", text=day_file(travel_source="X")),
    "plan id": lambda v, f: [
        *("check", str(written_to(f / "day.json", day_file()))),
        str(written_to(f / "plan.json", json.dumps({"format": "outreach-plan/1", "routes": [{"shift": v.written}]}))),
    ],
}
"""Every place in every file that the programme takes."""


def written_to(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
