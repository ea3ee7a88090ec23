"""A paragraph on a finished piece by a language model, from the report's facts alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from yuefu.llm.client import Message
from yuefu.llm.ladder import Outcome, climb
from yuefu.llm.settings import LlmSettings
from yuefu.text.language import language_of

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LONGEST = 1500


class Explanation(BaseModel):
    """One paragraph."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    text: Annotated[str, Field(min_length=20, max_length=_LONGEST)]

    @field_validator("text")
    @classmethod
    def _one_paragraph(cls, text: str) -> str:
        return " ".join(text.split())


def explain(settings: LlmSettings, facts: Mapping[str, Any], language: str) -> Outcome[Explanation]:
    """A paragraph in "zh" or "en" on facts in plain values; numbers that aren't among them are faults."""
    told = (
        f"You explain a finished piece of music to its listener in {'Chinese' if language == 'zh' else 'English'}, in "
        "one paragraph of three to six sentences, from the facts given and nothing else. "
        'Answer with one JSON object {"text": "..."} and nothing else.'
    )
    listed = json.dumps(facts, ensure_ascii=False)
    messages: list[Message] = [{"role": "system", "content": told}, {"role": "user", "content": "Facts: " + listed}]
    return climb(settings, Explanation, messages, lambda held: explanation_faults(held.text, listed, language))


def explanation_faults(text: str, facts: str, language: str) -> list[str]:
    """What an explanation says that the facts don't: numbers, and another language.

    >>> explanation_faults("It has 16 bars at 92 bpm.", '{"bars": 16}', "en")
    ["'92' isn't among the facts: leave it out"]
    """
    known = {float(number) for number in _NUMBER.findall(facts)}
    said = dict.fromkeys(_NUMBER.findall(text))
    faults = [f"'{number}' isn't among the facts: leave it out" for number in said if float(number) not in known]
    if language_of(text) not in (language, "mixed"):
        faults.append(f"write it in {'Chinese' if language == 'zh' else 'English'}")
    return faults
