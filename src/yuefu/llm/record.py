"""What a language model gave to a piece, as plain data: it goes into the report, and a replay needs nothing else."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yuefu.errors import FormatError
from yuefu.llm.settings import Notice

_Line = Annotated[str, Field(max_length=1000)]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(_Value):
    """A notice in both languages."""

    en: _Line
    zh: _Line


class LlmRecord(_Value):
    """model: its name, "" when none was asked; fields: of the brief, that it chose; notices: what went otherwise;
    lead_sheet: the ABC that the piece was made from, None when the embedded models wrote it all; explanation: a
    paragraph, by the model or from the report's own words; given_up: why nothing more was asked of the endpoint."""

    model: Annotated[str, Field(max_length=200)] = ""
    fields: tuple[_Line, ...] = ()
    notices: tuple[Told, ...] = ()
    lead_sheet: Annotated[str, Field(max_length=1_000_000)] | None = None
    explanation: Annotated[str, Field(max_length=10_000)] | None = None
    explained_by: Literal["", "llm", "report"] = ""
    given_up: Told | None = None

    def noticed(self, *notices: Notice) -> LlmRecord:
        """The record with further notices."""
        return self.with_values(notices=(*self.notices, *(Told(en=n.en[:1000], zh=n.zh[:1000]) for n in notices)))

    def without_hope(self, why: Notice | None, hopeless: bool) -> LlmRecord:
        """The record with why the endpoint is given up, where it is."""
        return self.with_values(given_up=Told(en=why.en, zh=why.zh)) if hopeless and why is not None else self

    @property
    def vain(self) -> Notice | None:
        """Why nothing more is asked, None while there is hope."""
        return None if self.given_up is None else Notice(self.given_up.en, self.given_up.zh)

    def with_values(self, **values: Any) -> LlmRecord:
        """The record with other values."""
        return self.model_copy(update=values)

    def lines(self, language: str) -> list[str]:
        """The notices in "zh" or "en"."""
        return [told.zh if language == "zh" else told.en for told in self.notices]


def record_from(data: Any) -> LlmRecord | None:
    """A report's record, None where it has none. Raises FormatError."""
    if data is None:
        return None
    try:
        return LlmRecord.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise FormatError(f"the report's part 'llm' isn't valid at '{place}': {first['msg'][:200]}.") from None
