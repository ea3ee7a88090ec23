"""Is the server well, what can be asked for, and the sounds of the browser's player."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from yuefu import __version__
from yuefu.api.documentation import USUAL, refusals
from yuefu.errors import YuefuError
from yuefu.web import schemas
from yuefu.web.errors import WebError
from yuefu.web.identity import Anybody, Here, Known
from yuefu.web.views import MEDIA_TYPES, formats, needs

router = APIRouter(tags=["server"])


@router.get("/health", operation_id="health", responses=refusals(429), dependencies=[Anybody])
def health(services: Here) -> schemas.Health:
    """Whether all parts are there: the database, the workers, the model."""
    waiting = running = 0
    try:
        counts = services.store.jobs.counts()
        waiting, running = counts["queued"], counts["running"]
        database = True
    except (YuefuError, OSError, RuntimeError):
        database = False
    except Exception as error:
        if "sqlalchemy" not in type(error).__module__:
            raise
        database = False
    alive = services.workers.alive if services.workers is not None else 0
    well = database and alive >= min(1, services.settings.workers)
    return schemas.Health(
        status="ok" if well else "degraded", version=__version__, model=_model()["hash"], database=database,
        workers=alive, queue=schemas.Queue(waiting=waiting, running=running, most=services.settings.queue),
    )  # fmt: skip


@router.get("/models", operation_id="models", responses=USUAL)
def models(_: Known) -> schemas.Models:
    """Styles, instruments by family, formats, engines, metres, keys and rows."""
    return _with_own_styles(_models())


@router.get(
    "/sounds/{sound}/{pitch}.flac",
    operation_id="sound",
    response_class=Response,
    responses={
        200: {"content": {"audio/flac": {}}, "description": "One note, mono."},
        **refusals(404, 422, 429, 501, 503),
    },
    dependencies=[Anybody],
)
def sound(
    services: Here,
    sound: Annotated[str, Path(pattern=r"^(drums|[0-9]{1,3})$", description="A General MIDI program, or drums.")],
    pitch: Annotated[int, Path(ge=0, le=127)],
) -> Response:
    """One note of the soundfont, for the browser's player, on shared pages too. It may be kept for ever."""
    program = None if sound == "drums" else int(sound)
    if program is not None and program > 127:
        raise WebError(404, "not_found", kind="NotFoundError")
    return _sound(services, program, pitch)


def _sound(services: Any, program: int | None, pitch: int) -> Response:
    from yuefu.audio.samples import sample_flac

    def made() -> bytes:
        with services.turns.turn():
            return bytes(sample_flac(program, pitch, folder=services.settings.data / "sounds"))

    data = services.views.get(("sound", program, pitch), made)
    return Response(data, media_type="audio/flac", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@cache
def _model() -> dict[str, Any]:
    import json

    from yuefu.workflows.models import model_folder, weights_hash

    folder = model_folder()
    manifest = folder / "manifest.json"
    told = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}
    plain = {key: value for key, value in told.items() if isinstance(value, (str, int, float))}
    return {**plain, "hash": weights_hash(folder)}


def _with_own_styles(models: schemas.Models) -> schemas.Models:
    """What is offered, with the styles that were learnt on this machine."""
    from yuefu.text.adapted import adapted_styles

    own = [
        schemas.Style(
            key=style.name,
            en=style.name,
            zh=style.name,
            tempo=style.manifest.figures.tempo,
            meters=list(style.manifest.figures.meters),
            minor=round(sum(v.weight for v in style.manifest.figures.variants if v.mode == "minor"), 3),
            forms=[form for form, _ in style.manifest.figures.forms],
        )
        for style in adapted_styles()
    ]
    return models.model_copy(update={"styles": [*models.styles, *own]}) if own else models


@cache
def _models() -> schemas.Models:
    from yuefu.engines.table import all_facts
    from yuefu.score.model import ROWS
    from yuefu.theory.instruments import INSTRUMENTS
    from yuefu.theory.key import Key
    from yuefu.theory.meter import METERS
    from yuefu.theory.styles import STYLES

    families: dict[str, list[schemas.Instrument]] = {}
    for each in INSTRUMENTS.values():
        families.setdefault(each.family, []).append(
            schemas.Instrument(
                key=each.key,
                en=each.en,
                zh=each.zh,
                program=each.program,
                low=each.low,
                high=each.high,
                is_drums=each.is_drums,
                rows=list(each.roles),
            )
        )
    return schemas.Models(
        version=__version__,
        model=_model(),
        styles=[
            schemas.Style(
                key=style.key,
                en=style.en,
                zh=style.zh,
                tempo=style.tempo,
                meters=[name for name, _ in style.meters],
                minor=style.minor,
                forms=list(style.forms),
            )
            for style in STYLES.values()
        ],
        families=[schemas.Family(key=key, instruments=found) for key, found in families.items()],
        formats=[
            schemas.FileFormat(
                key=key, file=file, media_type=MEDIA_TYPES.get(key, "application/octet-stream"), needs=needs(key)
            )
            for key, file in formats().items()
        ],
        engines=[
            schemas.Engine(
                key=each["name"],
                **{name: each[name] for name in ("en", "zh", "rows", "tasks", "meters", "parameters", "hash")},
            )
            for each in all_facts()
            if not each["needs"]
        ],
        meters=list(METERS),
        keys=[Key(fifths, mode).name for mode in ("major", "minor") for fifths in range(-6, 7)],  # type: ignore[arg-type]
        rows=list(ROWS),
    )
