"""Styles that a user's own scores made: where they lie, what they hold, and how they are named.

Each is a folder below ``$YUEFU_HOME/adapters`` (default: the data folder of the platform, ``~/.local/share/yuefu``):
``manifest.json``, the small change of the model (``adapter.npz``) and fingerprints of the tunes (``tunes.npz``).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from yuefu.errors import FormatError, InputError, UnknownNameError
from yuefu.text.style_reference import MOST_FIGURES, MOST_PROGRESSIONS, StyleReference
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.meter import METERS
from yuefu.theory.modes import MODES
from yuefu.theory.styles import CHORD_LEVELS, STYLES, Style, find_style, style_names

FORMAT = "yuefu-adapter-1"
#: The files of a style, besides its manifest, whose bytes make up its hash.
WEIGHTS, TUNES, MANIFEST = "adapter.npz", "tunes.npz", "manifest.json"
FILES = (MANIFEST, WEIGHTS, TUNES)
MAX_MANIFEST = 4_000_000
#: Most bytes of one file of a style.
MAX_BYTES = 64_000_000
_NAME = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")
#: How a piece names the style that it was written in: its name and hash.
REFERENCE = r"^([a-z0-9-]{1,40})@([0-9a-f]{16})$"
_FORM = re.compile(r"^[A-Z]'{0,4}:\d{1,3}( [A-Z]'{0,4}:\d{1,3}){0,15}$|^[a-z]+:\d{1,3}( [a-z]+:\d{1,3}){0,15}$")
_Share = Annotated[float, Field(ge=0, le=1)]
_Pitch = Annotated[int, Field(ge=0, le=127)]
_Row = Annotated[str, Field(pattern="^[a-z]{1,16}$")]
_Figure = tuple[Annotated[str, Field(max_length=800, pattern=r"^[0-9 /]+$")], Annotated[float, Field(gt=0, le=1e6)]]


def home_folder() -> Path:
    """Where a user's own things lie: ``$YUEFU_HOME``, else ``$XDG_DATA_HOME/yuefu``, else ``~/.local/share/yuefu``."""
    own = os.environ.get("YUEFU_HOME", "")
    if own:
        return Path(own).expanduser()
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share") / "yuefu"


def adapters_folder() -> Path:
    """The folder that holds a folder for each style of one's own."""
    return home_folder() / "adapters"


def check_name(name: str) -> str:
    """A name that a style of one's own may have. Raises InputError.

    >>> check_name("Han-Folk")
    'han-folk'
    """
    plain = name.strip().lower()
    if not _NAME.match(plain):
        raise InputError(
            f"'{name[:60]}' can't be a style's name: use up to 40 letters, digits and hyphens, such as my-songs."
        )
    if plain in style_names() or plain.replace("-", " ") in style_names() or plain.replace("-", "_") in STYLES:
        raise InputError(f"'{plain}' is the name of a style that is built in: choose another.")
    return plain


