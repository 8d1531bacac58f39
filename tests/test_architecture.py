"""The direction of imports, executable: libraries are strangers, the application leans on them, the faces on it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_import_contracts_are_kept() -> None:
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    result = subprocess.run(
        [sys.executable, "-c", linter, "--config", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_cli_imports_only_the_terminal_and_the_settings() -> None:
    tree = ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name for name in imported if name.split(".")[0] in {"outreach", "routing", "bookings", "maps"}}
    allowed = {"outreach.terminal", "outreach.programme.settings"}
    assert {name for name in ours if not any(name == good or name.startswith(good + ".") for good in allowed)} == set()


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("routing.check", "ortools"),
        ("routing.files", "ortools"),
        ("cli", "folium"),
        ("cli", "ortools"),
        ("cli", "sqlmodel"),
        ("cli", "pydantic"),
    ],
)
def test_importing_a_module_does_not_load_a_heavy_package(module: str, heavy: str) -> None:
    code = f"import sys; import {module}; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_package_host_is_named_in_the_repository() -> None:
    hosts = ("py" + "pi.org", "pythonhosted" + ".org", "registry.npm" + "js.org", "jsdelivr" + ".net", "unpkg" + ".com")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [
        name
        for name in listed.split("\0")
        if name and (ROOT / name).is_file() and any(h in (ROOT / name).read_text("utf-8", "ignore") for h in hosts)
    ]
    assert named == []
