"""What pieces of one's own are like, as a style to plan by: the nearest of the catalogue, with measured figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from yuefu.analysis.form import segment
from yuefu.analysis.lines import melody_line
from yuefu.recognition.recognizer import style_recognizer
from yuefu.score.model import NOTE_ROWS, Part, Score
from yuefu.text.adapted import StyleFigures
from yuefu.theory.instruments import INSTRUMENTS, instrument_names
from yuefu.theory.styles import STYLES, Style
from yuefu.training.own_variants import main_meter, main_mode, variants_of

T = TypeVar("T")

#: What the recogniser tells apart -> styles of the catalogue that sound so, besides the one of its own name.
HEARD = {
    "chorale": ("hymn",), "hymn": ("chorale",), "renaissance": ("chorale",), "classical": ("string_quartet",),
    "romantic": ("piano_solo",), "jig": ("celtic",), "slip_jig": ("celtic",), "slide": ("celtic",), "reel": ("celtic",),
    "hornpipe": ("celtic",), "strathspey": ("celtic",), "polka": ("celtic",), "air": ("celtic", "folk"),
    "country_dance": ("folk", "celtic"), "folk": ("chinese_folk", "children"), "chinese_pop": ("guofeng", "ballad"),
    "jazz": ("swing",), "standard": ("swing", "ballad"), "game_band": ("game", "rock"), "drums_rock": ("rock",),
    "drums_funk": ("funk",), "drums_latin": ("latin",), "drums_jazz": ("jazz",), "drums_hiphop": ("hiphop",),
    "drums_reggae": ("reggae",),
}  # fmt: skip
#: Pitch classes, in C major and A minor, of the scales that a tune can keep to, and how nearly it must.
PENTATONIC, KEPT = (0, 2, 4, 7, 9), 0.93
#: Singers, from the highest.
VOICES = ("soprano", "alto", "tenor", "baritone", "bass_voice")
#: Most bars of a form that is planned by.
LONGEST_FORM = 64
#: Pieces that are listened to for the nearest style.
LISTENED = 40
#: Rows in which a lone player's parts are read.
_HANDS = {"melody", "bass", "keys"}


def figures_of(scores: Sequence[Score], near: str | None = None) -> StyleFigures:
    """The figures of pieces, which ``own_modes.in_modes`` has seen.

    near: the style of the catalogue to lean on, None for the nearest.
    """
    base = STYLES[near] if near is not None else nearest_style(scores)
    return StyleFigures(
        base=base.key,
        tempo=_tempi(scores) or base.tempo,
        lineups=_lineups(scores, base),
        forms=_forms(scores) or tuple((form, 1.0) for form in base.forms),
        variants=variants_of(scores, base, _chord_level(scores)),
    )


def nearest_style(scores: Sequence[Score]) -> Style:
    """The style of the catalogue that pieces are most like: as the recogniser hears them, and by what is measured."""
    step = max(1, len(scores) // LISTENED)
    heard: dict[str, float] = dict.fromkeys(STYLES, 0.0)
    listened = list(scores[::step][:LISTENED])
    network = style_recognizer()
    for score in listened:
        for label, share in network(score).shares:
            own = (label,) if label in STYLES else ()
            for place, key in enumerate((*own, *HEARD.get(label, ()))):
                heard[key] += share * 0.85**place / len(listened)
    meters = meter_shares(scores)
    minor = float(np.mean([main_mode(score) == "minor" for score in scores]))
    pentatonic = tune_kept(scores, PENTATONIC) >= KEPT
    drums = float(np.mean([score.part("drums") is not None for score in scores]))
    tempo = _tempi(scores)

    def likeness(style: Style) -> float:
        own = dict(style.meters)
        value = 2.0 * heard[style.key]
        value += 0.5 * sum(min(share, own.get(meter, 0.0)) for meter, share in meters.items())
        value -= 0.3 * abs(style.minor - minor)
        value += 0.8 * (1.0 if pentatonic and style.scale == "pentatonic" else 0.0)
        value -= 0.8 * (1.0 if style.scale == "pentatonic" and not pentatonic else 0.0)
        value -= 0.4 * abs(drums - (1.0 if style.drum_style else 0.0))
        if tempo is not None:
            value -= 0.4 * abs(float(np.log2(tempo[1] / style.tempo[1])))
        return value

    return max(STYLES.values(), key=likeness)


def tune_kept(scores: Sequence[Score], scale: Sequence[int]) -> float:
    """The share of the tunes' time, in C major or A minor, that keeps to a scale."""
    inside = whole = 0
    for score in scores:
        line = melody_line(score)
        shifts = np.array([score.key_at(int(tick)).shift for tick in line["start"]], dtype=np.int64)
        kept = np.isin((line["pitch"].astype(np.int64) - shifts) % 12, scale)
        inside += int(line["duration"][kept].sum())
        whole += int(line["duration"].sum())
    return inside / max(whole, 1)


def meter_shares(scores: Sequence[Score]) -> dict[str, float]:
    """The metres in which the pieces mostly are, by share."""
    found = Counter(main_meter(score) for score in scores)
    return {meter: count / len(scores) for meter, count in found.items()}


