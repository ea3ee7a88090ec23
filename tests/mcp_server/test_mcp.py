"""``yuefu mcp`` as an assistant meets it: a process of its own, spoken to over standard input and output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.api.live import make_piece, running
from tests.loops import run as run_in_a_loop

mcp = pytest.importorskip("mcp", reason="the extra `mcp` isn't installed")

TOOLS = {
    "compose", "fill", "edit", "list_pieces", "get_score", "analyze", "lyrics_check", "read_brief", "export_files",
    "inspire", "recommend", "playlist", "note_opinion",
}  # fmt: skip


def speak(arguments: list[str], talk: Callable[[Any], Coroutine[Any, Any, None]], **environment: str) -> None:
    """Start the server with some arguments, and talk to it through the package's own client."""
    from mcp import ClientSession, StdioServerParameters, stdio_client

    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "yuefu", "mcp", *arguments], env={**os.environ, **environment}
    )

    async def run() -> None:
        async with (
            stdio_client(parameters) as (reading, writing),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            await talk(session)

    run_in_a_loop(run(), 240)


def text_of(result: Any) -> str:
    """What a tool answered, as text."""
    return "\n".join(block.text for block in result.content)


def test_an_assistant_looks_edits_and_exports_through_a_running_studio(tmp_path: Path) -> None:
    """With --server: tools and resources over the studio's pieces; files only into --out; refusals as sentences."""
    out = tmp_path / "out"
    with running(tmp_path / "data") as server:
        with server.http() as http:
            piece = make_piece(http, "Spring / 春天 ../x")["id"]

        async def talk(session: Any) -> None:
            tools = (await session.list_tools()).tools
            assert {tool.name for tool in tools} == TOOLS
            assert all(tool.description for tool in tools)

            listed = text_of(await session.call_tool("list_pieces", {"words": "spring"}))
            assert piece in listed
            assert "T:Spring" in text_of(await session.call_tool("get_score", {"piece": piece}))
            assert "score-partwise" in text_of(
                await session.call_tool("get_score", {"piece": piece, "format": "musicxml"})
            )
            assert "1" in text_of(await session.call_tool("get_score", {"piece": piece, "format": "jianpu"}))
            assert "G major" in text_of(await session.call_tool("analyze", {"piece": piece}))
            assert "3/4" in text_of(await session.call_tool("read_brief", {"words": "a sad waltz"}))
            assert (await session.call_tool("lyrics_check", {"piece": piece})).content

            ideas = text_of(await session.call_tool("inspire", {"roman": "I V vi I", "kinds": ["progression"]}))
            assert "Bars 1-4 of 'Spring" in ideas
            assert "I V vi I" in ideas
            lines = text_of(await session.call_tool("inspire", {"words": "rain", "kinds": ["lyric"], "n": 1}))
            assert '"kind": "lyric"' in lines

            edited = await session.call_tool("edit", {"piece": piece, "edits": [{"op": "tempo", "bpm": 72}]})
            assert '"version": 2' in text_of(edited)
            written = await session.call_tool("export_files", {"piece": piece, "formats": ["midi", "abc"]})
            assert not written.is_error, text_of(written)

            missing = await session.call_tool("analyze", {"piece": "0" * 26})
            assert missing.is_error
            assert "isn't yours" in text_of(missing)
            wrong = await session.call_tool("edit", {"piece": piece, "edits": [{"op": "dance"}]})
            assert wrong.is_error

            resource = await session.read_resource(f"yuefu://pieces/{piece}")
            assert json.loads(resource.contents[0].text)["piece"] == piece
            score = await session.read_resource(f"yuefu://pieces/{piece}/score.abc")
            assert "Q:" in score.contents[0].text
            assert piece in (await session.read_resource("yuefu://pieces")).contents[0].text

        speak(["--server", server.url, "--out", str(out)], talk)
    (folder,) = out.iterdir()
    assert folder.parent == out
    assert sorted(path.name for path in folder.iterdir()) == ["song.abc", "song.mid"]
    assert (folder / "song.mid").read_bytes()[:4] == b"MThd"


@pytest.mark.slow
@pytest.mark.model
def test_an_assistant_composes_in_a_library_of_its_own(tmp_path: Path) -> None:
    """Without --server: the library in --data, with a worker beside; without --out no file is written."""

    async def talk(session: Any) -> None:
        made = await session.call_tool("compose", {"words": "spring rain", "style": "folk", "bars": 4, "seed": 3})
        assert not made.is_error, text_of(made)
        told = json.loads(text_of(made))
        assert told["facts"]["bars"] == 4
        refused = await session.call_tool("export_files", {"piece": told["piece"], "formats": ["midi"]})
        assert refused.is_error
        assert "--out" in text_of(refused)

    speak(["--data", str(tmp_path / "data")], talk)
    from yuefu.store.store import Store

    store = Store.open(tmp_path / "data")
    found, _ = store.pieces.list(store.accounts.local().id)
    store.close()
    assert [piece.words for piece in found] == ["spring rain"]
