"""What is heard on the page of a piece: sound really runs, loops, changes its pace, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

LEVEL = """() => { const meter = window.yuefu.meter(); const data = new Float32Array(meter.fftSize);
meter.getFloatTimeDomainData(data);
return Math.sqrt(data.reduce((sum, each) => sum + each * each, 0) / data.length); }"""


def _open(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> Any:
    page = look(f"/pieces/{pieces[0]['id']}")
    page.wait_for_selector("#piece:not(.is-loading)")
    return page


def test_sound_runs_within_a_blink(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> None:
    """After a click the context runs, time goes on, and the meter shows sound, before all samples have come."""
    page = _open(look, pieces)
    page.click("#transport-play")
    page.wait_for_function(f"() => ({LEVEL})() > 0.001", timeout=3000)
    assert page.evaluate("window.yuefu.meter().context.state") == "running"
    first = page.evaluate("window.yuefu.page.player.time")
    page.wait_for_function("from => window.yuefu.page.player.time > from + 0.2", arg=first)
    page.keyboard.press("Escape")
    page.click("#transport-play")
    assert page.evaluate("window.yuefu.page.player.playing") is False


def test_samples_take_the_synthesizer_s_place(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> None:
    """The samples of a piece are fetched without being asked for by hand, and all of them can be read."""
    page = _open(look, pieces)
    page.evaluate("window.yuefu.page.player.sampler.settled()")
    states = page.evaluate(
        """[...window.yuefu.page.player.sampler.samples.values()]
        .map((each) => typeof each === 'object' ? 'ready' : each)"""
    )
    assert states
    assert set(states) == {"ready"}


def test_pace_loop_and_mute_live(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> None:
    """At half the pace half the time goes by; a loop stays within its bar; what is muted is silent."""
    page = _open(look, pieces)
    got = page.evaluate(
        """async () => {
        const { player, transport, state } = window.yuefu.page;
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        const { context } = window.yuefu.meter();
        await player.play(0);
        player.setRate(0.5);
        await wait(200);
        const [from, heard] = [player.time, context.currentTime];
        await wait(600);
        const pace = (player.time - from) / (context.currentTime - heard);
        player.setRate(1.5);
        transport.loop(1);
        const [a, b] = player.looped;
        const times = [];
        let turns = 0;
        for (let i = 0; i < 400 && turns < 2; i += 1) {
          await wait(20);
          times.push(player.time);
          if (times.length > 1 && times.at(-1) < times.at(-2)) turns += 1;
        }
        player.setPart(state.grid.parts[0].id, { mute: true });
        await wait(1200);
        return { pace, a, b, low: Math.min(...times.slice(5)), high: Math.max(...times.slice(5)), turns };
        }"""
    )
    assert 0.4 < got["pace"] < 0.6
    assert got["turns"] == 2
    assert got["a"] - 0.05 <= got["low"]
    assert got["high"] <= got["b"] + 0.05
    assert page.evaluate(LEVEL) < 0.001
    page.evaluate("window.yuefu.page.player.pause()")


def test_nothing_is_left_behind(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> None:
    """Starting, seeking and stopping many times leaves no voice: long sessions don't fill the memory."""
    page = _open(look, pieces)
    left = page.evaluate(
        """async () => {
        const { player } = window.yuefu.page;
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        for (let i = 0; i < 12; i += 1) {
          await player.play((i % 4) * 0.5);
          await wait(60);
          player.seek(1);
          await wait(40);
          player.pause();
        }
        await wait(600);
        return player.voices.size;
        }"""
    )
    assert left == 0


def test_long_notes_and_loops_are_exact(look: Callable[..., Any], pieces: list[dict[str, Any]]) -> None:
    """The plan of notes is exact: each turn of a loop starts a whole number of lengths after the first."""
    page = _open(look, pieces)
    starts = page.evaluate(
        """async () => {
        const { Player } = await import('/static/js/sound/player.js');
        const player = new Player();
        const starts = [];
        player.load({ duration: 4, clock: [[0, 0], [96, 2]], parts: [{ id: 'a', row: 'melody', program: 0,
          is_drums: false, volume: 100, pan: 64, notes: [[1, 0.5, 0.1, 60, 90]] }] });
        const { sampler } = player;
        const voice = sampler.voice.bind(sampler);
        sampler.voice = (out, note) => { starts.push(note.when); return voice(out, note); };
        player.loop(0.5, 0.75);
        await player.play(0.5);
        await new Promise((done) => setTimeout(done, 1400));
        player.close();
        sampler.voice = voice;
        return starts;
        }"""
    )
    assert len(starts) >= 4
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert all(abs(gap - 0.25) < 1e-6 for gap in gaps), gaps
