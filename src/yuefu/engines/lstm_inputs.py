"""What the recurrent engine sees at each step: three tokens and the facts of the place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yuefu.engines.reader import Ear, Place, Reader, place_sizes

#: Rows that it hears and writes.
ROWS = ("chords", "melody", "bass", "drums")
#: The places' facts that are tokens; the others have a table each.
TOKENS = ("last", "same", "earlier")
FACTS = tuple(name for name in Place._fields if name not in TOKENS)
_TOKEN_AT = [Place._fields.index(name) for name in TOKENS]
_FACT_AT = [Place._fields.index(name) for name in FACTS]


def fact_sizes() -> list[int]:
    """How many values each fact can have."""
    return [place_sizes()[at] for at in _FACT_AT]


def step_inputs(reader: Reader) -> tuple[list[int], list[int]]:
    """Tokens and facts after the last token that was pushed."""
    place = reader.place
    return [place[at] for at in _TOKEN_AT], [place[at] for at in _FACT_AT]


def sequence_inputs(ids: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Tokens (steps, 3) and facts (steps, facts) of what is heard of a sequence, and which tokens that are."""
    reader, ear = Reader(), Ear(ROWS)
    tokens, facts, heard = [], [], []
    for number, token in enumerate(ids):
        if ear.hears(token):
            reader.push(token)
            own, told = step_inputs(reader)
            tokens.append(own)
            facts.append(told)
            heard.append(number)
    return np.array(tokens, dtype=np.int64), np.array(facts, dtype=np.int64), heard
