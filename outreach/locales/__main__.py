"""Compiles every ``.po`` catalog to the ``.mo`` beside it (needs Babel, a development dependency)."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalog(source: Path) -> bytes:
    """Return the compiled form of one ``.po`` file.

    Raises:
        ValueError: when a key stands twice in the file.
    """
    with source.open("rb") as stream:
        catalog = read_po(stream, abort_invalid=True)
    keys = [line for line in source.read_text(encoding="utf-8").splitlines() if line.startswith("msgid ")]
    if len(keys) != len(set(keys)):
        raise ValueError(f"{source.name} holds a key twice: {sorted({key for key in keys if keys.count(key) > 1})}")
    # Babel writes the moment of compiling into the header: equal texts must give equal bytes.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def main() -> None:
    """Compile all catalogs of all languages."""
    for source in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po")):
        source.with_suffix(".mo").write_bytes(compile_catalog(source))


if __name__ == "__main__":
    main()
