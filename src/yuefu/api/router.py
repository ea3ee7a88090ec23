"""All routes of the API, under one prefix."""

from __future__ import annotations

from fastapi import APIRouter

from yuefu.api import (
    accounts,
    briefs,
    charts,
    events,
    files,
    for_me,
    ideas,
    jobs,
    pieces,
    playlists,
    recommendations,
    reference,
    server,
    sharing,
    taste,
    versions,
)

PREFIX = "/api/v1"

router = APIRouter()
for _part in (
    server, briefs, jobs, pieces, versions, files, ideas, events, recommendations, playlists, charts, taste, for_me,
    sharing, accounts,
):  # fmt: skip
    router.include_router(_part.router, prefix=PREFIX)
router.include_router(reference.router)
