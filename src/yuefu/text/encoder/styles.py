"""The styles that an encoder's heads tell apart: those of the catalogue when its weights were trained.

The catalogue may grow and change its order; weights don't. New styles are learnt by adding them at the end here and
training again (``yuefu train words``).
"""

from __future__ import annotations

#: Keys of the catalogue in the order of the columns of ``weights.npz`` and of every head fitted beside it.
LEARNT_STYLES = (
    "pop", "ballad", "rock", "folk", "jazz", "swing", "bossa_nova", "blues", "country", "lofi", "electronic",
    "disco", "funk", "soul", "reggae", "hiphop", "latin", "tango", "waltz", "march", "ragtime", "hymn", "chorale",
    "baroque", "classical", "romantic", "impressionist", "film", "ambient", "lullaby", "children", "celtic",
    "guofeng", "chinese_folk", "game", "string_quartet", "piano_solo", "medieval", "afro",
)  # fmt: skip
