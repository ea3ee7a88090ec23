"""Charts of what may be heard here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from yuefu.api.documentation import USUAL, refusals
from yuefu.web import schemas_listening as schemas
from yuefu.web.identity import Here, Known

router = APIRouter(tags=["listening"], responses=USUAL)


@router.get("/charts", operation_id="getChart", responses=refusals(503))
def chart(
    services: Here,
    visitor: Known,
    period: schemas.Period = "week",
    kind: schemas.ItemKind = "piece",
    n: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.Chart:
    """What is heard most, by how many and how lately; one person's thousand plays count little more than ten."""
    from yuefu.workflows.charts import charts

    with services.turns.turn():
        rows = charts(services.store, visitor.id, period, kind=kind, n=n)
    return schemas.Chart(period=period, rows=[schemas.ChartLine.model_validate(asdict(row)) for row in rows])
