"""Where things are: the home folder, the database, the language; cheap to import, for every command starts here.

Home is ``--home``, else ``OUTREACH_HOME``, else the user's data folder: ``$XDG_DATA_HOME/outreach`` (that is
``~/.local/share/outreach``), on Windows ``%LOCALAPPDATA%\\outreach``. The language is ``--lang``, else
``OUTREACH_LANG``, else ``language`` of the rules file, else the language of the computer (Japanese or English).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from outreach.errors import BadInput
from outreach.programme.clock import NOW_VARIABLE, Clock, FixedClock, SystemClock, instant_from
from outreach.words import LANGUAGES

HOME_VARIABLE = "OUTREACH_HOME"
DATABASE_VARIABLE = "OUTREACH_DATABASE_URL"
LANGUAGE_VARIABLE = "OUTREACH_LANG"

SERVE_PARTS_VARIABLE = "OUTREACH_SERVE_PARTS"
SERVE_DEMO_VARIABLE = "OUTREACH_SERVE_DEMO"
SERVE_HTTPS_VARIABLE = "OUTREACH_SERVE_HTTPS"
"""How ``outreach serve`` tells the process that serves the pages what it was asked for."""

RULES_FILE = "outreach.toml"
DATABASE_FILE = "outreach.sqlite3"

_POSTGRESQL = "postgresql+psycopg://"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where one installation keeps its things, and how it speaks.

    Attributes:
        home: absolute folder of the rules file, the embedded database and the published files; may not exist yet.
        database_url: an SQLAlchemy address; it can hold a password and is therefore not in the ``repr``.
        language: ``"ja"`` or ``"en"``.
        now: the instant ``OUTREACH_NOW`` names, or ``None`` for the running clock.
    """

    home: Path
    database_url: str = field(repr=False)
    language: str
    now: datetime | None = None

    @property
    def rules_file(self) -> Path:
        """The city's rules."""
        return self.home / RULES_FILE

    @property
    def database_file(self) -> Path | None:
        """The embedded database's file, or ``None`` where the database is a server."""
        if not self.database_url.startswith("sqlite"):
            return None
        return Path(self.database_url.partition(":///")[2])

    @property
    def published(self) -> Path:
        """Folder of published sheets, lists and maps."""
        return self.home / "published"

    @property
    def backups(self) -> Path:
        """Folder of copies taken before an upgrade."""
        return self.home / "backups"

    @property
    def locks(self) -> Path:
        """Folder of the lock files by which writers on one computer take turns at a day."""
        return self.home / "locks"

    @property
    def clock(self) -> Clock:
        """The clock to ask: one that stands still where ``now`` is set."""
        return SystemClock() if self.now is None else FixedClock(self.now)


def settings_from(
    environ: Mapping[str, str], home_option: str | Path | None = None, lang_option: str | None = None
) -> Settings:
    """Return the settings that the options and the environment ask for; nothing is created.

    Raises:
        BadInput: ``LANGUAGE_UNKNOWN``, ``DATABASE_URL_UNKNOWN``, ``NOW_UNREADABLE``.
    """
    home = _home(environ, home_option)
    now = environ.get(NOW_VARIABLE, "").strip()
    return Settings(
        home=home,
        database_url=_database_url(environ.get(DATABASE_VARIABLE, "").strip(), home),
        language=_language(environ, home / RULES_FILE, lang_option),
        now=instant_from(now) if now else None,
    )


def language_asked_for(text: str) -> str:
    """Return the language of ``ja``, ``JA``, ``ja_JP.UTF-8`` or ``en-GB``.

    Raises:
        BadInput: ``LANGUAGE_UNKNOWN``.
    """
    language = text.strip().lower().replace("-", "_").partition("_")[0].partition(".")[0]
    if language not in LANGUAGES:
        raise BadInput("LANGUAGE_UNKNOWN", known=list(LANGUAGES))
    return language


def _home(environ: Mapping[str, str], option: str | Path | None) -> Path:
    if option:
        chosen = Path(option)
    elif environ.get(HOME_VARIABLE):
        chosen = Path(environ[HOME_VARIABLE])
    elif environ.get("XDG_DATA_HOME"):
        chosen = Path(environ["XDG_DATA_HOME"]) / "outreach"
    elif environ.get("LOCALAPPDATA"):
        chosen = Path(environ["LOCALAPPDATA"]) / "outreach"
    else:
        chosen = Path(environ.get("HOME") or Path.home()) / ".local" / "share" / "outreach"
    return chosen.expanduser().absolute()


def _database_url(url: str, home: Path) -> str:
    if not url:
        return f"sqlite:///{home / DATABASE_FILE}"
    if url.startswith("sqlite:///"):
        return url
    for short in ("postgresql://", "postgres://", _POSTGRESQL):
        if url.startswith(short):
            return _POSTGRESQL + url[len(short) :]
    raise BadInput("DATABASE_URL_UNKNOWN")


def _language(environ: Mapping[str, str], rules_file: Path, option: str | None) -> str:
    asked = option or environ.get(LANGUAGE_VARIABLE, "").strip()
    if asked:
        return language_asked_for(asked)
    return _language_of_rules(rules_file) or _language_of_computer(environ)


def _language_of_rules(rules_file: Path) -> str | None:
    """Peek at one key without judging the file: the command that uses the rules says what is wrong with them."""
    try:
        text = rules_file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return None
    import tomllib

    try:
        city = tomllib.loads(text).get("city", {})
    except (ValueError, RecursionError):
        return None
    # A file that leaves the key out means the field's default, which is Japanese.
    language = city.get("language", "ja") if isinstance(city, dict) else None
    return language if language in LANGUAGES else None


def _language_of_computer(environ: Mapping[str, str]) -> str:
    """Japanese on a Japanese computer, English everywhere else (the C locale included, as is its custom)."""
    name = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if not name and sys.platform == "win32":
        import locale

        name = locale.getlocale()[0] or ""  # Japanese_Japan
    return "ja" if name.lower().startswith("ja") else "en"
