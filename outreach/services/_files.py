"""Writes several files as one: aside first, then under their names, all of them or none."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ASIDE = ".writing-"
"""How folders of unfinished files begin; one is left behind only by a process that was killed."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Files that are whole and wait aside. ``digests`` maps each name to its SHA-256."""

    aside: Path
    folder: Path
    digests: Mapping[str, str]

    def put_in_place(self) -> None:
        """Move the files into their folder. On any failure what was there before is there again.

        A folder that does not exist yet appears with all its files in one step.
        """
        new = self.aside / "new"
        if not self.folder.exists():
            new.rename(self.folder)
            return
        old = self.aside / "old"
        old.mkdir()
        moved: list[str] = []
        try:
            for name in self.digests:
                moved.append(name)
                if (self.folder / name).exists():
                    (self.folder / name).replace(old / name)
                (new / name).replace(self.folder / name)
        except BaseException:
            for name in reversed(moved):
                if (old / name).exists():
                    (old / name).replace(self.folder / name)
                elif not (new / name).exists():
                    (self.folder / name).unlink(missing_ok=True)
            raise


@contextmanager
def staged(folder: Path, contents: Mapping[str, bytes]) -> Iterator[Staged]:
    """Write files aside, next to ``folder``; what was not put in place at the end is thrown away."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder.parent))
    try:
        new = aside / "new"
        new.mkdir()
        for name, data in contents.items():
            with (new / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
        yield Staged(aside, folder, digests)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_together(folder: Path, contents: Mapping[str, bytes]) -> Mapping[str, str]:
    """Write files aside and move them into ``folder`` when all of them are whole; returns each name with its SHA-256.

    An existing file is replaced.
    """
    with staged(folder, contents) as files:
        files.put_in_place()
    return files.digests
