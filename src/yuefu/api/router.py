"""All routes of the API, under one prefix."""

from __future__ import annotations

from fastapi import APIRouter

from yuefu.api import accounts, briefs, files, ideas, jobs, pieces, reference, server, sharing, versions

PREFIX = "/api/v1"

router = APIRouter()
for _part in (server, briefs, jobs, pieces, versions, files, ideas, sharing, accounts):
    router.include_router(_part.router, prefix=PREFIX)
router.include_router(reference.router)
