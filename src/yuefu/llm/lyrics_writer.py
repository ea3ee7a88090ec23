"""Lyrics by a language model: written to a form or polished, and checked by the same reading that sets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from yuefu.errors import InputError
from yuefu.llm.client import Message
from yuefu.llm.ladder import Outcome, climb
from yuefu.llm.settings import LlmSettings
from yuefu.text.brief import Brief
from yuefu.text.language import language_of
from yuefu.text.lyrics import Lyrics, parse_lyrics

#: Sections that are sung when nobody says otherwise.
USUAL = ("verse", "chorus", "verse", "chorus")
_INSTRUMENTAL = frozenset(("intro", "outro", "interlude", "solo"))
#: Fewest and most syllables of a line, by language.
_SYLLABLES = {"zh": (4, 12), "en": (4, 14)}
#: How many syllables a polished line may have more or fewer than it had.
_SLACK = 2
_MOST_SECTIONS = 12


def _lines(value: object) -> object:
    """Lines in one string, as models like to write them."""
    return value.splitlines() if isinstance(value, str) else value


class LyricDraft(BaseModel):
    """Lines of a lyric, tags such as ``[verse]`` among them."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    lines: Annotated[
        list[Annotated[str, Field(max_length=200)]],
        Field(min_length=1, max_length=200, description='one line each, a tag such as "[verse]" before each section'),
        BeforeValidator(_lines),
    ]

    @property
    def text(self) -> str:
        """The lyric as it would be typed."""
        return "\n".join(" ".join(line.split()) for line in self.lines if line.strip())


@dataclass(frozen=True, slots=True)
class LyricForm:
    """What a lyric should be. sections: (kind, lines); syllables: fewest and most of a line; language: zh or en."""

    sections: tuple[tuple[str, int], ...]
    syllables: tuple[int, int]
    language: str


def lyric_form(brief: Brief) -> LyricForm:
    """The sections to write words for: those of the brief's form that are sung, two bars a line.

    >>> lyric_form(Brief()).sections
    (('verse', 4), ('chorus', 4), ('verse', 4), ('chorus', 4))
    """
    language = "zh" if brief.language.value == "zh" else "en"
    sections: list[tuple[str, int]] = []
    for item in brief.form.value or ():
        if item.kind not in _INSTRUMENTAL and item.letter[0] not in "IO":
            lines = max(2, min(8, item.bars // 4 * 2)) if item.bars else 4
            sections.append((item.kind or ("verse" if item.letter[0] == "A" else "chorus"), lines))
    sections = sections[:_MOST_SECTIONS] or [(kind, 4) for kind in USUAL]
    return LyricForm(tuple(sections), _SYLLABLES[language], language)


def write_lyrics(settings: LlmSettings, brief: Brief, form: LyricForm) -> Outcome[LyricDraft]:
    """New words to a form. Those with faults left after the repair are given too: whoever asks decides."""
    return climb(settings, LyricDraft, _writing(brief, form), lambda draft: form_faults(draft, form))


def polish_lyrics(settings: LlmSettings, brief: Brief, lyrics: str) -> Outcome[LyricDraft]:
    """Given words in better ones, line for line."""
    given = parse_lyrics(lyrics)
    return climb(settings, LyricDraft, _polishing(brief, lyrics, given), lambda draft: polish_faults(draft, given))


def can_be_set(draft: LyricDraft, language: str) -> bool:
    """Whether words can be sung as they are: they are read, and in the language that was asked for."""
    try:
        parse_lyrics(draft.text)
    except InputError:
        return False
    return language_of(draft.text) in (language, "mixed")


def form_faults(draft: LyricDraft, form: LyricForm) -> list[str]:
    """Where words don't keep to a form, a sentence each."""
    try:
        lyrics = parse_lyrics(draft.text)
    except InputError as error:
        return [str(error)]
    faults = []
    if language_of(draft.text) not in (form.language, "mixed"):
        faults.append(f"write it in {_name(form.language)}")
    got = [(section.kind or "verse", len(section.lines)) for section in lyrics.sections]
    if got != list(form.sections):
        faults.append(f"the sections are {_sections(got)}: they must be {_sections(form.sections)}")
    low, high = form.syllables
    for number, line in enumerate(lyrics.lines, 1):
        if not low <= len(line.syllables) <= high:
            faults.append(f"line {number} '{line.text[:60]}' has {len(line.syllables)} syllables: {low} to {high}")
    return faults


def polish_faults(draft: LyricDraft, given: Lyrics) -> list[str]:
    """Where polished words aren't built like those given, a sentence each."""
    try:
        lyrics = parse_lyrics(draft.text)
    except InputError as error:
        return [str(error)]
    was = [(section.kind, len(section.lines)) for section in given.sections]
    got = [(section.kind, len(section.lines)) for section in lyrics.sections]
    if got != was:
        return [f"the sections are {_sections(got)}: they must stay {_sections(was)}"]
    faults = []
    language = language_of("\n".join(line.text for line in given.lines))
    if language_of(draft.text) != language and language in ("zh", "en"):
        faults.append(f"write it in {_name(language)}")
    for number, (line, old) in enumerate(zip(lyrics.lines, given.lines, strict=True), 1):
        if abs(len(line.syllables) - len(old.syllables)) > _SLACK:
            faults.append(
                f"line {number} '{line.text[:60]}' has {len(line.syllables)} syllables: about {len(old.syllables)}"
            )
    return faults


def _name(language: str) -> str:
    return "Chinese" if language == "zh" else "English"


def _sections(sections: object) -> str:
    return ", ".join(f"{kind or 'verse'} of {lines} lines" for kind, lines in sections)  # type: ignore[attr-defined]


def _writing(brief: Brief, form: LyricForm) -> list[Message]:
    low, high = form.syllables
    unit = "characters" if form.language == "zh" else "syllables"
    told = (
        f"You write song lyrics in {_name(form.language)}, to be sung, rhyming where it comes naturally. Answer with "
        'one JSON object {"lines": [...]} and nothing else: one line of the lyric a string, with a tag such as '
        '"[verse]" as a string of its own before each section.'
    )
    wanted = f"About: {brief.words or brief.title.value or 'whatever suits the music'}\nSections: "
    wanted += f"{_sections(form.sections)}, in this order.\nEach line has {low} to {high} {unit}."
    if brief.title.value:
        wanted += f"\nTitle: {brief.title.value}"
    return [{"role": "system", "content": told}, {"role": "user", "content": wanted}]


def _polishing(brief: Brief, lyrics: str, given: Lyrics) -> list[Message]:
    told = (
        "You polish song lyrics: better images, sounds and rhymes, the same meaning, language, sections, number of "
        "lines, and syllables in each line. Answer with one JSON object "
        '{"lines": [...]} and nothing else: one line of the lyric a string, tags such as "[verse]" as strings of their '
        "own where the lyric has them."
    )
    counts = ", ".join(str(len(line.syllables)) for line in given.lines)
    wanted = f"Lyrics:\n{lyrics}\n\nSyllables of its lines: {counts}."
    if brief.words:
        wanted += f"\nThe music: {brief.words}"
    return [{"role": "system", "content": told}, {"role": "user", "content": wanted}]
