"""``/book`` and ``/my``: the form for residents and their families, one question a page, and a page of their own."""

from __future__ import annotations

from fastapi import APIRouter

from outreach.web.public import choosing, form, own

router = APIRouter()
router.include_router(form.router)
router.include_router(choosing.router)
router.include_router(own.router)