class Variant(BaseModel):
    """The pieces of one metre and mode or scale, and what they have in common.

    weight: their share; scale: a key of ``theory.modes``, "" for plain major or minor; keys: on which tonics they are,
    by share; density: the model's bin; chord_level: as of a ``Style``; tune_range: where their tunes lie, MIDI numbers;
    opening, closing, figures, voices, progressions, measures: as of a ``text.style_reference.StyleReference``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    weight: Annotated[float, Field(gt=0, le=1)]
    meter: str
    mode: Literal["major", "minor"]
    scale: str = Field(default="", max_length=40)
    keys: tuple[tuple[str, _Share], ...] = Field(min_length=1, max_length=24)
    density: int = Field(ge=0, le=4)
    chord_level: Literal[CHORD_LEVELS]  # type: ignore[valid-type]
    tune_range: tuple[_Pitch, _Pitch]
    opening: tuple[_Figure, ...] = Field(default=(), max_length=MOST_FIGURES)
    closing: tuple[_Figure, ...] = Field(default=(), max_length=MOST_FIGURES)
    figures: dict[_Row, Annotated[tuple[_Figure, ...], Field(max_length=MOST_FIGURES)]] = Field(default_factory=dict)
    voices: dict[_Row, Annotated[float, Field(ge=0, le=16)]] = Field(default_factory=dict)
    progressions: tuple[tuple[tuple[tuple[tuple[int, str], ...], ...], float], ...] = Field(
        default=(), max_length=MOST_PROGRESSIONS
    )
    measures: dict[str, tuple[float, float]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sound(self) -> Variant:
        if self.meter not in METERS:
            raise ValueError(f"unknown metre '{self.meter[:40]}'")
        if self.scale and self.scale not in MODES:
            raise ValueError(f"unknown scale '{self.scale[:40]}'")
        for key, _ in self.keys:
            Key.parse(key[:40])
        return self

    def reference(self, **told: Any) -> StyleReference:
        """What a plan goes by. told: what isn't the variant's: name, style, tempo, line-up, form ..."""
        own = self.model_dump(exclude={"weight", "scale", "keys"})
        return StyleReference.model_validate({**own, "share": 1.0, **told})


class StyleFigures(BaseModel):
    """What the pieces are like.

    base: the nearest style of the catalogue, whose label the model is told; tempo: low, typical, high; lineups: each of
    (row, instrument), with its share; forms: as in ``theory.styles.Style``, likewise."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    base: str
    tempo: tuple[float, float, float]
    lineups: tuple[tuple[tuple[tuple[str, str], ...], _Share], ...] = Field(min_length=1, max_length=8)
    forms: tuple[tuple[str, _Share], ...] = Field(min_length=1, max_length=16)
    variants: tuple[Variant, ...] = Field(min_length=1, max_length=24)

    @model_validator(mode="after")
    def _sound(self) -> StyleFigures:
        low, typical, high = self.tempo
        if not 20 <= low <= typical <= high <= 300:
            raise ValueError(f"the tempi {self.tempo} aren't in order between 20 and 300")
        if self.base not in STYLES:
            raise ValueError(f"unknown style '{self.base[:40]}'")
        for lineup, _ in self.lineups:
            if any(key not in INSTRUMENTS or row not in INSTRUMENTS[key].roles for row, key in lineup) or not lineup:
                raise ValueError("a line-up names an instrument or a row that isn't known")
        for form, _ in self.forms:
            if not _FORM.match(form) or not 1 <= sum(int(bars) for bars in re.findall(r":(\d+)", form)) <= 512:
                raise ValueError(f"'{form[:60]}' isn't a form")
        return self

    @property
    def meters(self) -> dict[str, float]:
        """Metres by share."""
        found: dict[str, float] = {}
        for each in self.variants:
            found[each.meter] = found.get(each.meter, 0.0) + each.weight
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def scales(self) -> dict[str, float]:
        """Modes and scales by share: ``"major"``, ``"minor"`` or a key of ``theory.modes``."""
        found: dict[str, float] = {}
        for each in self.variants:
            name = each.scale or each.mode
            found[name] = found.get(name, 0.0) + each.weight
        return dict(sorted(found.items(), key=lambda item: -item[1]))


class SourcePiece(BaseModel):
    """One of the pieces that were learnt from. sha256: of the file it came in; split: what it was used for."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(max_length=400)
    title: str = Field(default="", max_length=400)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    split: Literal["train", "valid", "test"]


class AdapterManifest(BaseModel):
    """What ``manifest.json`` tells of a style of one's own.

    base_model: hash of the model that it changes; scale, rank: of the change; licence: the user's own note; losses:
    nats a written token on pieces that nothing was chosen by, ``"before"`` and ``"after"``, by row and in all
    (``"loss"``); settings: of the training.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[FORMAT]  # type: ignore[valid-type]
    name: str
    made: str = Field(max_length=20)
    licence: str = Field(default="", max_length=2000)
    base_model: str = Field(pattern=r"^[0-9a-f]{16}$")
    vocabulary: str = Field(max_length=64)
    rank: int = Field(ge=1, le=256)
    scale: float = Field(gt=0, le=1000)
    figures: StyleFigures
    sources: tuple[SourcePiece, ...] = Field(max_length=20_000)
    losses: dict[str, dict[str, float]] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.match(name):
            raise ValueError("its name has other signs than letters, digits and hyphens")
        return name


