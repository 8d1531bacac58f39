"""A terminal in a process of its own, on a computer in a poor state: other rights, a full disk.

Reads one JSON object from stdin: ``warm`` (commands to run first, so that all code is loaded), ``uid`` or
``file_limit`` (what is then taken away), ``commands``, ``environ``. Prints a JSON list of status, stdout and stderr.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
from typing import Any

from outreach.terminal.app import run


def said(arguments: list[str], environ: dict[str, str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(arguments, environ)
    return status, out.getvalue(), err.getvalue()


def main(asked: dict[str, Any]) -> list[tuple[int, str, str]]:
    for command in asked["warm"]:
        said(command, asked["warm_environ"])
    if "uid" in asked:
        os.setgroups([])
        os.setgid(asked["uid"])
        os.setuid(asked["uid"])
    if "file_limit" in asked:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_limit"], asked["file_limit"]))
    return [said(command, asked["environ"]) for command in asked["commands"]]


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
