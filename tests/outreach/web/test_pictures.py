"""The pictures in the documents can be taken anew, all of them are there, and none is heavy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from outreach.services.office import Office
from outreach.words import LANGUAGES
from tests.web_pictures import IMAGES, LARGEST, NAMES, PARTS, city, file_of, take

pytestmark = pytest.mark.browser


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_can_be_taken_anew(
    browser: Any, sqlite_office: Office, tmp_path: Path, language: str, part: str
) -> None:
    take(browser, city(sqlite_office), tmp_path, language, parts=[part])
    wanted = {file_of(name, language) for name in NAMES if name.startswith(part)}
    assert {file.name for file in tmp_path.glob("*.png")} == wanted
    for name in wanted:
        with Image.open(tmp_path / name) as new, Image.open(IMAGES / name) as kept:
            assert new.size == kept.size


@pytest.mark.parametrize("name", [file_of(name, language) for name in NAMES for language in LANGUAGES])
def test_no_picture_is_heavy(name: str) -> None:
    assert 0 < (IMAGES / name).stat().st_size < LARGEST
