"""``yuefu morph`` and ``yuefu map``: from one phrase to another in steps, and a folder's phrases on a plane."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from yuefu.cli.console import file_list, language_for, print_json, progress_bar, table
from yuefu.errors import InputError

MORPH_EXAMPLES = (
    "yuefu morph one.mid other.mid --steps 7 -o morph.mid",
    "yuefu morph song.mid:5-8 song.mid:13-16 --row bass --picture morph.png -o morph.musicxml",
)
MAP_EXAMPLES = ("yuefu map songs -o map.png", "yuefu map songs --row drums --by piece --json")

Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON and nothing else.")]
Language = Annotated[str | None, typer.Option(metavar="en|zh", help="Of what is printed and drawn.")]
Row = Annotated[str, typer.Option(metavar="ROW", help="melody, bass or drums.")]
_MORPH = {
    "en": ("step", "notes", "changed", "{0} bars {1}-{2} to {3} bars {4}-{5}, in {6}", "moved by {0:+d} semitones",
           "{0} notes between the sixteenths are only in the two ends", "Written:"),
    "zh": ("步", "音符", "变化", "{0} 第 {1}-{2} 小节 到 {3} 第 {4}-{5} 小节，{6}", "移动 {0:+d} 个半音",
           "{0} 个不在十六分格上的音只在两端保留", "写好了："),
}  # fmt: skip
_MAP = {
    "en": ("{0} points of {1} files", "nearest", "distance", "left out", "Written:"),
    "zh": ("{1} 个文件的 {0} 个点", "最近的", "距离", "未包括", "写好了："),
}


def morph(
    one: Annotated[str, typer.Argument(metavar="A", help="A score, with bars if you like: A.mid or A.mid:5-8.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The score, or the bars, to end at.")],
    steps: Annotated[int, typer.Option(metavar="N", help="Phrases in all, both ends counted: 3 to 33.")] = 7,
    row: Row = "melody",
    bars: Annotated[
        str | None, typer.Option(metavar="RANGE", help='Bars of both, at most 8: "5-8"; else the first four.')
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to: a score, .pdf, .wav ... by extension.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw all steps as rolls.")] = None,
    attributes: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute", metavar="NAME=N", help="Lean the middle: busier=1, higher=0.5 ... May be repeated."
        ),
    ] = None,
    band: Annotated[
        bool, typer.Option("--band/--alone", help="Let the others play: A's up to the middle, then B's.")
    ] = True,
    roles: Annotated[
        list[str] | None,
        typer.Option(metavar="LIST", help="Correct who plays what, for A and then for B: --roles Piano=melody."),
    ] = None,
    temperature: Annotated[float, typer.Option(metavar="T", help="0 (the likeliest notes) to 2.")] = 0.0,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same notes.")] = 0,
    as_json: Json = False,
    language: Language = None,
) -> None:
    """Turn one phrase into another in steps: the ends are A and B as they are, what lies between is found.

    Both are in A's key, the tempo moves along; chords and players are A's up to the middle, then B's.
    """
    from yuefu.tokens.phrase_attributes import parse_attributes
    from yuefu.workflows.convert import target_kind
    from yuefu.workflows.morph import morph_files
    from yuefu.workflows.render import check_place

    spoken = language_for(language)
    if not 0 <= temperature <= 2:
        raise InputError(f"temperature {temperature:g} isn't possible: give 0 (always the likeliest) to 2.")
    if not 0 <= seed < 2**32:
        raise InputError(f"the seed {seed} can't be used: give a whole number from 0 to {2**32 - 1}.")
    target = out or Path("morph.mid")
    target_kind(target)
    for place in (target, picture):
        if place is not None:
            check_place(place)
    told = [*(roles or []), None, None]
    with progress_bar(spoken, not as_json) as listener:
        made = morph_files(
            one, other, steps=steps, row=row, bars=bars, roles=(told[0], told[1] if roles and len(roles) > 1 else None),
            attributes=parse_attributes(attributes or []), band=band, temperature=temperature, seed=seed,
            progress=listener,
        )  # fmt: skip
        files = list(made.save(target, listener))
    if picture is not None:
        from yuefu.score.files import atomic_write

        atomic_write(picture, made.picture(spoken))
        files.append(picture)
    if as_json:
        print_json({**made.facts(), "files": [str(file) for file in files]})
        return
    typer.echo(_morph_text(made, one, other, spoken))
    typer.echo(_MORPH[spoken][-1] + "\n" + file_list(files))


def _morph_text(made: Any, one: str, other: str, language: str) -> str:
    step, notes, changed, what, moved, bent, _ = _MORPH[language]
    (first, last), (begin, end) = made.bars
    lines = [
        what.format(Path(one).name.split(":")[0], first, last, Path(other).name.split(":")[0], begin, end, made.key)
    ]
    if made.moved:
        lines[0] += "; " + moved.format(made.moved)
    if made.bent:
        lines.append(bent.format(made.bent))
    rows: list[tuple[str, ...]] = [(step, notes, changed)]
    for number, (phrase, far) in enumerate(zip(made.phrases, (None, *made.distances), strict=True)):
        rows.append((str(number), str(phrase.onsets), "" if far is None else f"{far:.2f}"))
    return "\n".join([*lines, table(rows)])


def map_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Scores: MIDI, MusicXML, ABC; subfolders too.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="PNG", help="Where the picture goes.")] = None,
    row: Row = "melody",
    by: Annotated[
        str, typer.Option(metavar="KIND", help="A point for each phrase (of four bars) or piece.")
    ] = "phrase",
    way: Annotated[str, typer.Option(metavar="NAME", help="tsne keeps neighbours together, pca distances.")] = "tsne",
    as_json: Json = False,
    language: Language = None,
) -> None:
    """Draw the phrases of a folder's scores as points on a plane: what lies close together sounds alike.

    Subfolders, or else files, have colours of their own; the nearest neighbours of each point are told.
    """
    from yuefu.workflows.phrase_map import map_folder
    from yuefu.workflows.render import check_place

    spoken = language_for(language)
    target = out if out is not None or as_json else Path("map.png")
    if target is not None:
        if target.suffix.lower() != ".png":
            raise InputError(f"'{target.name}' isn't a PNG: a map is drawn as one, such as -o map.png.")
        check_place(target)
    with progress_bar(spoken, not as_json) as listener:
        found = map_folder(folder, row, by, way, progress=listener)
    if target is not None:
        from yuefu.score.files import atomic_write

        atomic_write(target, found.picture(spoken))
    if as_json:
        print_json({**found.to_dict(), "files": [str(target)] if target is not None else []})
        return
    count, nearest, distance, left_out, written = _MAP[spoken]
    typer.echo(count.format(len(found.points), len({point.file for point in found.points})))
    pairs = sorted({(far, *sorted((point.label, other))) for point in found.points for other, far in point.near[:1]})
    rows = [(nearest, "", distance), *((str(a), str(b), f"{far:.2f}") for far, a, b in pairs[:12])]
    typer.echo(table(rows))
    for name, why in list(found.left_out.items())[:8]:
        typer.echo(f"{left_out}: {name} ({why})")
    typer.echo(f"{written} {target}")
