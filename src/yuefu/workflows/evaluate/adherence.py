"""Adherence: every explicit wish of random briefs, judged from the written MIDI and MusicXML alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yuefu.evaluation.adherence import GUARANTEED, HEARD, Verdict, verdicts
from yuefu.evaluation.briefs import Wish, random_wish, read_back
from yuefu.evaluation.plots import table_plot
from yuefu.evaluation.rates import rate
from yuefu.evaluation.table import Aim, Row, SuiteResult, Table, Value
from yuefu.evaluation.written_midi import written_midi
from yuefu.evaluation.written_musicxml import written_musicxml
from yuefu.workflows.evaluate import SuiteContext
from yuefu.workflows.evaluate.pieces import composed

#: Sentences that are read in each language; no piece is composed for them.
SENTENCES = 300
#: Text2midi and MuseCoco on the MidiCaps test captions (Bhandari et al. 2025, arXiv 2412.16526), in percent.
PUBLISHED = (
    "Other systems on another test set (free captions of MidiCaps, read from the notes; Bhandari et al. 2025): "
    "Text2midi tempo bin 39.7% (65.8% with tolerance), key 33.6%; MuseCoco tempo bin 21.7%, key 13.7%."
)

Judged = Mapping[str, Verdict]


def run(context: SuiteContext) -> SuiteResult:
    """Full: 300 pieces of random briefs, read in a few hundredths of a second each once they are composed."""
    count = context.size(300, 4)
    seeds, wishes = [], []
    midi: list[Judged] = []
    score: list[Judged] = []
    other: list[Judged] = []
    before = None
    for piece in composed(context, "prompted", count):
        wish = random_wish(piece.seed)
        played, written = written_midi(piece.midi.read_bytes()), written_musicxml(piece.musicxml.read_bytes())
        seeds.append(piece.seed)
        wishes.append(wish)
        midi.append(verdicts(wish, played))
        score.append(verdicts(wish, written))
        other.append(verdicts(wish, before) if before is not None else {})
        before = played
    rows = tuple(_row(name, midi, score, other) for name in (*GUARANTEED, *HEARD))
    asked = [name for found in midi for name in found if name in GUARANTEED]
    met = [one[name].met and two[name].met for one, two in zip(midi, score) for name in one if name in GUARANTEED]
    overall = Row("all but heard", {"asked": len(asked), "both files": rate(met)})
    table = Table(
        "Wishes met, judged from the written files",
        ("asked", "MIDI", "MusicXML", "both files", "another wish's MIDI"),
        (*rows, overall),
        "attribute",
        (
            "Shares of pieces with Wilson's 95% interval. The files are read with mido and lxml alone, and texts that "
            "the MIDI writer keeps for itself are passed over. The last column judges each wish by the piece of the "
            "wish before: what agreement by chance would be.",
            "Tempo: at the start. Duration: to a bar or 12%, with the slowing at the end in MIDI. Chords: the symbol "
            "of every bar. Ranges: what the catalogue says an instrument can play. Whole bars: bars full, parts of "
            "one length, syllables on notes. Style leaves no mark in a file and isn't judged.",
            "Key heard: by Krumhansl's key finding on the notes alone. Chords heard: at least half of what sounds in "
            "every single bar is a tone of the chord. Neither is promised.",
            PUBLISHED,
        ),
    )
    reading = _reading(context, SENTENCES if not context.quick else 40)
    return SuiteResult(
        "adherence",
        (table, reading, _failures(seeds, {"MIDI": midi, "MusicXML": score})),
        (_aim(met, context.quick),),
        table_plot("rates", Table(table.title, table.columns, rows), ("both files", "another wish's MIDI"), "share"),
        {"seed": context.seed, "pieces": count},
    )


def _row(name: str, midi: Sequence[Judged], score: Sequence[Judged], other: Sequence[Judged]) -> Row:
    pairs = [(one[name].met, two[name].met) for one, two in zip(midi, score) if name in one]
    values: dict[str, Value] = {"asked": len(pairs)}
    values["MIDI"] = rate(one for one, _ in pairs)
    values["MusicXML"] = rate(two for _, two in pairs)
    values["both files"] = rate(one and two for one, two in pairs)
    if name not in ("ranges", "whole bars"):  # those hold whatever was wished
        values["another wish's MIDI"] = rate(found[name].met for found in other if name in found)
    return Row(name, values)


def _reading(context: SuiteContext, count: int) -> Table:
    """How often the text reader finds what a sentence means, field by field."""
    wishes: list[Wish] = [random_wish(seed) for seed in range(context.seed, context.seed + count)]
    heard = {language: [read_back(wish, language) for wish in wishes] for language in ("en", "zh")}
    names = list(dict.fromkeys(name for found in heard["en"] for name in found))
    rows = [
        Row(name, {"sentences": sum(name in found for found in heard["en"])}
            | {language: rate(found[name] for found in told if name in found) for language, told in heard.items()})
        for name in names
    ]  # fmt: skip
    whole: dict[str, Value] = {
        language: rate(all(found.values()) for found in told) for language, told in heard.items()
    }
    return Table(
        "Sentences read as they were meant",
        ("sentences", "en", "zh"),
        (*rows, Row("everything in the sentence", {"sentences": count, **whole})),
        "field",
        ("The phrasings come from a list that was seen while the reader was mended: a check, not a held-out test.",),
    )


def _failures(seeds: Sequence[int], files: Mapping[str, Sequence[Judged]]) -> Table:
    """Each promise that a file breaks, with the seed that makes the piece again."""
    rows = []
    for index, seed in enumerate(seeds):
        for file, judged in files.items():
            for name, verdict in judged[index].items():
                if name in GUARANTEED and not verdict.met:
                    told = {"attribute": name, "file": file, "asked": verdict.asked, "found": verdict.found}
                    rows.append(Row(str(seed), told))
    note = (
        "No promise was broken." if not rows else "A seed's piece: `composed` in workflows/evaluate/pieces.py makes it."
    )
    return Table("Wishes not met", ("attribute", "file", "asked", "found"), tuple(rows), "seed", (note,))


def _aim(met: Sequence[bool], quick: bool) -> Aim:
    return Aim("every explicit wish is met in both files", f"{sum(met)} of {len(met)}", None if quick else all(met))
