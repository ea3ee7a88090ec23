"""``yuefu inspire``: ideas from scores, a library or nothing at all, as cards; and a piece that begins with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuefu.cli.console import check_text, file_list, language_for, print_json, progress_bar, split_list, table
from yuefu.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from yuefu.inspire.idea import Idea
    from yuefu.inspire.index import Hit
    from yuefu.workflows.inspire_desk import IdeaIndex

EXAMPLES = (
    "yuefu inspire songs --roman 'I V vi IV' --mood sad",
    "yuefu inspire 忧伤的动机 songs --n 6 --out ideas",
    "yuefu inspire a.mid b.mid --combine 'rhythm=a.mid chords=b.mid mood=calm' --out ideas",
    "yuefu inspire songs --kind hook,groove --pick 1,3 --compose 'a rainy evening' --out piece",
)
_FIND, _DO, _OUTPUT = "Find", "Do", "Output"
#: What a combination is made of.
_PARTS = ("rhythm", "chords", "melody", "groove", "bass", "texture", "mood", "fill")
_MOST = 200
_SAID = {
    "en": ("Nothing of yours to look in: these were written afresh for your words.", "Found in {0} ideas.",
           "no ideas answer: ask for less, or give more pieces", "left out", "Written:"),
    "zh": ("没有可查找的作品：以下是按你的文字新写的。", "在 {0} 个灵感中查找。",
           "没有符合的灵感：放宽条件，或给更多作品", "未包括", "写好了："),
}  # fmt: skip


def inspire(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS|FILE|FOLDER]...", help="Words, scores, folders of scores, in any order."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Of motif, hook, progression, rhythm, bass, groove, texture, lyric, title.",
            rich_help_panel=_FIND,
        ),
    ] = None,
    draw: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHTS", help="A line's shape from left to right: '0 .5 1 .4 0'.", rich_help_panel=_FIND
        ),
    ] = None,
    notes: Annotated[
        str | None,
        typer.Option(metavar="TUNE", help="'5 6 1' 3', 'C4 E4 G4', MIDI numbers or u d r.", rich_help_panel=_FIND),
    ] = None,
    roman: Annotated[
        str | None, typer.Option(metavar="CHORDS", help="'I V vi IV' or 'C G Am F'.", rich_help_panel=_FIND)
    ] = None,
    rhythm: Annotated[
        str | None,
        typer.Option(
            metavar="STROKES", help="'x..x..x.' or 'kick: x...x... / snare: ..x...x.'.", rich_help_panel=_FIND
        ),
    ] = None,
    mood: Annotated[
        str | None,
        typer.Option(metavar="V,A", help="Valence and arousal, each -1 to 1, or a mood word.", rich_help_panel=_FIND),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="ID|FILE", help="Like an idea by its id, or like a file's hook.", rich_help_panel=_FIND),
    ] = None,
    surprise: Annotated[
        bool,
        typer.Option(
            "--surprise", help="What is unusual beside your own pieces and still fits.", rich_help_panel=_FIND
        ),
    ] = False,
    combine: Annotated[
        str | None,
        typer.Option(
            metavar="PARTS",
            help="'rhythm=1 chords=b.mid mood=calm fill=bass,drums': cards by number or id, or files.",
            rich_help_panel=_DO,
        ),
    ] = None,
    turn: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="invert, retrograde, augment, diminish, sequence, transpose=KEY, continue, morph (with the next).",
            rich_help_panel=_DO,
        ),
    ] = None,
    pick: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these of the cards: '1,3'.", rich_help_panel=_DO)
    ] = None,
    compose: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="Begin a piece with the cards: what else it is.", rich_help_panel=_DO),
    ] = None,
    n: Annotated[int, typer.Option("--n", "-n", metavar="N", help="Cards at most.")] = 8,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same cards.")] = 0,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The studio's folder; else ~/.local/share/yuefu.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Write a MIDI file a card, a picture and a piece.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the cards as JSON and nothing else.", rich_help_panel=_OUTPUT)
    ] = False,
    language: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Of what is printed and drawn.", rich_help_panel=_OUTPUT)
    ] = None,
) -> None:
    """Find ideas: motifs, hooks, progressions, rhythms, bass lines, grooves, textures, and words for songs.

    Looks in the scores that are named, else in the studio's library; with neither, ideas are written afresh for the
    words. Every card says where it came from and whether that is free to use.
    """
    from yuefu.workflows.inspire import IdeaDesk
    from yuefu.workflows.inspire import turn as turned

    if not 1 <= n <= _MOST:
        raise InputError(f"{n} cards can't be shown: give 1 to {_MOST}.")
    if not 0 <= seed < 2**31:
        raise InputError(f"the seed {seed} can't be used: give a whole number from 0 to {2**31 - 1}.")
    if compose is not None and out is None:
        raise InputError("a piece needs a place: give --out DIR, too.")
    paths = [Path(word) for word in words or () if _is_file(word)]
    said = check_text(" ".join(word for word in words or () if not _is_file(word)), "the words")
    spoken = language_for(language, "zh" if re.search("[\u4e00-\u9fff]", said) else None)
    kinds = split_list(kind) if kind else []
    how, _, key = (turn or "").partition("=")
    with progress_bar(spoken, not as_json) as listener:
        folder, store = _library(data, bool(paths))
        desk = IdeaDesk(folder / "ideas", store)
        try:
            index, own = _look(desk, paths, store, surprise, listener)
            hits, fresh = _found(
                desk,
                index,
                own,
                said,
                kinds,
                _search_of(desk, index, said, kinds, draw, notes, roman, rhythm, mood, like),
                n,
                seed,
                surprise,
                spoken,
                listener,
            )
        finally:
            if store is not None:
                store.close()
        if combine:
            hits = [_made(_combined(desk, hits, index, combine, seed), "Combined.", "组合而成。")]
        if pick:
            hits = _picked(hits, pick)
        if how:
            ideas = [hit.idea for hit in hits]
            others = [*ideas[1:], ideas[0]] if len(ideas) > 1 else [None]
            hits = [
                _made(turned(hit.idea, how, other, seed, key or None), f"Turned: {how}.", f"变形：{how}。")
                for hit, other in zip(hits, others, strict=True)
            ]
        files: list[Path] = []
        report: dict[str, Any] | None = None
        if out is not None:
            files, report = _written(hits, out, compose, seed, spoken, listener)
    _tell(hits, index, fresh, files, report, as_json, spoken)


def _is_file(word: str) -> bool:
    """Whether a word names something that is there; one that looks like a file and isn't is a mistake."""
    path = Path(word)
    try:
        if path.exists():
            return True
    except OSError:
        return False
    if re.search(r"\.(mid|midi|musicxml|mxl|xml|abc|json)$", word, re.I) or word.endswith("/"):
        raise InputError(f"there is no file '{word}': give one that is there.")
    return False


