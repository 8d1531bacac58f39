"""``/desk``: what a clerk has in front while a resident is on the line, and the lists around the calls."""

from __future__ import annotations

from fastapi import APIRouter

from outreach.web.desk import call, lists, papers, promises

router = APIRouter()
for part in (call, promises, lists, papers):
    router.include_router(part.router)
