"""Structure: sections asked for and found, bars that return, phrase ends, hooks, and whether long pieces wear out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from yuefu.analysis.form import segment, self_similarity
from yuefu.corpus.store import iter_scores, set_names
from yuefu.evaluation.bootstrap import Interval, bootstrap
from yuefu.evaluation.piece_baselines import bars_shuffled
from yuefu.evaluation.plots import table_plot
from yuefu.evaluation.structure import RELATIONS, STRETCH, Stretch, ends_compared, hook_returns, section_relations
from yuefu.evaluation.structure import phrase_ends as ends_of_phrases
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table, Value
from yuefu.score.model import Score, Section
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.corpus_sample import human_pieces
from yuefu.workflows.evaluate.pieces import composed

#: Sets whose works carry sections with letters; those of the others' are found in the notes.
LETTERED = ("pd_fiddle_abc", "wjazzd")
SEGMENTED = ("pop909",)
LAGS = (1, 2, 4, 8)
#: Works from this many seconds on stand beside the long pieces.
LONG = 180.0

Sectioned = tuple[Score, tuple[Section, ...]]


def run(context: SuiteContext) -> SuiteResult:
    """Full: 150 held-out works, 200 free and 200 prompted pieces, and 20 of five minutes.

    A work or piece takes about a third of a second, besides composing; a long piece's composing takes as long as
    that of five or more free ones.
    """
    made = context.size(200, 2)
    free = [piece.score for piece in composed(context, "free", made)]
    prompted = [piece.score for piece in composed(context, "prompted", made)]
    human = human_pieces(context, context.size(150, 4))
    long = [piece.score for piece in composed(context, "long", context.size(20, 1))]
    sections = _sectioned(context, context.size(100, 3)) | {
        "yuefu, free": [(score, score.sections) for score in free],
        "yuefu, prompted": [(score, score.sections) for score in prompted],
    }
    sections["yuefu"] = sections["yuefu, free"] + sections["yuefu, prompted"]
    shuffled = [bars_shuffled(s, np.random.default_rng([context.seed, 37, i])) for i, s in enumerate(human)]
    groups = {"human": human, "bars shuffled": shuffled, "yuefu, free": free, "yuefu, prompted": prompted}
    groups["yuefu"] = free + prompted
    related, endings = _relations(context, sections), _lengths(context, long)
    aims = (_relation_aim(related, context.quick), _length_aim(endings, context.quick))
    plots = table_plot("sections", related, RELATIONS, "likeness")
    return SuiteResult("structure", (related, _lags(groups), _phrases(groups), endings), aims, plots,
                       {"seed": context.seed})  # fmt: skip


def _works(context: SuiteContext, name: str) -> Iterator[Score]:
    """One piece a held-out work with a tune; none when the corpus lacks the set."""
    folder = context.built_corpus()
    seen: set[str] = set()
    for score in iter_scores(folder, [name], "test") if name in set_names(folder) else ():
        work = str(score.metadata.get("work", score.title))
        if work not in seen and score.part("melody") is not None:
            seen.add(work)
            yield score


def _sectioned(context: SuiteContext, count: int) -> dict[str, list[Sectioned]]:
    found: dict[str, list[Sectioned]] = {}
    for name in LETTERED:
        works = (score for score in _works(context, name) if len(score.sections) > 1)
        found[f"human, {name}"] = [(score, score.sections) for score in islice(works, count)]
    for name in SEGMENTED:
        found[f"human, {name} (found)"] = [(score, segment(score)) for score in islice(_works(context, name), count)]
    return {name: pieces for name, pieces in found.items() if pieces}


def _relations(context: SuiteContext, groups: Mapping[str, list[Sectioned]]) -> Table:
    rows = []
    for name, pieces in groups.items():
        rows.append(_relation_row(name, pieces))
        if name.startswith("human") and "(found)" not in name:
            mixed = [
                (bars_shuffled(score, np.random.default_rng([context.seed, 41, i])), sections)
                for i, (score, sections) in enumerate(pieces)
            ]
            rows.append(_relation_row(name.replace("human", "bars shuffled"), mixed))
    return Table(
        "Likeness of sections by their letters, and hooks that return",
        ("count", *RELATIONS, "hook returns"),
        tuple(rows),
        "pieces",
        (
            "Likeness of the bars of two sections, 0 to 1 (tune, harmony, texture); the mean of a piece's pairs, then "
            "of pieces. Of yuefu the sections asked for; of human works those written in the set, or, for pop909, "
            "those that the analysis finds by likeness itself, so that its row is no independent one.",
            "hook returns: share of pieces whose first section's first two bars of tune (intervals and rhythm) come "
            "again, note for note, in a later section of that letter, of those that have one.",
        ),
    )


def _relation_row(name: str, pieces: Sequence[Sectioned]) -> Row:
    found = [section_relations(score, sections) for score, sections in pieces]
    values: dict[str, Value] = {"count": len(pieces)}
    values |= {relation: bootstrap([one[relation] for one in found]) for relation in RELATIONS}
    values["hook returns"] = bootstrap([hook_returns(score, sections) for score, sections in pieces])
    return Row(name, values)


def _lags(groups: Mapping[str, list[Score]]) -> Table:
    rows = []
    for name, scores in groups.items():
        found = [self_similarity(score, LAGS) for score in scores]
        values: dict[str, Value] = {"count": len(scores)}
        values |= {f"lag {lag}": bootstrap([one.get(lag, float("nan")) for one in found]) for lag in LAGS}
        rows.append(Row(name, values))
    columns = ("count", *(f"lag {lag}" for lag in LAGS))
    return Table("Likeness of bars that lie some bars apart", columns, tuple(rows), "pieces")


def _phrases(groups: Mapping[str, list[Score]]) -> Table:
    rows = []
    for name, scores in groups.items():
        found = [ends_of_phrases(score) for score in scores]
        columns = tuple(found[0]) if found else ()
        values: dict[str, Value] = {"count": len(scores)}
        rows.append(Row(name, values | {column: bootstrap([one[column] for one in found]) for column in columns}))
    columns = ("count", "on tonic", "on dominant", "on either", "closing cadence", "ends on tonic")
    note = "Shares of phrases that end over tonic or dominant harmony; shares of pieces that close by a cadence."
    return Table("Where phrases come to rest", columns, tuple(rows), "pieces", (note,))


def _lengths(context: SuiteContext, long: Sequence[Score]) -> Table:
    folder = context.built_corpus()
    works = [score for name in set_names(folder) for score in _works(context, name) if score.duration >= LONG]
    rows = []
    for name, scores in (("human", works[: context.size(100, 4)]), ("yuefu", long)):
        pairs = [ends_compared(score) for score in scores]
        values: dict[str, Value] = {"count": len(scores), "seconds": bootstrap([s.duration for s in scores])}
        for column, field in zip(STRETCH, Stretch.__dataclass_fields__):
            first, last = ([float(getattr(pair[end], field)) for pair in pairs] for end in (0, 1))
            values[f"{column}, first"] = bootstrap(first)
            values[f"{column}, last less first"] = bootstrap([b - a for a, b in zip(first, last)])
        rows.append(Row(name, values))
    columns = tuple(f"{column}, {what}" for column in STRETCH for what in ("first", "last less first"))
    return Table(
        "The last minute against the first",
        ("count", "seconds", *columns),
        tuple(rows),
        "pieces",
        (
            f"human: held-out works of {LONG / 60:.0f} minutes or more. density: notes a second; distinct bars: "
            "different bars over bars; entropy: of pitch classes, bits; likeness: of neighbouring bars.",
        ),
    )


def _relation_aim(table: Table, quick: bool) -> Aim:
    values = {row.name: row.values for row in table.rows}["yuefu"]
    means = [value.mean for name in RELATIONS if isinstance(value := values[name], Interval)]
    text = "sections of the same letter are more alike than primed ones, and those more than others"
    judged = not quick and not np.isnan(means).any()
    return Aim(text, ", ".join(f"{m:.2f}" for m in means), means[0] > means[1] > means[2] if judged else None)


def _length_aim(table: Table, quick: bool) -> Aim:
    """Whether density and variety fall no more than a tenth below the first minute's."""
    values = {row.name: row.values for row in table.rows}["yuefu"]
    ratios = []
    for column in STRETCH[:3]:
        first, change = values[f"{column}, first"], values[f"{column}, last less first"]
        assert isinstance(first, Interval)
        assert isinstance(change, Interval)
        ratios.append(1 + change.mean / first.mean if first.mean else float("nan"))
    told = ", ".join(f"{column} {ratio:.2f}" for column, ratio in zip(STRETCH, ratios))
    text = "the last minute has at least 0.9 times the density, distinct bars and entropy of the first"
    return Aim(text, told, None if quick else all(ratio >= 0.9 for ratio in ratios))
