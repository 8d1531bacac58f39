"""Serves the pages: one process on the embedded database, several on a database server.

``outreach serve`` reads the options, looks through the installation and then becomes this module's process.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import threading
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from outreach.programme.settings import (
    SERVE_DEMO_VARIABLE,
    SERVE_HTTPS_VARIABLE,
    SERVE_PARTS_VARIABLE,
    settings_from,
)
from outreach.services import warming
from outreach.services.office import Office, open_office
from outreach.web.app import Part, create_app
from outreach.web.pages import load_templates

LONGEST_WAIT_FOR_A_REQUEST_S = 5

LONGEST_WAIT_AT_THE_END_S = 20
"""After the word to stop, requests under way are answered; none of them may take longer than this."""

LONGEST_SILENCE_OF_A_WORKER_S = 60
"""A process that is slow on a busy computer is not dead."""

WARM_AFTER_S = 1.0
"""The first answers come first."""


def app_from_environ() -> FastAPI:
    """The pages that the environment of this process asks for; made anew in every process of a server."""
    office = open_office(settings_from(os.environ), who="web", channel="web")
    only = os.environ.get(SERVE_PARTS_VARIABLE, "")
    parts = tuple(Part(part) for part in only.split(",")) if only else tuple(Part)
    app = create_app(
        office,
        parts=parts,
        offers_windows=Part.DESK in parts,
        demo=os.environ.get(SERVE_DEMO_VARIABLE) == "1",
        behind_https=os.environ.get(SERVE_HTTPS_VARIABLE) == "1",
    )
    warming.load()
    load_templates()
    background = threading.Timer(WARM_AFTER_S, _warm, (office,))
    background.daemon = True
    background.start()
    return app


def _warm(office: Office) -> None:
    """Work out what the first call needs. What cannot be worked out now tells whoever needs it."""
    with contextlib.suppress(Exception):
        warming.warm(office)


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m outreach.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    uvicorn.run(
        "outreach.web.serving:app_from_environ",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        proxy_headers=os.environ.get(SERVE_HTTPS_VARIABLE) == "1",
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        access_log=False,  # an address with a reference or a link in it belongs in no log
        log_level="warning",
        timeout_keep_alive=LONGEST_WAIT_FOR_A_REQUEST_S,
        timeout_graceful_shutdown=LONGEST_WAIT_AT_THE_END_S,
        timeout_worker_healthcheck=LONGEST_SILENCE_OF_A_WORKER_S,
        h11_max_incomplete_event_size=16 * 1024,
    )
    return 0