@dataclass(frozen=True)
class AdaptedStyle:
    """A style of one's own that is there. hash: of its weights, tunes and figures."""

    folder: Path
    hash: str
    manifest: AdapterManifest

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def reference(self) -> str:
        """Name and hash, as pieces tell it."""
        return f"{self.name}@{self.hash}"


def parse_manifest(text: str) -> AdapterManifest:
    """A manifest. Raises FormatError with one sentence."""
    try:
        return AdapterManifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise FormatError(f"the style's manifest isn't valid at '{place}': {first['msg'][:160]}.") from None


def read_adapted(folder: Path) -> AdaptedStyle:
    """The style in a folder. Raises InputError where there is none, FormatError for a damaged one."""
    try:
        stamps = tuple((folder / name).stat().st_mtime_ns for name in FILES)
        sizes = [(folder / name).stat().st_size for name in FILES]
    except OSError as error:
        raise InputError(f"there is no style of your own in '{folder}': {error.strerror}.") from error
    if sizes[0] > MAX_MANIFEST or max(sizes) > MAX_BYTES:
        raise FormatError(f"the style in '{folder}' is larger than any that is made here: remove it.")
    return _read(folder, stamps)


@cache
def _read(folder: Path, stamps: tuple[int, ...]) -> AdaptedStyle:
    text = (folder / MANIFEST).read_text("utf-8")
    manifest = parse_manifest(text)
    if manifest.name != folder.name:
        raise FormatError(f"the style in '{folder}' says that its name is '{manifest.name}': import it again.")
    digest = hashlib.sha256()
    for name in (WEIGHTS, TUNES):
        digest.update((folder / name).read_bytes())
    told = {"base": manifest.base_model, "scale": manifest.scale, "figures": manifest.figures.model_dump(mode="json")}
    digest.update(json.dumps(told, sort_keys=True).encode())
    return AdaptedStyle(folder, digest.hexdigest()[:16], manifest)


def adapted_names() -> list[str]:
    """Names of the styles of one's own, sorted, whether or not they are in order."""
    try:
        return sorted(
            path.name for path in adapters_folder().iterdir() if _NAME.match(path.name) and (path / MANIFEST).is_file()
        )
    except OSError:
        return []


def adapted_styles() -> list[AdaptedStyle]:
    """The styles of one's own that can be used, by name."""
    found = []
    for name in adapted_names():
        try:
            found.append(read_adapted(adapters_folder() / name))
        except InputError:
            continue
    return found


def find_adapted(name: str) -> AdaptedStyle | None:
    """The style of one's own with a name, whatever its case; None for none. Raises FormatError for a damaged one."""
    plain = name.strip().lower()
    if not _NAME.match(plain) or plain not in adapted_names():
        return None
    return read_adapted(adapters_folder() / plain)


def adapted_by(reference: str) -> AdaptedStyle:
    """The style that a piece names as ``name@hash``. Raises InputError when it isn't there, or has been made anew."""
    match = re.match(REFERENCE, reference)
    if match is None:
        raise FormatError(f"'{reference[:60]}' isn't a style of one's own: it is written as name@hash.")
    name, wanted = match[1], match[2]
    found = find_adapted(name)
    if found is None:
        raise InputError(
            f"this was written in your own style '{name}', which isn't here: import it with `yuefu adapt --import`."
        )
    if found.hash != wanted:
        raise InputError(
            f"this was written in your own style '{name}' as it was ({wanted}); here it is another ({found.hash}): "
            "import that one, or leave the style out."
        )
    return found


def known_style(name: str) -> Style | AdaptedStyle:
    """A style of the catalogue or of one's own, by name. Raises UnknownNameError, which lists both."""
    own = find_adapted(name)
    if own is not None:
        return own
    try:
        return find_style(name)
    except UnknownNameError as error:
        names = adapted_names()
        if not names:
            raise
        raise UnknownNameError("style", name, [*names, *STYLES]) from error
