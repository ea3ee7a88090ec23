"""Compose the twenty prompts of prompts.toml and check what was promised, with music21's eyes.

    python benchmarks/twenty_prompts.py --corpus CORPUS --out docs/tables/twenty_prompts.md

Guaranteed attributes are read from the written MusicXML by music21, which shares no code with
Yuefu. The musical measures are laid beside the same measures of held-out corpus pieces (when
--corpus names a folder that `yuefu corpus build` made).
"""

from __future__ import annotations

import argparse
import itertools
import math
import tomllib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SHOWN = (
    "scale_ratio", "chord_tone_ratio", "pitch_class_entropy", "groove_consistency", "self_similarity_4", "density_melody",
    "melody_range", "mean_interval", "steps", "leaps", "repeats", "rhythm_entropy", "syncopation", "dissonance",
    "empty_melody", "phrase_ending",
)  # fmt: skip


def read_back(path: Path) -> dict:
    """What music21 finds in a MusicXML file, and mido in the MIDI file beside it (programs)."""
    from mido import MidiFile
    from music21 import chord, converter, harmony, key, meter, note, tempo

    score = converter.parse(path)
    parts = list(score.parts)
    first = parts[0]
    marks = list(score.recurse().getElementsByClass(tempo.MetronomeMark))
    symbols = [h.figure for h in first.recurse().getElementsByClass(harmony.ChordSymbol)]
    syllables = sum(
        1
        for n in score.recurse().notes
        if isinstance(n, note.Note | chord.Chord)
        and (n.tie is None or n.tie.type == "start")
        and any(lyric.text for lyric in n.lyrics)  # the end of an extender is a lyric without words
    )
    signature = next(iter(first.recurse().getElementsByClass(key.KeySignature)), None)
    return {
        "bars": len(list(first.getElementsByClass("Measure"))),
        "meters": {m.ratioString for m in first.recurse().getElementsByClass(meter.TimeSignature)},
        "sharps": signature.sharps if signature is not None else None,
        "mode": getattr(signature, "mode", None),
        "tempo": marks[0].getQuarterBPM() if marks else None,
        "programs": {
            m.program for t in MidiFile(path.with_suffix(".mid")).tracks for m in t if m.type == "program_change"
        },
        "drums": any(
            "Unpitched" in type(n).__name__ or "Percussion" in type(n).__name__
            for p in parts
            for n in p.recurse().notes
        ),
        "chords": symbols,
        "syllables": syllables,
    }


def check(expect: dict, found: dict, composition) -> list[str]:
    """The promises that weren't kept."""
    from yuefu.theory.instruments import INSTRUMENTS
    from yuefu.theory.key import Key

    broken = []
    if "bars" in expect and found["bars"] != expect["bars"]:
        broken.append(f"bars {found['bars']} for {expect['bars']}")
    if "tempo" in expect and (found["tempo"] is None or abs(found["tempo"] - expect["tempo"]) > 0.01):
        broken.append(f"tempo {found['tempo']} for {expect['tempo']}")
    if "meter" in expect and found["meters"] != {expect["meter"]}:
        broken.append(f"metre {found['meters']} for {expect['meter']}")
    if "key" in expect:
        key = Key.parse(expect["key"])
        if found["sharps"] != key.fifths or (found["mode"] or key.mode) != key.mode:
            broken.append(f"key {found['sharps']} {found['mode']} for {expect['key']}")
    for name in expect.get("instruments", []):
        instrument = INSTRUMENTS[name]
        if not (found["drums"] if instrument.is_drums else instrument.program in found["programs"]):
            broken.append(f"no {name}")
    if "syllables" in expect and found["syllables"] != expect["syllables"]:
        broken.append(f"{found['syllables']} syllables for {expect['syllables']}")
    if "form" in expect:
        letters = " ".join(s.letter for s in composition.score.sections)
        if letters != expect["form"]:
            broken.append(f"form {letters} for {expect['form']}")
    if "chords" in expect:
        wanted = list(itertools.islice(itertools.cycle(expect["chords"]), len(found["chords"])))
        if found["chords"] != wanted:
            broken.append(f"chords {found['chords'][:6]}")
    return broken


def corpus_row(folder: Path, most: int = 60) -> dict[str, tuple[float, float]]:
    """Mean and spread of the measures over held-out pop, songs and hymns."""
    from yuefu.analysis.measures import measure
    from yuefu.corpus.store import iter_scores

    rows = []
    for name in ("pop909", "openewld", "openhymnal"):
        rows += [measure(s) for s in itertools.islice(iter_scores(folder, sets=[name], split="test"), most // 3)]
    return {n: (float(np.nanmean([r[n] for r in rows])), float(np.nanstd([r[n] for r in rows]))) for n in SHOWN}


def main() -> None:
    """Compose, check, print."""
    from yuefu.score.musicxml_write import musicxml_bytes
    from yuefu.text.brief import BriefOptions
    from yuefu.workflows.compose import compose

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--work", type=Path, default=Path("runs/prompts"), help="where the pieces are written")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    cases = tomllib.loads((HERE / "prompts.toml").read_text("utf-8"))["case"]
    lines = [
        "| piece | key | bars | parts | promises broken | wishes unmet | nearest work (notes in a row) |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = {}
    for case in cases:
        options = BriefOptions(seed=arguments.seed, lyrics=case.get("lyrics"), **case.get("options", {}))
        composition = compose(case.get("words", ""), options)
        path = arguments.work / f"{case['name']}.musicxml"
        path.write_bytes(musicxml_bytes(composition.score))
        path.with_suffix(".mid").write_bytes(composition.midi)
        broken = check(case.get("expect", {}), read_back(path), composition)
        rows[case["name"]] = composition.report.measures
        near = composition.report.originality or {}
        unmet = ", ".join(f.field for f in composition.report.unmet) or "none"
        lines.append(
            f"| {case['name']} | {composition.plan.key} | {composition.plan.bars} | {len(composition.score.parts)} "
            f"| {'; '.join(broken) or 'none'} | {unmet} | {near.get('nearest_work', '')} ({near.get('longest_shared_run', 0)}) |"
        )
        print(lines[-1], flush=True)
    values = {n: [r[n] for r in rows.values() if r.get(n) is not None] for n in SHOWN}
    table = [
        "",
        "| measure | twenty pieces: mean (spread) | corpus: mean (spread) | furthest piece |",
        "|---|---|---|---|",
    ]
    reference = corpus_row(arguments.corpus) if arguments.corpus else {}
    far: dict[str, float] = {}
    for name in SHOWN:
        mean, spread = float(np.mean(values[name])), float(np.std(values[name]))
        center, width = reference.get(name, (mean, spread))
        distance = {c: abs(r[name] - center) / max(width, 1e-6) for c, r in rows.items() if r.get(name) is not None}
        worst = max(distance, key=lambda c: distance[c])
        for c, d in distance.items():
            far[c] = far.get(c, 0.0) + min(d, 4.0)
        human = f"{center:.3f} ({width:.3f})" if name in reference else "-"
        table.append(f"| {name} | {mean:.3f} ({spread:.3f}) | {human} | {worst} ({rows[worst][name]:.2f}) |")
    table += ["", f"Furthest from the corpus over all measures: {max(far, key=lambda c: far[c])}."]
    text = "\n".join(lines + table) + "\n"
    print("\n".join(table))
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, "utf-8")
    assert not math.isnan(sum(len(v) for v in values.values()))


if __name__ == "__main__":
    main()
