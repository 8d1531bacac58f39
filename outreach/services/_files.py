"""Writes several files as one: aside first, then under their names, all of them or none."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_ASIDE = ".writing-"
"""How folders of unfinished files begin; one is left behind only by a process that was killed."""


@dataclass
class Staged:
    """Files that are whole and wait aside. ``digests`` maps each name to its SHA-256."""

    aside: Path
    folder: Path
    digests: Mapping[str, str]
    _moved: list[str] = field(default_factory=list)
    _folder_is_new: bool = False

    def put_in_place(self) -> None:
        """Move the files into their folder. On any failure what was there before is there again.

        A folder that does not exist yet appears with all its files in one step.
        """
        if not self.folder.exists():
            self._new.rename(self.folder)
            self._folder_is_new = True
            return
        try:
            for name in self.digests:
                if (self.folder / name).is_dir():
                    raise IsADirectoryError(name)  # somebody's folder is not ours to put away
                self._moved.append(name)
                if (self.folder / name).exists():
                    (self.folder / name).replace(self._old / name)
                (self._new / name).replace(self.folder / name)
        except BaseException:
            self.take_back()
            raise

    def take_back(self) -> None:
        """Undo :meth:`put_in_place`, as far as it came."""
        if self._folder_is_new:
            self.folder.rename(self._new)
            self._folder_is_new = False
        while self._moved:
            name = self._moved.pop()
            if (self._old / name).exists():
                (self._old / name).replace(self.folder / name)
            elif not (self._new / name).exists():
                (self.folder / name).unlink(missing_ok=True)

    @property
    def _new(self) -> Path:
        return self.aside / "new"

    @property
    def _old(self) -> Path:
        return self.aside / "old"


@contextmanager
def staged(folder: Path, contents: Mapping[str, bytes]) -> Iterator[Staged]:
    """Write files aside, where a rename brings them into ``folder``; what was not put in place is thrown away."""
    near = folder if folder.is_dir() else folder.parent
    near.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=near))
    try:
        (aside / "old").mkdir()
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
