"""Finds the line of every key in a TOML text, so that a finding can point at it: the standard parser keeps none."""

from __future__ import annotations

import tomllib

KeyPath = tuple[str | int, ...]
"""Table and key names and list positions from the top: ``("service_days", "weekdays", 0)``."""

_BARE_ENDS = frozenset(",]}#\n\r \t")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the 1-based line of every table, key and list item of ``text``.

    Args:
        text: TOML that :func:`tomllib.loads` accepts; anything else gives a meaningless answer or ``IndexError``.
    """
    return _Scanner(text.replace("\r\n", "\n")).scan()


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Return the line of ``path``, or of the nearest table around it that stands in the text, or 1."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


class _Scanner:
    """One walk through a text that is known to be valid: it only has to know where values end."""

    def __init__(self, text: str) -> None:
        self.text = text + "\n"
        self.at = 0
        self.line = 1
        self.lines: dict[KeyPath, int] = {}
        self.array_sizes: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip_to_content(newlines=True):
            if self.text[self.at] == "[":
                table = self._table_header()
            else:
                self._pair(table)
        return self.lines

    def _table_header(self) -> KeyPath:
        is_array = self.text.startswith("[[", self.at)
        self._advance(2 if is_array else 1)
        path = self._resolved(self._key())
        self._advance(2 if is_array else 1)
        if is_array:
            position = self.array_sizes.get(path, 0)
            self.array_sizes[path] = position + 1
            self._note(path)
            path = (*path, position)
        self._note(path)
        return path

    def _resolved(self, names: KeyPath) -> KeyPath:
        """Inside an array of tables a header means its last element: ``[[a]]`` then ``[a.b]`` is ``a.0.b``."""
        path: KeyPath = ()
        for place, name in enumerate(names):
            path = (*path, name)
            if place < len(names) - 1 and path in self.array_sizes:
                path = (*path, self.array_sizes[path] - 1)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self.line
        path = (*table, *self._key())
        self._note(path, line)
        self._skip_to_content(newlines=False)
        self._advance(1)  # the equals sign
        self._skip_to_content(newlines=False)
        self._value(path)

    def _key(self) -> KeyPath:
        """Read a dotted key, which ends before ``=`` or ``]``."""
        names: list[str | int] = []
        while True:
            self._skip_to_content(newlines=False)
            start = self.at
            if self.text[start] in "\"'":
                self._string()
                names.append(_quoted_name(self.text[start : self.at]))
            else:
                while self.text[self.at] not in ".=] \t":
                    self._advance(1)
                names.append(self.text[start : self.at])
            self._skip_to_content(newlines=False)
            if self.text[self.at] != ".":
                return tuple(names)
            self._advance(1)

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self.text[self.at] not in _BARE_ENDS:
                self._advance(1)
            # A date and a time may be parted by one space: 2026-12-01 08:30:00.
            if self.text[self.at] == " " and self.text[self.at + 1].isdigit():
                self._advance(1)
                self._value(path)

    def _array(self, path: KeyPath) -> None:
        self._advance(1)
        position = 0
        while self._skip_to_content(newlines=True) and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            item = (*path, position)
            self._note(item)
            self._value(item)
            position += 1
        self._advance(1)

    def _inline_table(self, path: KeyPath) -> None:
        self._advance(1)
        while self._skip_to_content(newlines=True) and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self._advance(1)
                continue
            self._pair(path)
        self._advance(1)

    def _string(self) -> None:
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            self._advance(3)
            while not self.text.startswith(quote * 3, self.at):
                self._advance(2 if quote == '"' and self.text[self.at] == "\\" else 1)
            self._advance(3)
            # Up to two quotes may stand right before the closing three: """say "yes"""""
            while self.text[self.at] == quote:
                self._advance(1)
            return
        self._advance(1)
        while self.text[self.at] != quote:
            self._advance(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        self._advance(1)

    def _skip_to_content(self, *, newlines: bool) -> bool:
        """Move past blanks (with ``newlines`` also past line ends and comments); False at the end of the text."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in " \t" or (newlines and character == "\n"):
                self._advance(1)
            elif newlines and character == "#":
                while self.text[self.at] != "\n":
                    self._advance(1)
            else:
                return True
        return False

    def _advance(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def _note(self, path: KeyPath, line: int | None = None) -> None:
        """Keep the first line a path is seen at, its own and that of every table it implies."""
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line if line is None else line)


def _quoted_name(source: str) -> str:
    """Return what a quoted key means, escapes and all."""
    name: str = tomllib.loads(f"name = {source}")["name"]
    return name
