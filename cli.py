"""The front door: assembles the terminal's commands and hands the exit status to the shell."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the terminal."""
    from outreach.terminal.app import run

    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a mark instead of failing.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    status = run(sys.argv[1:], os.environ)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read (``| head``) has enough. Python would complain of it once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


if __name__ == "__main__":
    main()
