"""The brief by a language model, merged under one rule: an option, then what the words say plainly, then the model,
then what was inferred."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from yuefu.errors import YuefuError
from yuefu.llm.client import Message
from yuefu.llm.ladder import Outcome, climb, said
from yuefu.llm.settings import LlmSettings
from yuefu.text.brief import MAX_TITLE, Asked, Brief
from yuefu.text.form import parse_form
from yuefu.text.language import language_of
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS
from yuefu.theory.styles import STYLES

KEYS = tuple(Key(fifths, mode).name for mode in ("major", "minor") for fifths in range(-6, 7))
MOST_BARS = 256
MOST_PLAYERS = 8
#: Fields, any of which being said keeps the model from setting the length or the form.
_LENGTHS = ("form", "bars", "duration")
_NAMED = re.compile(r"《|\b(?:titled|entitled|called)\b|名为|名叫|题为|歌名|标题")
_MOST_LYRICS = 3000


def _listed(value: Any) -> Any:
    """Names in one string, as models like to write lists."""
    if isinstance(value, str):
        value = [name for name in re.split(r"[,;，、；]\s*", value) if name]
    return [v.strip().lower().replace(" ", "_") if isinstance(v, str) else v for v in value] if isinstance(
        value, list) else value  # fmt: skip


def _lower(value: Any) -> Any:
    return value.strip().lower().replace(" ", "_") if isinstance(value, str) else value


def _key(value: Any) -> Any:
    try:
        return Key.parse(value).name if isinstance(value, str) else value
    except YuefuError:
        return value


class BriefDraft(BaseModel):
    """What a model proposes; every field may be left open."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    title: Annotated[str, Field(max_length=MAX_TITLE)] | None = None
    style: Annotated[Literal[tuple(STYLES)], BeforeValidator(_lower)] | None = None  # type: ignore
    key: Annotated[Literal[KEYS], BeforeValidator(_key)] | None = None  # type: ignore
    meter: Literal[METERS] | None = None  # type: ignore
    tempo: Annotated[float, Field(ge=20, le=300, description="quarter notes a minute")] | None = None
    bars: Annotated[int, Field(ge=4, le=MOST_BARS)] | None = None
    form: (
        Annotated[str, Field(max_length=200, description='such as "intro:4 verse:16 chorus:16" or "A:8 B:8"')] | None
    ) = None
    instruments: (
        Annotated[
            list[Literal[tuple(INSTRUMENTS)]],  # type: ignore
            Field(max_length=MOST_PLAYERS),
            BeforeValidator(_listed),
        ]
        | None
    ) = None
    valence: Annotated[float, Field(ge=-1, le=1, description="-1 sad or dark, 1 happy")] | None = None
    arousal: Annotated[float, Field(ge=-1, le=1, description="-1 calm, 1 excited")] | None = None

    @field_validator("title")
    @classmethod
    def _one_line(cls, title: str | None) -> str | None:
        title = " ".join(title.split()).strip(" \"'“”《》") if title else None
        if title and language_of(title) == "unsupported":
            raise ValueError("write the title in Chinese or English")
        return title or None

    @field_validator("form")
    @classmethod
    def _readable(cls, form: str | None) -> str | None:
        if form:
            try:
                parse_form(form)
            except YuefuError as error:
                raise ValueError(str(error)) from None
        return form or None


def draft_brief(settings: LlmSettings, brief: Brief) -> Outcome[BriefDraft]:
    """Ask a model for what a brief leaves open."""
    return climb(settings, BriefDraft, _messages(brief))


def _messages(brief: Brief) -> list[Message]:
    known = {
        name: getattr(brief, name).value
        for name in ("style", "key", "mode", "meter", "tempo", "bars", "duration", "instruments", "without")
        if is_said(getattr(brief, name))
    }
    language = "Chinese" if brief.language.value == "zh" else "English"
    told = [
        "You plan a piece of music for a composer's program. Answer with one JSON object and nothing else. Its "
        "fields, each null where you have no reason to choose: title (in " + language + "), style, key, meter, tempo "
        "(quarter notes a minute), bars, form (sections with bars), instruments (all who play, at most 8), "
        "valence and arousal (-1 to 1).",
        "Styles: " + ", ".join(STYLES),
        "Keys: such as G major, E minor. Metres: " + ", ".join(METERS),
        "Instruments: " + ", ".join(INSTRUMENTS),
    ]
    asked = [f"Wanted: {brief.words}" if brief.words else "Wanted: a setting of these lyrics."]
    if brief.lyrics.value:
        asked.append("Lyrics:\n" + brief.lyrics.value[:_MOST_LYRICS])
    if known:
        asked.append("Already settled, don't contradict it: " + json.dumps(known, ensure_ascii=False))
    return [{"role": "system", "content": "\n".join(told)}, {"role": "user", "content": "\n".join(asked)}]


def is_said(asked: Asked[Any]) -> bool:
    """Whether a field was asked for by an option or plainly by the words."""
    return asked.value is not None and (asked.source == "user" or (asked.source == "text" and asked.confidence is None))


def merge_brief(brief: Brief, draft: BriefDraft) -> Brief:
    """The brief with a model's proposals where nothing was said plainly.

    >>> merged = merge_brief(Brief(tempo=Asked(value=90, source="user")), BriefDraft(tempo=120, style="jazz"))
    >>> merged.tempo.value, merged.style.value, merged.style.source
    (90.0, 'jazz', 'llm')
    """
    found = {name: value for name, value in said(draft).items() if _is_open(brief, name)}
    if "form" in found:
        found["form"] = parse_form(found["form"])
        if any(item.bars for item in found["form"]):
            found.pop("bars", None)
    if "key" in found and is_said(brief.mode) and Key.parse(found["key"]).mode != brief.mode.value:
        del found["key"]
    if "instruments" in found:
        found["instruments"] = [key for key in found["instruments"] if key not in brief.excluded()]
        if found["instruments"]:
            found["instruments_only"] = True
        else:
            del found["instruments"]
    return with_fields(brief, {name: Asked(value=value, source="llm") for name, value in found.items()})


def _is_open(brief: Brief, name: str) -> bool:
    if name in ("form", "bars"):
        # Lyrics without a form make their own, as long as they need.
        return not any(is_said(getattr(brief, other)) for other in _LENGTHS) and brief.lyrics.value is None
    if name == "key" and brief.chords.value is not None:
        return False
    if name == "title":
        return brief.title.source != "user" and not _NAMED.search(brief.words)
    return not is_said(getattr(brief, name))


def with_fields(brief: Brief, fields: Mapping[str, Asked[Any]]) -> Brief:
    """The brief with other fields, validated."""
    held = {name: getattr(brief, name).model_dump() for name in Brief.model_fields if name != "words"}
    held |= {name: asked.model_dump() for name, asked in fields.items()}
    return Brief.model_validate({"words": brief.words, **held})


def without_fields(brief: Brief, names: Mapping[str, Asked[Any]], original: Brief) -> Brief:
    """The brief with some fields as they were in another."""
    return with_fields(brief, {name: getattr(original, name) for name in names})
