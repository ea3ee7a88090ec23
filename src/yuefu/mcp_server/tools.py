"""What an assistant can do with a library: the tools and resources of ``yuefu mcp``.

Every tool is a few calls of the client, so that an assistant, the studio and programs share one way in. Answers are
text that a language model can read: facts rather than notes, scores as ABC, numbered notation or MusicXML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from anyio import from_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from pydantic import Field

from yuefu import __version__
from yuefu.client import Card, Client, Event, Piece
from yuefu.errors import YuefuError
from yuefu.mcp_server.listening import listening_tools

P = ParamSpec("P")
R = TypeVar("R")
INSTRUCTIONS = (
    "Yuefu composes music from words in English or Chinese. compose makes a piece and returns its id; fill writes "
    "chosen rows and bars anew; inspire finds ideas that a piece can be begun with; recommend and playlist find what "
    "to hear, and say why; "
    "edit changes notes, chords, words or tempo by hand; get_score shows a piece as text; "
    "export_files writes files. Rows: chords, melody, counter, inner, bass, keys, pad, drums. Bars are numbers as "
    "musicians count, such as '5-8, 12'."
)
TextFormat = Literal["abc", "jianpu", "musicxml"]
_TEXTS = {"abc": "abc", "jianpu": "jianpu.txt", "musicxml": "musicxml"}
#: Most characters of a score in one answer.
_LONGEST = 200_000
PieceId = Annotated[str, Field(description="A piece's id.", pattern=r"^[0-9a-z]{26}$")]
VersionNumber = Annotated[int | None, Field(description="A version's number; none for the shown one.", ge=1)]
Bars = Annotated[str, Field(description="Such as '5-8, 12'; empty for all.", max_length=200)]
Rows = Annotated[list[str], Field(description="Rows to write; empty for all that play.", max_length=8)]


def said(tool: Callable[P, R]) -> Callable[P, R]:
    """A tool whose refusals reach the model as the sentences that they are."""

    @wraps(tool)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return tool(*args, **kwargs)
        except YuefuError as error:
            raise ToolError(str(error)) from error

    return call


def build(client: Client, out: Path | None) -> MCPServer[Any]:
    """A server for a library. out: where export_files may write, None for nowhere."""
    server: MCPServer[Any] = MCPServer(
        "yuefu", title="乐府 Yuefu", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    _making(server, client)
    _looking(server, client)
    _inspiring(server, client)
    listening_tools(server, client, said)
    _files(server, client, out)
    _resources(server, client)
    return server


def _making(server: MCPServer[Any], client: Client) -> None:
    @server.tool()
    @said
    def compose(
        ctx: Context,
        words: Annotated[str, Field(description="What the music shall be, or a scene, in English or Chinese.")] = "",
        lyrics: Annotated[str | None, Field(description="Words to be sung, line by line.")] = None,
        style: str | None = None,
        key: Annotated[str | None, Field(description="Such as 'G minor'.")] = None,
        tempo: Annotated[str | None, Field(description="Such as '92' or 'allegro'.")] = None,
        meter: str | None = None,
        form: Annotated[str | None, Field(description="Such as 'intro:4 verse:8 chorus:8' or 'AABA'.")] = None,
        bars: int | None = None,
        duration: Annotated[str | None, Field(description="Such as '2:30'.")] = None,
        instruments: Annotated[str | None, Field(description="Such as 'erhu, guzheng, bass'.")] = None,
        chords: Annotated[str | None, Field(description="Such as 'C G/B | Am F'.")] = None,
        title: str | None = None,
        seed: Annotated[int | None, Field(description="The same seed gives the same piece.", ge=0)] = None,
        ideas: Annotated[
            list[dict[str, Any]],
            Field(description="What inspire gives as 'idea': kept in the piece, note for note.", max_length=12),
        ] = [],  # noqa: B006
    ) -> dict[str, Any]:
        """Compose a complete piece from words or lyrics. Takes 5 to 60 seconds. Returns the piece's id and facts."""
        options: dict[str, Any] = {
            "lyrics": lyrics, "style": style, "key": key, "tempo": tempo, "meter": meter, "form": form, "bars": bars,
            "duration": duration, "instruments": instruments, "chords": chords, "title": title, "seed": seed,
        }  # fmt: skip
        job = client.compose(
            words, ideas=ideas, **{name: value for name, value in options.items() if value is not None}
        )
        done = client.wait(job, on_event=_reporting(ctx))
        return told(client.piece(done.piece))

    @server.tool()
    @said
    def fill(
        ctx: Context,
        piece: PieceId,
        rows: Rows = [],  # noqa: B006
        bars: Bars = "",
        words: Annotated[str, Field(description="How: 'busier', 'only eighths', 'sadder'.", max_length=400)] = "",
        task: Literal["fill", "vary", "harmonize", "reharmonize", "arrange", "continue", "drums", "bassline"] = "fill",
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Write rows and bars of a piece anew, as a new version; everything else stays as it is."""
        done = client.wait(
            client.fill(piece, rows=rows, bars=bars, words=words, task=task, seed=seed), on_event=_reporting(ctx)
        )
        return {**told(client.piece(piece)), "version": done.version, "changed": (done.result or {}).get("changed")}

    @server.tool()
    @said
    def edit(
        piece: PieceId,
        edits: Annotated[
            list[dict[str, Any]],
            Field(
                description="Such as {'op': 'set_chords', 'bars': '1-2', 'text': 'C | G/B Am'}, {'op': 'tempo', "
                "'bpm': 92}, {'op': 'key', 'key': 'D major'}, {'op': 'add_note', 'part': id, 'start': tick, "
                "'duration': ticks, 'pitch': 60, 'velocity': 80}; 24 ticks a quarter."
            ),
        ],
    ) -> dict[str, Any]:
        """Change a piece by hand, all edits or none, as a new version."""
        return told(client.edit(piece, edits))


def _looking(server: MCPServer[Any], client: Client) -> None:
    @server.tool()
    @said
    def list_pieces(
        words: Annotated[str, Field(description="All of them must be in title, tags or prompt.")] = "",
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
    ) -> list[dict[str, Any]]:
        """The pieces of the library, the newest first."""
        found = []
        for piece in client.pieces(words, page=min(limit, 100)):
            found.append(told(piece))
            if len(found) == limit:
                break
        return found

    @server.tool()
    @said
    def get_score(piece: PieceId, format: TextFormat = "abc", version: VersionNumber = None) -> str:
        """A piece as text: ABC, jianpu (numbered notation of the tune) or MusicXML."""
        text = client.download(piece, _TEXTS[format], version).decode("utf-8", "replace")
        if len(text) > _LONGEST:
            raise ToolError(f"the score has {len(text):,} characters in {format}: use export_files, or abc.")
        return text

    @server.tool()
    @said
    def analyze(piece: PieceId, version: VersionNumber = None) -> dict[str, Any]:
        """Key, chords, form, ranges and rhythm of a piece, measured."""
        return client.analysis(piece, version)

    @server.tool()
    @said
    def lyrics_check(
        piece: PieceId, language: Literal["en", "zh"] = "en", version: VersionNumber = None
    ) -> dict[str, Any]:
        """How well a piece's words sit on its tune, line by line, and the rest of its report."""
        return client.report(piece, version, language=language)

    @server.tool()
    @said
    def read_brief(
        words: Annotated[str, Field(max_length=4000)], language: Literal["en", "zh"] = "en"
    ) -> list[dict[str, Any]]:
        """How words would be understood, field by field, before anything is composed."""
        found = client.read_brief(words, language=language)["understood"]
        return [{key: each[key] for key in ("field", "shown", "words", "confidence")} for each in found]


def _inspiring(server: MCPServer[Any], client: Client) -> None:
    @server.tool()
    @said
    def inspire(
        words: Annotated[str, Field(description="A mood, a style, a title; English or Chinese.", max_length=400)] = "",
        roman: Annotated[str, Field(description="A progression: 'I V vi IV'.", max_length=400)] = "",
        tune: Annotated[str, Field(description="Such as 'C4 E4 G4', or jianpu digits.", max_length=400)] = "",
        rhythm: Annotated[str, Field(description="Such as 'x..x..x.'.", max_length=400)] = "",
        kinds: Annotated[
            list[str],
            Field(description="motif, hook, progression, rhythm, bass, groove, texture, lyric, title", max_length=9),
        ] = [],  # noqa: B006
        fresh: Annotated[bool, Field(description="Write new ones instead of searching; takes seconds.")] = False,
        n: Annotated[int, Field(ge=1, le=24)] = 8,
        seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0,
    ) -> list[dict[str, Any]]:
        """Ideas from the library's pieces, or fresh ones: what they are, where from, whether free to use. Lyrics and
        titles are written for the words. Give an 'idea' to compose to begin a piece with it."""
        spoken = [kind for kind in kinds if kind in ("lyric", "title")]
        asked: dict[str, Any] = {"roman": roman, "tune": tune, "rhythm": rhythm, "kinds": kinds, "seed": seed}
        cards: list[Card] = []
        if spoken:
            cards += client.ideas.sparks(words, n=n, kinds=spoken, seed=seed)
        if not spoken or len(spoken) < len(kinds):
            cards += client.ideas.search(words, n=n, of="fresh" if fresh else "library", **asked)
        return [idea_told(card) for card in cards[:n]]


def idea_told(card: Card) -> dict[str, Any]:
    """A card, as a model needs it: facts, then what is given back."""
    return {
        "kind": card.kind, "title": card.title, "text": card.text, "bars": card.bars, "meter": card.meter,
        "key": card.key, "tempo": card.tempo, "chords": " ".join(chord["roman"] for chord in card.chords),
        "notes": len(card.notes), "source": card.source["sentence"], "rights": card.free_sentence, "why": card.why,
        "idea": {name: value for name, value in card.idea.items() if name not in ("id", "facts")},
    }  # fmt: skip


def _files(server: MCPServer[Any], client: Client, out: Path | None) -> None:
    @server.tool()
    @said
    def export_files(
        ctx: Context,
        piece: PieceId,
        formats: Annotated[
            list[str],
            Field(description="Of: midi, musicxml, abc, wav, flac, mp3, pdf, ...", min_length=1),
        ],
        version: VersionNumber = None,
    ) -> list[str]:
        """Write a piece's files into the folder that the user named. Returns their paths."""
        if out is None:
            raise ToolError("no folder for files was named: start the server with --out FOLDER.")
        found = client.piece(piece)
        names = {each["format"]: each["file"] for each in client.files(found, version)}
        unknown = [fmt for fmt in formats if fmt not in names]
        if unknown:
            raise ToolError(f"there is no format '{unknown[0][:20]}': use {', '.join(names)}.")
        folder = out / folder_name(found)
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for index, fmt in enumerate(formats):
            _report(ctx, index, len(formats), fmt)
            paths.append(str(client.download(found, fmt, version, to=folder / names[fmt])))
        return paths


def _resources(server: MCPServer[Any], client: Client) -> None:
    def fetched(get: Callable[[], str]) -> str:
        try:
            return get()
        except YuefuError as error:
            raise ResourceError(str(error)) from error

    @server.resource("yuefu://pieces", name="pieces", mime_type="application/json")
    def pieces() -> str:
        """The 200 newest pieces of the library."""

        def get() -> str:
            found = [told(piece) for _, piece in zip(range(200), client.pieces())]
            return json.dumps(found, ensure_ascii=False, indent=1)

        return fetched(get)

    @server.resource("yuefu://pieces/{piece}", name="piece", mime_type="application/json")
    def piece(piece: str) -> str:
        """A piece's facts."""
        return fetched(lambda: json.dumps(told(client.piece(_checked(piece))), ensure_ascii=False, indent=1))

    @server.resource("yuefu://pieces/{piece}/score.abc", name="score", mime_type="text/vnd.abc")
    def score(piece: str) -> str:
        """A piece's score as ABC."""
        return fetched(lambda: client.download(_checked(piece), "abc").decode("utf-8", "replace"))


def told(piece: Piece) -> dict[str, Any]:
    """A piece, as a model needs it."""
    return {
        "piece": piece.id, "title": piece.title, "version": piece.head, "words": piece.words[:500],
        "tags": list(piece.tags), "facts": piece.facts, "resource": f"yuefu://pieces/{piece.id}",
    }  # fmt: skip


def folder_name(piece: Piece) -> str:
    """A folder's name for a piece: letters and digits of its title, and the end of its id."""
    plain = re.sub(r"[^\w]+", "-", piece.title)[:60].strip("-_")
    return f"{plain or 'piece'}-{piece.id[-6:]}"


def _checked(piece: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{26}", piece):
        raise ResourceError("there is no such piece.")
    return piece


def _reporting(ctx: Context) -> Callable[[Event], None]:
    """Progress of a job, told to whoever asked for the tool."""

    def listen(event: Event) -> None:
        if event.kind == "progress":
            _report(ctx, float(event.data.get("fraction") or 0), 1.0, str(event.data.get("message") or ""))

    return listen


def _report(ctx: Context, done: float, total: float, message: str) -> None:
    from_thread.run(ctx.report_progress, done, total, message)
