"""Rhythms of four-bar phrases by style and metre: what ``planning/tune_figures.json`` is made by.

    python -m yuefu.training.tune_figures CORPUS

reads the training part of a built corpus and writes the file beside ``planning/tune_figures.py``.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from yuefu.analysis.lines import skyline
from yuefu.corpus.labels import facts_of, label_of
from yuefu.corpus.store import iter_scores
from yuefu.planning.tune_figures import PHRASE
from yuefu.score.files import atomic_write
from yuefu.score.model import Score
from yuefu.tokens.grid import snap_onset

#: Labels whose rhythms are kept, and the metres in which their tunes are written here.
STYLES = {
    "jig": ("6/8",), "slip_jig": ("9/8",), "slide": ("12/8",), "reel": ("4/4",), "hornpipe": ("4/4",),
    "strathspey": ("4/4",), "polka": ("2/4",), "air": ("3/4", "4/4", "6/8"), "country_dance": ("2/4", "4/4", "3/4"),
    "march": ("4/4", "2/4", "6/8"), "chorale": ("4/4", "3/4"),
    "art_song": ("4/4", "3/4", "2/4", "6/8"), "renaissance": ("4/4", "3/4"),
    "baroque": ("4/4", "3/4", "2/4"), "classical": ("4/4", "3/4", "2/4"), "romantic": ("4/4", "3/4", "2/4"),
}  # fmt: skip
#: Bars that are written in a shorter metre are read at double length: reels and hornpipes in 2/4 hold semiquavers.
DOUBLED = {("reel", "2/4"): "4/4", ("hornpipe", "2/4"): "4/4", ("strathspey", "2/4"): "4/4"}
ALIASES = {"2/2": "4/4"}
#: Sets that have such tunes.
SETS = (
    "cre_irish", "pd_fiddle_abc", "mutopia", "openewld", "openhymnal", "jsb_chorales", "openscore_lieder",
    "openscore_quartets", "musetrainer_pd",
)  # fmt: skip
#: Rhythms that are kept of each kind.
KEEP = 60
#: Most notes of a bar; faster ones are somebody's ornaments.
MOST = 16


def phrases_of(score: Score, double: bool) -> list[tuple[str, bool]]:
    """A tune's phrases as they are written in the file, and whether each closes a part of eight bars.

    Phrases with an empty bar and those off the grid are left out.
    """
    part = score.part("melody")
    if part is None:
        return []
    bars = score.bars[1:] if score.pickup else score.bars
    starts = skyline(part.notes)["start"].tolist()
    rows: list[list[int]] = []
    for bar in bars:
        inside = {snap_onset(tick - bar.start) for tick in starts if bar.start <= tick < bar.end}
        rows.append(sorted(tick * (2 if double else 1) for tick in inside))
    length = bars[0].duration if bars else 0
    found = []
    for first in range(0, len(rows) - PHRASE + 1, PHRASE):
        chunk, columns = rows[first : first + PHRASE], bars[first : first + PHRASE]
        plain = all(len(row) <= MOST and all(tick % 6 == 0 or tick % 8 == 0 for tick in row) for row in chunk)
        if all(chunk) and plain and all(bar.duration == length for bar in columns):
            found.append(("/".join(" ".join(map(str, row)) for row in chunk), first % (2 * PHRASE) > 0))
    return found


def count_figures(scores: Iterable[Score]) -> dict[str, dict[str, dict[str, list]]]:
    """Style -> metre -> ``"opening"`` and ``"closing"`` -> [[rhythm, works], ...], commonest first."""
    works: dict[tuple[str, str, bool], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for score in scores:
        facts = facts_of(score)
        label = label_of(facts)
        if label not in STYLES or len(score.meters) != 1:
            continue
        written = str(facts["meter"])
        double = (label, written) in DOUBLED
        meter = DOUBLED.get((label, written), ALIASES.get(written, written))
        if meter in STYLES[label]:
            for rhythm, closes in phrases_of(score, double):
                works[label, meter, closes][rhythm].add(f"{facts.get('set')}/{facts.get('work')}")
    result: dict[str, dict[str, dict[str, list]]] = {}
    for label, meters in STYLES.items():
        for meter in meters:
            kinds = {}
            for name, closes in (("opening", False), ("closing", True)):
                table = works.get((label, meter, closes), {})
                ranked = sorted(((-len(names), _mixed(rhythm), rhythm) for rhythm, names in table.items()))
                kinds[name] = [[rhythm, -count] for count, _, rhythm in ranked[:KEEP]]
            if all(len(rows) >= 5 for rows in kinds.values()):
                result.setdefault(label, {})[meter] = kinds
    return result


def _mixed(rhythm: str) -> int:
    """A number without a meaning: of equally common rhythms the kept ones shan't be those that begin alike."""
    return zlib.crc32(rhythm.encode())


def write_figures(scores: Iterable[Score], out: Path) -> None:
    """Write the JSON file."""
    table = count_figures(scores)
    lines = []
    for label, meters in table.items():
        rows = [
            f" {json.dumps(meter)}: {{\n"
            + ",\n".join(
                f"  {json.dumps(name)}: [\n" + ",\n".join(f"   {json.dumps(row)}" for row in kinds) + "]"
                for name, kinds in both.items()
            )
            + "}"
            for meter, both in meters.items()
        ]
        lines.append(f"{json.dumps(label)}: {{\n" + ",\n".join(rows) + "}")
    atomic_write(out, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def main(arguments: list[str]) -> int:
    """Make the package's file from a corpus folder."""
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    scores = (s for s in iter_scores(Path(arguments[0]), SETS) if s.metadata.get("split") == "train")
    write_figures(scores, Path(__file__).parents[1] / "planning" / "tune_figures.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
