"""What the compose page offers to choose from, with names in the page's language: read from the theory's tables."""

from __future__ import annotations

from functools import cache
from typing import Any

from yuefu.text.adapted import adapted_styles
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.meter import METERS
from yuefu.theory.styles import STYLES

#: How the styles are put together in the list: a group's key (its name is the saying "compose.group.KEY") -> styles.
GROUPS: dict[str, tuple[str, ...]] = {
    "song": ("pop", "ballad", "folk", "country", "soul", "children", "lullaby", "hymn"),
    "chinese": ("guofeng", "chinese_folk", "chinese_pop"),
    "band": ("rock", "blues", "jazz", "swing", "standard", "ragtime", "funk", "disco", "reggae", "hiphop"),
    "dance": ("waltz", "tango", "bossa_nova", "latin", "afro", "celtic", "march"),
    "tradition": (
        "jig", "reel", "hornpipe", "slip_jig", "slide", "polka", "strathspey", "air", "country_dance",
    ),
    "concert": (
        "medieval", "renaissance", "baroque", "chorale", "classical", "string_quartet", "romantic", "art_song",
        "piano_solo", "impressionist",
    ),
    "screen": ("film", "game", "lofi", "ambient", "electronic"),
}  # fmt: skip
FAMILIES = (
    "voice", "keyboard", "plucked", "strings", "chinese", "woodwind", "brass", "bass", "percussion", "mallet", "synth",
)  # fmt: skip
SECTION_KINDS = ("intro", "verse", "prechorus", "chorus", "bridge", "interlude", "solo", "outro")
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def catalogue(language: str) -> dict[str, Any]:
    """What can be chosen, with the styles that were learnt on this machine."""
    own = [
        {
            "key": style.name,
            "name": style.name,
            "find": style.name,
            "tempo": style.manifest.figures.tempo,
            "form": style.manifest.figures.forms[0][0],
        }
        for style in adapted_styles()
    ]
    told = _built_in(language)
    return {**told, "styles": [{"group": "own", "styles": own}, *told["styles"]]} if own else told


@cache
def _built_in(language: str) -> dict[str, Any]:
    """Styles in groups, instruments in families, keys, metres and kinds of section; names in one language."""
    grouped = {key for keys in GROUPS.values() for key in keys}
    groups = [*GROUPS.items()]
    if rest := tuple(key for key in STYLES if key not in grouped):
        groups.append(("other", rest))
    return {
        "styles": [
            {
                "group": group,
                "styles": [
                    {
                        "key": key,
                        "name": getattr(STYLES[key], language),
                        "find": " ".join(STYLES[key].names).lower(),
                        "tempo": STYLES[key].tempo,
                        "form": STYLES[key].forms[0],
                    }
                    for key in keys
                    if key in STYLES
                ],
            }
            for group, keys in groups
        ],
        "instruments": [
            {
                "family": family,
                "instruments": [
                    {
                        "key": one.key,
                        "name": getattr(one, language),
                        "find": f"{one.en} {one.zh} {' '.join(one.aliases)}",
                    }
                    for one in INSTRUMENTS.values()
                    if one.family == family
                ],
            }
            for family in FAMILIES
        ],
        "keys": [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS],
        "meters": list(METERS),
        "kinds": list(SECTION_KINDS),
    }


def style_name(key: str, language: str) -> str:
    """A style's name; the key itself for one that the catalogue doesn't hold."""
    return str(getattr(STYLES[key], language)) if key in STYLES else key


def names(language: str) -> dict[str, dict[str, str]]:
    """Names of styles and instruments by key, for pages that only show them."""
    return {
        "styles": {key: str(getattr(style, language)) for key, style in STYLES.items()},
        "instruments": {key: str(getattr(one, language)) for key, one in INSTRUMENTS.items()},
    }