def _library(data: Path | None, elsewhere: bool) -> tuple[Path, Any]:
    """The studio's folder, and its store where there is one and it is wanted."""
    import os

    home = os.environ.get("XDG_DATA_HOME", "")
    usual = (Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share") / "yuefu"
    folder = (data or usual).expanduser()
    if data is not None and not folder.is_dir():
        raise InputError(f"there is no folder '{folder}': give the one that `yuefu serve` uses.")
    if elsewhere or not (folder / "yuefu.db").exists():
        return folder, None
    try:
        from yuefu.store.store import Store
    except ImportError:
        return folder, None
    return folder, Store.open(folder)


def _look(desk: Any, paths: Sequence[Path], store: Any, surprise: bool, listener: Any) -> tuple[IdeaIndex, list[Any]]:
    """The ideas to look in, and one's own pieces to compare with."""
    from yuefu.workflows.inspire import IdeaIndex

    if paths:
        return desk.files(paths, listener), []
    if store is None:
        return IdeaIndex(()), []
    account = store.accounts.local()
    own = desk.own_scores(account.id) if surprise else []
    return desk.library(account.id, listener), own


def _search_of(
    desk: Any, index: IdeaIndex, words: str, kinds: Sequence[str], draw: str | None, notes: str | None,
    roman: str | None, rhythm: str | None, mood: str | None, like: str | None,
) -> Any:  # fmt: skip
    """The search that options ask for."""
    from yuefu.text.options import parse_mood
    from yuefu.workflows.inspire import Search

    heights: list[float] = []
    if draw:
        try:
            heights = [float(value) for value in re.split(r"[\s,;]+", draw.strip()) if value]
        except ValueError as error:
            raise InputError(
                f"'{draw[:40]}' isn't a drawing: give heights from left to right, such as 0 .5 1."
            ) from error
    point = parse_mood(mood) if mood else None
    return Search(
        words=words, tune=notes or "", contour=heights, mood=point, like=_idea(desk, index, (), like) if like else None,
        kinds=kinds, roman=roman or "", rhythm=rhythm or "",
    )  # fmt: skip


def _found(
    desk: Any, index: IdeaIndex, own: list[Any], words: str, kinds: Sequence[str], search: Any, n: int, seed: int,
    surprise: bool, language: str, listener: Any,
) -> tuple[list[Hit], bool]:  # fmt: skip
    """The cards: found, or written afresh where there is nothing to find them in; and whether they were."""
    from yuefu.inspire.making import WORDS
    from yuefu.inspire.wanted import wanted_of
    from yuefu.workflows.inspire import KINDS, IdeaIndex, fresh, sparks, surprising

    for name in kinds:
        if name not in KINDS:
            raise UnknownNameError("kind of idea", name, KINDS)
    asked = tuple(kinds) or wanted_of(words).kinds
    spoken = [name for name in asked if name in WORDS]
    rest = [name for name in asked if name not in WORDS]
    found: list[Hit] = []
    if spoken:
        count = n if not rest else max(1, n * len(spoken) // len(asked))
        found += [_made(idea, "", "") for idea in sparks(words, language, index.ideas, seed, count, spoken)]
        if not rest:
            return found, True
    anew = not len(index)
    if anew:
        index = IdeaIndex.of(fresh(words, max(n, 8) if rest else n, seed, rest, listener), fresh=True)
    if surprise:
        found += surprising(index, own, n - len(found), kinds=rest, progress=listener)
    else:
        from dataclasses import replace

        found += index.search(replace(search, kinds=rest), n - len(found), seed)
    return found, anew


def _made(idea: Idea, english: str, chinese: str) -> Hit:
    from yuefu.workflows.inspire import Hit

    return Hit(idea, 1.0, english, chinese)


def _picked(hits: list[Hit], text: str) -> list[Hit]:
    chosen = []
    for word in split_list(text):
        if not word.isdigit() or not 1 <= int(word) <= len(hits):
            raise InputError(f"there is no card '{word[:20]}': they are numbered from 1 to {len(hits)}.")
        chosen.append(hits[int(word) - 1])
    return chosen


def _idea(desk: Any, index: IdeaIndex, hits: Sequence[Hit], text: str, kinds: Sequence[str] = ()) -> Idea:
    """An idea by the number of its card, by its id, or the best one (of some kinds) of a file."""
    if text.isdigit() and hits and 1 <= int(text) <= len(hits):
        return hits[int(text) - 1].idea
    if re.fullmatch(r"[0-9a-f]{16}", text) and (known := index.get(text)) is not None:
        return known
    if _is_file(text):
        ideas: Sequence[Idea] = desk.files([Path(text)]).ideas
        for kind in kinds or ("hook", "motif", "progression", "groove", "bass"):
            best = [idea for idea in ideas if idea.kind == kind]
            if best:
                return max(best, key=lambda idea: dict(idea.facts).get("salience", 0.0))
        raise InputError(f"'{text}' has no {' or '.join(kinds) or 'ideas'}: give another file.")
    raise InputError(f"there is no idea '{text[:40]}': give a card's number, an id or a file.")


#: Which kinds of a file give what a combination asks for.
_GIVES = {
    "rhythm": ("rhythm", "hook", "motif"), "chords": ("progression", "hook"), "melody": ("hook", "motif"),
    "groove": ("groove",), "bass": ("bass",), "texture": ("texture",),
}  # fmt: skip


def _combined(desk: Any, hits: Sequence[Hit], index: IdeaIndex, text: str, seed: int) -> Idea:
    """``"rhythm=1 chords=b.mid mood=calm"`` as an idea."""
    from yuefu.text.options import parse_mood
    from yuefu.workflows.inspire import combine

    parts: dict[str, Any] = {}
    for name, value in re.findall(r"(\w+)\s*=\s*(\"[^\"]*\"|\S+)", text):
        value = value.strip('"')
        if name not in _PARTS:
            raise UnknownNameError("part of a combination", name, _PARTS)
        if name == "fill":
            parts[name] = split_list(value)
        elif name == "mood":
            is_card = value.isdigit() or re.fullmatch(r"[0-9a-f]{16}", value) or _is_file(value)
            parts[name] = _idea(desk, index, hits, value) if is_card else parse_mood(value)
        else:
            parts[name] = _idea(desk, index, hits, value, _GIVES[name])
    if not parts:
        raise InputError(f"'{text[:40]}' says nothing to combine: write rhythm=1 chords=2 mood=calm.")
    return combine(**parts, seed=seed)


def _written(
    hits: Sequence[Hit], out: Path, compose: str | None, seed: int, language: str, listener: Any
) -> tuple[list[Path], dict[str, Any] | None]:
    """A folder with a MIDI file a card, a picture of them all, and the piece that they begin."""
    from yuefu.inspire.making import WORDS
    from yuefu.score.files import atomic_write
    from yuefu.workflows.folders import staged_folder
    from yuefu.workflows.inspire import midi_of, start_piece
    from yuefu.workflows.inspire_sheet import sheet_png

    files: list[Path] = []
    report = None
    with staged_folder(out) as stage:
        for number, hit in enumerate(hits, 1):
            name = f"{number:02d}-{hit.idea.kind}" + (".txt" if hit.idea.kind in WORDS else ".mid")
            content = (hit.idea.text + "\n").encode() if hit.idea.kind in WORDS else midi_of(hit.idea)
            atomic_write(stage / name, content)
            files.append(out / name)
        if hits:
            atomic_write(stage / "ideas.png", sheet_png([hit.idea for hit in hits], language))
            files.append(out / "ideas.png")
        if compose is not None:
            piece = start_piece([hit.idea for hit in hits], compose, seed=seed, progress=listener)
            files += [out / path.name for path in piece.save(stage, ["midi", "musicxml"], listener).values()]
            report = piece.report.to_dict()
    return files, report


def _tell(
    hits: Sequence[Hit], index: IdeaIndex, fresh: bool, files: Sequence[Path], report: dict[str, Any] | None,
    as_json: bool, language: str,
) -> None:  # fmt: skip
    """The cards on the terminal, or as JSON."""
    from yuefu.inspire.making import WORDS
    from yuefu.workflows.inspire import card
    from yuefu.workflows.report_ideas import ideas_text

    chinese = language == "zh"
    cards = [
        {**card(hit.idea, language, playback=False), "score": hit.score, "why": hit.why_zh if chinese else hit.why_en}
        for hit in hits
    ]
    if as_json:
        print_json({
            "cards": cards, "fresh": fresh, "searched": len(index), "left_out": dict(index.left_out),
            "files": [str(file) for file in files], **({} if report is None else {"report": report}),
        })  # fmt: skip
        return
    anew, among, nothing, left_out, written = _SAID[language]
    if fresh and any(told["kind"] not in WORDS for told in cards):
        typer.echo(anew)
    elif len(index):
        typer.echo(among.format(len(index)))
    if not cards:
        typer.echo(nothing + ("。" if chinese else "."))
    rows = []
    for number, told in enumerate(cards, 1):
        rows.append((str(number), told["kind_name"], str(told["title"]), f"{told['score']:.2f}", told["id"]))
    if rows:
        typer.echo(table(rows))
    for number, told in enumerate(cards, 1):
        typer.echo(f"{number}. " + _about(told))
    for name, why in list(index.left_out.items())[:8]:
        typer.echo(f"{left_out}: {name} ({why})", err=True)
    for line in ideas_text(report["ideas"], chinese) if report is not None else ():
        typer.echo(line)
    if files:
        typer.echo(written + "\n" + file_list(files))


def _about(told: dict[str, Any]) -> str:
    """What is said of a card: its words or chords, why it is there, where it came from."""
    parts = [told["why"]] if told["why"] else []
    if told["text"] and told["kind"] == "lyric":
        parts.insert(0, " / ".join(told["text"].splitlines()) + ".")
    elif told["chords"] and told["kind"] != "progression":
        parts.append(" ".join(chord["roman"] for chord in told["chords"][:8]) + ".")
    parts += [told["source"]["sentence"], told["free_sentence"]]
    return " ".join(part for part in parts if part)