def _tempi(scores: Sequence[Score]) -> tuple[float, float, float] | None:
    """Low, typical and high tempo, None where the files don't tell."""
    told = [score.tempos[0].bpm for score in scores if score.metadata.get("tempo_given", True)]
    if len(told) < 0.5 * len(scores) or np.mean([bpm == 120.0 for bpm in told]) > 0.8:
        return None
    low, typical, high = (float(np.clip(round(value), 20, 300)) for value in np.percentile(told, (15, 50, 85)))
    return low, typical, high


def _lineups(scores: Sequence[Score], base: Style) -> tuple[tuple[tuple[tuple[str, str], ...], float], ...]:
    """The commonest line-ups with their shares, at most four."""
    found = Counter(_lineup(score, base) for score in scores)
    found.pop((), None)
    kept = [pair for pair in found.most_common(4) if pair[1] >= 0.08 * len(scores)] or found.most_common(1)
    return tuple(_with_shares(kept)) or ((base.lineups[0], 1.0),)


def _with_shares(counted: Sequence[tuple[T, int]]) -> list[tuple[T, float]]:
    total = sum(count for _, count in counted)
    return [(each, round(count / total, 3)) for each, count in counted]


def _lineup(score: Score, base: Style) -> tuple[tuple[str, str], ...]:
    parts = {part.role: part for part in score.parts if len(part.notes)}
    rows = [row for row in NOTE_ROWS if row in parts]
    if set(rows) <= _HANDS and "keys" in rows and len({(parts[row].name, parts[row].program) for row in rows}) == 1:
        alone = _named(parts["keys"])
        if alone is None or INSTRUMENTS[alone].polyphonic:
            return (("melody", alone or "piano"),)
    players = {row: _player(parts[row], row, base) for row in rows}
    sung = [row for row in rows if INSTRUMENTS[players[row]].family == "voice"]
    return _singers(players) if len(sung) * 2 > len(rows) else tuple(players.items())


def _singers(players: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Who sings: among singers a bass is one, too, and nobody stands twice.

    A fifth voice, which the rows hold as a pad, would be planned as chords: it is left out.
    """
    found: dict[str, str] = {}
    for row in ("melody", "counter", "inner", "bass"):
        if row in players:
            asked = "bass_voice" if row == "bass" else players[row]
            free = [key for key in (asked, *VOICES) if key not in found.values() and row in INSTRUMENTS[key].roles]
            found[row] = free[0] if free else asked
    return tuple(found.items())


def _player(part: Part, row: str, base: Style) -> str:
    """Who plays a row: as the file tells, else as in the style that the pieces are near."""
    named = _named(part)
    if named is not None and row in INSTRUMENTS[named].roles:
        return named
    usual = next((key for lineup in base.lineups for role, key in lineup if role == row), None)
    if usual is not None:
        return usual
    return {"melody": "flute", "counter": "violin", "inner": "viola", "bass": "cello", "keys": "piano",
            "pad": "strings", "drums": "drums"}[row]  # fmt: skip


def _named(part: Part) -> str | None:
    """The catalogue's key of a part's instrument, None where the file doesn't tell: the piano is what nobody chose."""
    if part.instrument in INSTRUMENTS and (part.instrument != "piano" or "piano" in part.name.lower()):
        return part.instrument
    return instrument_names().get(part.name.strip().lower())


def _forms(scores: Sequence[Score]) -> tuple[tuple[str, float], ...]:
    """The commonest forms, as an analysis hears them, with their shares, at most eight."""
    found: Counter[str] = Counter()
    for score in scores:
        bars = score.bars[1:] if score.pickup else score.bars
        starts = [bar.start for bar in bars]
        items = []
        for section in score.sections or segment(score):
            count = sum(section.start <= start < section.start + section.duration for start in starts)
            if count:
                items.append((section.letter or "A", count))
        items = _joined(items)
        if 4 <= sum(count for _, count in items) <= LONGEST_FORM and len(items) <= 12:
            found[" ".join(f"{letter}:{count}" for letter, count in items)] += 1
    return tuple(_with_shares(found.most_common(8)))


def _joined(items: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Sections with letters that a form can be written in, in the order in which they come."""
    letters: dict[str, str] = {}
    out = []
    for letter, count in items:
        plain, primes = letter.rstrip("'"), min(letter.count("'"), 4)
        known = letters.setdefault(plain, "ABCDEFGHJKLMNPQRSTUVWXYZ"[min(len(letters), 23)])
        out.append((known + "'" * primes, count))
    return out


def _chord_level(scores: Sequence[Score]) -> str:
    """How rich the chords are; those that were heard, not written, are called no richer than sevenths."""
    qualities = [span.chord.quality for score in scores for span in score.chords if span.chord is not None]
    if not qualities:
        return "triads"
    given = np.mean([score.metadata.get("chords") == "given" for score in scores]) >= 0.5
    extended = np.mean([any(sign in quality for sign in ("9", "11", "13")) for quality in qualities])
    sevenths = np.mean(["7" in quality or "6" in quality for quality in qualities])
    return "extended" if given and extended > 0.12 else "sevenths" if sevenths > 0.2 else "triads"
