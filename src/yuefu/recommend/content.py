"""What is known of the items themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Catalogue:
    """items: their names; features: (items, features) float32, each column of about unit spread, 0 where unknown;
    names: of the columns, "group:value", such as "style:jazz", "mood:valence", "tag:indie"; creators: who made each
    ("" unknown); created: day since 1970 (nan unknown)."""

    items: tuple[str, ...]
    features: NDArray[np.float32]
    names: tuple[str, ...]
    creators: tuple[str, ...]
    created: NDArray[np.float64]
