"""The whole way with real workers: words in over HTTP, bars as they are written, a piece out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.live import running

from yuefu.client import Client, Event

pytestmark = [pytest.mark.slow, pytest.mark.model]


def test_words_become_a_piece_whose_cells_are_written_anew_and_heard(tmp_path: Path) -> None:
    """Compose, follow, fill two bars with the rest unchanged, render."""
    with running(tmp_path, workers=1) as server, Client(server.url) as client:
        told: list[Event] = []
        job = client.wait(
            client.compose("spring rain", style="folk", bars=8, seed=7, candidates=1), on_event=told.append
        )
        kinds = {event.kind for event in told}
        assert {"state", "progress", "plan", "bars"} <= kinds
        piece = client.piece(job.piece)
        assert piece.facts["bars"] == 8
        before = client.grid(piece, 1)

        filled = client.wait(client.fill(piece, rows=["melody"], bars="3-4", seed=1))
        after = client.grid(piece, filled.version)
        for one, other in zip(before["parts"], after["parts"]):
            outside = [n[1:4] for n in one["notes"] if not 192 <= n[1] < 384]
            assert [n[1:4] for n in other["notes"] if not 192 <= n[1] < 384] == outside
            if one["row"] != "melody":
                assert [n[1:4] for n in other["notes"]] == [n[1:4] for n in one["notes"]]

        sound = client.download(client.piece(job.piece), "mp3", 1)
        assert len(sound) > 10_000
        assert client.health().queue["waiting"] == 0
