"""The brief: what was asked, structured and validated, and where each part of it came from.

A field's ``value`` is None while nothing was said about it: the planner then chooses. Units:
tempo in quarter notes a minute, duration in seconds, valence and arousal -1..1, density and energy
0..1. A brief is plain data: ``model_dump_json`` and ``brief_from_json`` carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from yuefu.errors import FormatError, InputError, LimitError, UnknownNameError, YuefuError
from yuefu.text.adapted import REFERENCE, adapted_names
from yuefu.text.chord_chart import Progression, parse_chords
from yuefu.text.encoder.reading import Understand, understand
from yuefu.text.form import MAX_BARS, FormItem, parse_form
from yuefu.text.infer import infer, style_fits
from yuefu.text.language import language_of, require_supported
from yuefu.text.lyrics import check_lyrics
from yuefu.text.options import (
    parse_bars,
    parse_duration,
    parse_instruments,
    parse_mood,
    parse_tempo,
    parse_whole,
)
from yuefu.text.own_style import own_style_asked
from yuefu.text.reader import read_words
from yuefu.text.style_reference import StyleReference
from yuefu.text.title import title_from_lyrics, title_from_prompt
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS, check_grouping, parse_grouped_meter
from yuefu.theory.modes import MODES, Mode, parse_scale
from yuefu.theory.styles import STYLES, find_style

T = TypeVar("T")
MAX_PROMPT = 4000
MAX_TITLE = 120
MAX_CANDIDATES = 64
MAX_SEED = 2**32 - 1
Source = Literal["user", "text", "llm", "default"]
_Unit = Annotated[float, Field(ge=0, le=1)]
_Signed = Annotated[float, Field(ge=-1, le=1)]


class Asked(BaseModel, Generic[T]):
    """One field of a brief.

    value: None when undetermined; source: ``"user"`` (an option), ``"text"`` (read from the prompt
    or the lyrics), ``"llm"`` (a language model's) or ``"default"``; words: the words it was read from;
    confidence: 0..1 of what was inferred rather than said, None for what was said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: T | None = None
    source: Source = "default"
    words: tuple[str, ...] = ()
    confidence: float | None = None


class Brief(BaseModel):
    """What was asked for.

    adapter: a style of one's own as ``name@hash``, whose nearest built-in style is ``style``;
    like: a piece to write like, whose nearest style is ``style``; instruments: catalogue keys, doublings repeated;
    instruments_only: True when they are the whole line-up,
    else others may join; without: keys that must not play (see ``excluded``); key: such
    as ``"G minor"``; scale: a key of ``theory.modes``, whose tonic is the key's; grouping: how a bar is counted, such
    as (3, 2, 2); rhythm: ``"free"`` for music without a beat; chords: bars of symbols for the piece, or by section
    kind or letter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: str = ""
    title: Asked[Annotated[str, Field(max_length=MAX_TITLE)]] = Asked()
    language: Asked[Literal["en", "zh", "mixed"]] = Asked()
    style: Asked[str] = Asked()
    adapter: Asked[Annotated[str, Field(pattern=REFERENCE)]] = Asked()
    like: Asked[StyleReference] = Asked()
    valence: Asked[_Signed] = Asked()
    arousal: Asked[_Signed] = Asked()
    tempo: Asked[Annotated[float, Field(ge=20, le=300)]] = Asked()
    key: Asked[str] = Asked()
    scale: Asked[str] = Asked()
    mode: Asked[Literal["major", "minor"]] = Asked()
    meter: Asked[str] = Asked()
    grouping: Asked[tuple[Annotated[int, Field(ge=1, le=4)], ...]] = Asked()
    rhythm: Asked[Literal["strict", "free"]] = Asked()
    drone: Asked[bool] = Asked()
    ornaments: Asked[Literal["none", "light", "rich"]] = Asked()
    form: Asked[tuple[FormItem, ...]] = Asked()
    bars: Asked[Annotated[int, Field(ge=1, le=MAX_BARS)]] = Asked()
    duration: Asked[Annotated[float, Field(ge=2, le=1800)]] = Asked()
    instruments: Asked[list[str]] = Asked()
    instruments_only: Asked[bool] = Asked()
    without: Asked[list[str]] = Asked()
    chords: Asked[Progression] = Asked()
    density: Asked[_Unit] = Asked()
    energy: Asked[_Unit] = Asked()
    lyrics: Asked[str] = Asked()
    occasion: Asked[str] = Asked()
    seed: Asked[Annotated[int, Field(ge=0, le=MAX_SEED)]] = Asked()
    candidates: Asked[Annotated[int, Field(ge=1, le=MAX_CANDIDATES)]] = Asked()

    @field_validator("style", "instruments", "without", "key", "meter", "scale")
    @classmethod
    def _known(cls, asked: Asked[Any], info: Any) -> Asked[Any]:
        values = asked.value if isinstance(asked.value, list) else [asked.value]
        for value in values:
            if value is None:
                continue
            if info.field_name == "key":
                known = Key.parse(value).name == value
            else:
                table: Any = {"style": STYLES, "meter": METERS, "scale": MODES}.get(info.field_name, INSTRUMENTS)
                known = value in table
            if not known:
                raise ValueError(f"'{str(value)[:40]}' isn't a known {info.field_name}")
        return asked

    @model_validator(mode="after")
    def _fills_the_bar(self) -> Brief:
        if self.grouping.value is not None:
            check_grouping(self.meter.value or f"{sum(self.grouping.value)}/8", self.grouping.value)
        return self

    def excluded(self) -> frozenset[str]:
        """Instrument keys that must not play: without drums is without any drums, without voice without any voice."""
        keys = set(self.without.value or ())
        if any(INSTRUMENTS[key].is_drums for key in keys):
            keys |= {key for key, instrument in INSTRUMENTS.items() if instrument.is_drums}
        if "voice" in keys:
            keys |= {key for key, instrument in INSTRUMENTS.items() if instrument.family == "voice"}
        return frozenset(keys)


@dataclass(frozen=True, slots=True)
class BriefOptions:
    """What options say, as typed; None where they say nothing.

    form: ``"A A B A"`` or ``"intro:4 verse:16"``; chords: ``"C G/B Am F"``; duration: ``"2:30"``,
    ``"90"``; scale: ``"dorian"``, ``"D dorian"``, ``"徵"`` (key takes these too); meter: ``"7/8 (3+2+2)"``; rhythm:
    ``"free"``; drone: True or False; ornaments: ``"none"``, ``"light"``, ``"rich"``; mood: ``"valence,arousal"``;
    instruments and without: names, comma-separated or a sequence; lyrics: the text itself.
    """

    title: str | None = None
    style: str | None = None
    mood: str | None = None
    tempo: str | float | None = None
    key: str | None = None
    scale: str | None = None
    meter: str | None = None
    rhythm: str | None = None
    drone: bool | None = None
    ornaments: str | None = None
    form: str | None = None
    bars: str | int | None = None
    duration: str | float | None = None
    instruments: str | Sequence[str] | None = None
    without: str | Sequence[str] | None = None
    chords: str | None = None
    lyrics: str | None = None
    seed: str | int | None = None
    candidates: str | int | None = None


def read_brief(words: str = "", options: BriefOptions | None = None, understand: Understand = understand) -> Brief:
    """The brief for a prompt and options. Options win over words; words over nothing.

    understand: another encoder than the one inside, for what the words imply.

    Raises InputError (UnknownNameError, LimitError) with one sentence for anything that can't be met.

    >>> brief = read_brief("a melancholy waltz for a rainy night, solo piano", BriefOptions(tempo="92"))
    >>> brief.style.value, brief.meter.value, brief.tempo.value, brief.tempo.source, brief.style.words
    ('waltz', '3/4', 92.0, 'user', ('waltz',))
    """
    options = options or BriefOptions()
    words = " ".join(words.split())
    own = own_style_asked(words, options.style)
    if own is None:
        return _read(words, options, understand)
    style, rest, said = own
    base = style.manifest.figures.base
    source: Source = "text" if options.style is None else "user"
    found: dict[str, Asked[str]] = {
        "style": Asked(value=base, source=source, words=(said,)),
        "adapter": Asked(value=style.reference, source=source, words=(said,)),
    }
    return _read(rest, replace(options, style=base), understand).model_copy(update={"words": words, **found})


def _read(words: str, options: BriefOptions, understand: Understand) -> Brief:
    """``read_brief`` for words and options that name no style of one's own."""
    lyrics = options.lyrics if options.lyrics is not None and options.lyrics.strip() else None
    if options.lyrics is not None and lyrics is None:
        raise InputError("the lyrics are empty: give at least one line of words in Chinese or English.")
    _require_something(words, options)
    asked: dict[str, Asked[Any]] = {}
    if words:
        for name, heard in read_words(words).items():
            asked[name] = Asked(value=heard.value, source="text", words=heard.words)
        for name, felt in infer(words, asked, understand).items():
            asked[name] = Asked(value=felt.value, source="text", words=felt.words, confidence=felt.confidence)
    if lyrics is not None:
        check_lyrics(lyrics)
        if not _feels(asked):
            for name, felt in infer(lyrics[:4000], ("style",), understand).items():
                asked[name] = Asked(value=felt.value, source="text", words=felt.words[:12], confidence=felt.confidence)
    asked |= _from_options(options, asked)
    guess: Asked[Any] = asked.get("style", Asked())
    said = {name: asked[name].value for name in ("scale", "instruments") if name in asked}
    if guess.confidence is not None and not style_fits(str(guess.value), said.get("scale"), said.get("instruments")):
        del asked["style"]
    spoken = lyrics or words
    if spoken:
        asked["language"] = Asked(value=language_of(spoken), source="text")
    if "title" not in asked:
        title = (title_from_prompt(words) if words else "") or (title_from_lyrics(lyrics) if lyrics else "")
        if lyrics and words and not _names_itself(words):
            title = title_from_lyrics(lyrics) or title
        if title:
            asked["title"] = Asked(value=title[:MAX_TITLE], source="text", words=(title[:MAX_TITLE],))
    return Brief(words=words, **asked)


def _feels(asked: dict[str, Asked[Any]]) -> bool:
    """Whether a prompt says anything of a mood, with some confidence."""
    return any(name in asked and (asked[name].confidence or 1.0) >= 0.75 for name in ("valence", "arousal"))


def _names_itself(words: str) -> bool:
    return any(mark in words for mark in ("《", "titled", "called ", "名为", "题为", "歌名", "标题"))


def _require_something(words: str, options: BriefOptions) -> None:
    musical = [f.name for f in fields(options) if f.name not in ("seed", "candidates")]
    if not words:
        if all(getattr(options, name) is None for name in musical):
            raise InputError("an empty prompt arrived: describe the music in Chinese or English, or give lyrics.")
        return
    if len(words) > MAX_PROMPT:
        raise LimitError(f"the prompt has {len(words)} characters: use at most {MAX_PROMPT}.")
    require_supported(words, "the prompt")


def _from_options(options: BriefOptions, read: dict[str, Asked[Any]]) -> dict[str, Asked[Any]]:
    found: dict[str, Asked[Any]] = {}

    def take(name: str, value: Any, parse: Callable[[Any], Any]) -> None:
        if value is not None:
            found[name] = Asked(value=parse(value), source="user", words=(_quoted(value),))

    take("style", options.style, _style_key)
    take("tempo", options.tempo, parse_tempo)
    _take_key(found, read, options)
    take("meter", options.meter, lambda text: parse_grouped_meter(text)[0])
    if options.meter is not None and (groups := parse_grouped_meter(options.meter)[1]):
        found["grouping"] = Asked(value=groups, source="user", words=(options.meter.strip(),))
    take("rhythm", options.rhythm, lambda text: _one_of("rhythm", text, _RHYTHMS))
    take("ornaments", options.ornaments, lambda text: _one_of("ornaments", text, _ORNAMENTS))
    if options.drone is not None:
        found["drone"] = Asked(value=options.drone, source="user")
    take("form", options.form, parse_form)
    take("bars", options.bars, parse_bars)
    take("duration", options.duration, parse_duration)
    take("instruments", options.instruments, parse_instruments)
    take("without", options.without, parse_instruments)
    take("chords", options.chords, parse_chords)
    take("seed", options.seed, lambda value: parse_whole(value, "seed", 0, MAX_SEED))
    take("candidates", options.candidates, lambda value: parse_whole(value, "candidates", 1, MAX_CANDIDATES))
    if options.lyrics is not None:
        found["lyrics"] = Asked(value=options.lyrics, source="user")
    if options.title is not None and options.title.strip():
        found["title"] = Asked(value=" ".join(options.title.split())[:MAX_TITLE], source="user")
    if options.mood is not None:
        valence, arousal = parse_mood(options.mood)
        found["valence"] = Asked(value=valence, source="user", words=(options.mood,))
        found["arousal"] = Asked(value=arousal, source="user", words=(options.mood,))
    _settle(found, read)
    return found


def _style_key(text: str) -> str:
    try:
        return find_style(text).key
    except UnknownNameError as error:
        own = adapted_names()
        if not own:
            raise
        raise UnknownNameError("style", text, [*own, *STYLES]) from error


#: What rhythm and ornaments may be called.
_RHYTHMS = {"strict": "strict", "free": "free", "measured": "strict", "散板": "free", "自由": "free", "有板": "strict"}
_ORNAMENTS = {"none": "none", "light": "light", "rich": "rich", "无": "none", "少": "light", "多": "rich"}


def _one_of(kind: str, text: str, names: dict[str, str]) -> str:
    name = text.strip().lower()
    if name not in names:
        raise UnknownNameError(kind, text, [name for name in names if name.isascii()])
    return names[name]


def _take_key(found: dict[str, Asked[Any]], read: dict[str, Asked[Any]], options: BriefOptions) -> None:
    """The key and the scale: either option may name both, as "D dorian" does."""
    if options.key is not None:
        try:
            found["key"] = Asked(value=Key.parse(options.key).name, source="user", words=(options.key.strip(),))
        except InputError:
            try:
                mode, tonic = parse_scale(options.key)
            except InputError:
                mode, tonic = None, None
            if mode is None or tonic is None:
                raise
            found["scale"] = Asked(value=mode.key, source="user", words=(options.key.strip(),))
            found["key"] = Asked(
                value=Key.of_tonic(tonic, mode.leans).name, source="user", words=(options.key.strip(),)
            )
    if options.scale is not None:
        mode, tonic = parse_scale(options.scale)
        words = (options.scale.strip(),)
        found["scale"] = Asked(value=mode.key, source="user", words=words)
        if tonic is not None:
            found["key"] = Asked(value=Key.of_tonic(tonic, mode.leans).name, source="user", words=words)
    if "scale" in found and not mode_of(found).either:
        leans = mode_of(found).leans
        for place in (found, read):
            own = place.get("key")
            if own is not None and Key.parse(str(own.value)).mode != leans:
                named = Key.of_tonic(Key.parse(str(own.value)).tonic, leans).name
                place["key"] = Asked(value=named, source=own.source, words=own.words)
        if "mode" in read:
            read["mode"] = Asked(value=leans, source=read["mode"].source, words=read["mode"].words)


def mode_of(fields: dict[str, Asked[Any]]) -> Mode:
    """The mode that the field ``scale`` names."""
    return MODES[str(fields["scale"].value)]


def _settle(found: dict[str, Any], read: dict[str, Any]) -> None:
    """Let an option overrule what the words said about a neighbouring field."""
    if "key" in found:
        found["mode"] = Asked(value=Key.parse(found["key"].value).mode, source="user", words=found["key"].words)
    if "instruments" in found:
        found["instruments_only"] = Asked(value=True, source="user", words=found["instruments"].words)
        kept = [
            key
            for key in found["instruments"].value
            if key not in (found["without"].value if "without" in found else ())
        ]
        if len(kept) < len(found["instruments"].value):
            clash = next(key for key in found["instruments"].value if key not in kept)
            raise InputError(
                f"'{clash}' is among both the instruments and those left out: take it from one of the lists."
            )
    # What was asked for by option isn't excluded by a word, and the other way round.
    for one, other in (("instruments", "without"), ("without", "instruments")):
        if one in found and other in read and other not in found:
            rest = [key for key in read[other].value if key not in found[one].value]
            read[other] = Asked(value=rest, source="text", words=read[other].words) if rest else Asked()
    for one, others in (("form", ("bars", "duration")), ("bars", ("duration", "form")), ("duration", ("bars",))):
        if one in found:
            for other in others:
                if (
                    other in read
                    and other not in found
                    and not (one == "bars" and other == "form" and not _sized(read[other]))
                ):
                    del read[other]
    if "key" in found and "scale" not in found:
        read.pop("scale", None)  # a key that was asked for is a plain one
    if "meter" in found and "grouping" not in found:
        read.pop("grouping", None)
    if "style" in found and "meter" in read and read["meter"].words == read.get("style", Asked()).words:
        del read["meter"]  # the waltz of the words gave way to another style


def _sized(form: Any) -> bool:
    return any(item.bars for item in form.value or ())


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else ", ".join(value) if isinstance(value, (list, tuple)) else str(value)
    return text.strip()[:200]


def brief_from_json(text: str) -> Brief:
    """A brief from JSON, validated. Raises FormatError with one sentence."""
    try:
        return Brief.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise FormatError(f"the brief isn't valid at '{place}': {first['msg'][:200]}.") from None
    except YuefuError as error:
        raise FormatError(f"the brief isn't valid: {error}") from None
