"""MIDI in and out: what is written reads back whole, and other programs see the same notes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.score.strategies import scores

from yuefu.errors import FormatError, InputError, LimitError
from yuefu.score.limits import MAX_FILE_BYTES
from yuefu.score.midi import midi_bytes, read_midi
from yuefu.score.model import ChordSpan, KeyChange, MeterChange, Part, Score, Section, Syllable, TempoChange, make_notes
from yuefu.score.performed import Performance, performed_notes
from yuefu.score.serial import score_to_dict
from yuefu.theory.chord import Chord
from yuefu.theory.key import Key

relaxed = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def smf(*tracks: bytes, kind: int = 1, division: int = 96) -> bytes:
    """A MIDI file of track bodies, the end of track added."""
    data = b"MThd" + bytes((0, 0, 0, 6, 0, kind, 0, len(tracks), division >> 8, division & 255))
    for track in tracks:
        body = track + b"\x00\xff\x2f\x00"
        data += b"MTrk" + len(body).to_bytes(4, "big") + body
    return data


def on(delta: int, pitch: int, channel: int = 0, velocity: int = 80) -> bytes:
    return bytes((delta, 0x90 | channel, pitch, velocity))


def off(delta: int, pitch: int, channel: int = 0) -> bytes:
    return bytes((delta, 0x80 | channel, pitch, 0))


def meta(delta: int, kind: int, data: bytes) -> bytes:
    return bytes((delta, 0xFF, kind, len(data))) + data


def simple(**changes: object) -> Score:
    notes = make_notes([(1, 0, 24, 60, 80), (2, 24, 24, 62, 80), (3, 48, 48, 64, 80)])
    return replace(Score(parts=(Part("P1", "Voice", notes=notes),), length=96), **changes)  # type: ignore[arg-type]


@relaxed
@given(scores())
def test_a_score_written_as_midi_reads_back_the_same(score: Score) -> None:
    assert score_to_dict(read_midi(midi_bytes(score))) == score_to_dict(score)


@relaxed
@given(scores(max_parts=2))
def test_the_same_score_gives_the_same_bytes(score: Score) -> None:
    assert midi_bytes(score) == midi_bytes(score)


@relaxed
@given(scores(), st.integers(0, 2**32 - 1))
def test_a_performance_off_the_grid_by_less_than_half_a_tick_reads_back_on_the_grid(score: Score, seed: int) -> None:
    rng = np.random.default_rng(seed)
    played = {}
    for part in score.parts:
        notes = performed_notes(part)
        shift = rng.uniform(-0.45, 0.45, len(notes))
        end = notes["start"] + notes["duration"] + rng.uniform(-0.45, 0.45, len(notes))
        notes["start"] += shift
        notes["duration"] = end - notes["start"]
        played[part.id] = notes
    again = read_midi(midi_bytes(score, Performance(score, played, score.tempos)))
    for part, other in zip(score.parts, again.parts):
        assert sorted(part.notes[["start", "pitch"]].tolist()) == sorted(other.notes[["start", "pitch"]].tolist())
        assert part.syllables == other.syllables


@relaxed
@given(scores())
def test_symusic_counts_the_same_notes_at_the_same_times(score: Score) -> None:
    import symusic

    seen = symusic.Score.from_midi(midi_bytes(score))
    found = sorted((n.time, n.duration, n.pitch, n.velocity) for track in seen.tracks for n in track.notes)
    ours = sorted((s * 20, d * 20, p, v) for part in score.parts for _, s, d, p, v in part.notes.tolist())
    assert found == ours
    assert len(seen.tempos) == len(score.tempos)


@relaxed
@given(scores())
def test_mido_reads_the_lyrics_in_their_language(score: Score) -> None:
    import io

    import mido

    seen = mido.MidiFile(file=io.BytesIO(midi_bytes(score)), charset="utf-8")
    words = sorted(m.text.rstrip("-\n") for track in seen.tracks for m in track if m.type == "lyrics")
    assert words == sorted(s.text for part in score.parts for s in part.syllables if s.verse == 1)


def test_a_pick_up_is_a_first_bar_that_sequencers_understand() -> None:
    import symusic

    score = simple(pickup=24, length=120)
    signatures = symusic.Score.from_midi(midi_bytes(score)).time_signatures
    assert [(s.time, s.numerator, s.denominator) for s in signatures] == [(0, 1, 4), (480, 4, 4)]


def test_a_short_first_bar_in_other_programs_files_is_a_pick_up() -> None:
    head = meta(0, 0x58, bytes((1, 2, 24, 8))) + meta(96, 0x58, bytes((3, 2, 24, 8)))
    score = read_midi(smf(head, on(0, 60) + off(96, 60)))
    assert score.pickup == 24
    assert score.meters == (MeterChange(0, 3, 4),)


def test_a_metre_change_inside_a_bar_cuts_that_bar_short() -> None:
    body = meta(0, 0x58, bytes((4, 2, 24, 8))) + on(0, 60) + off(96, 60) + off(96, 61)
    body += meta(0, 0x58, bytes((3, 2, 24, 8))) + on(0, 62) + off(96, 62)
    bars = read_midi(smf(meta(0, 0x58, bytes((4, 2, 24, 8))), body)).bars
    assert [(bar.start, bar.duration, bar.numerator) for bar in bars] == [(0, 48, 4), (48, 72, 3)]


def test_a_metre_change_a_tick_beside_the_bar_line_moves_onto_it() -> None:
    body = meta(0, 0x58, bytes((4, 2, 24, 8))) + on(0, 60) + off(120, 60) * 3 + off(32, 0)
    body += meta(0, 0x58, bytes((3, 2, 24, 8))) + on(0, 60) + off(96, 60)
    assert [m.tick for m in read_midi(smf(body)).meters] == [0, 96]


def test_a_file_without_a_key_says_so() -> None:
    score = read_midi(smf(on(0, 60) + off(96, 60)))
    assert score.metadata["key_given"] is False
    assert score.keys == (KeyChange(0, Key()),)
    assert read_midi(midi_bytes(score)).metadata["key_given"] is False


def test_each_channel_of_a_single_track_becomes_a_part_and_channel_ten_plays_drums() -> None:
    body = on(0, 72) + on(0, 36, 9) + on(0, 40, 3) + off(96, 72) + off(0, 36, 9) + off(0, 40, 3)
    parts = read_midi(smf(body, kind=0)).parts
    assert [part.notes["pitch"].tolist() for part in parts] == [[72], [40], [36]]
    assert [part.role for part in parts] == ["melody", "bass", "drums"]


def test_notes_round_to_the_grid_and_last_at_least_a_tick() -> None:
    body = on(0, 60) + off(1, 60) + on(48, 62) + off(0, 62)
    notes = read_midi(smf(body, division=480 // 5)).parts[0].notes
    assert notes[["start", "duration"]].tolist() == [(0, 1), (12, 1)]


def test_overlapping_unisons_pair_in_order_and_end_where_the_next_begins() -> None:
    body = on(0, 60) + on(48, 60) + off(48, 60) + off(48, 60)
    notes = read_midi(smf(body)).parts[0].notes
    assert notes[["start", "duration"]].tolist() == [(0, 12), (12, 24)]


def test_a_note_that_is_never_released_lasts_a_quarter_at_most() -> None:
    body = on(0, 60) + on(0, 64) + off(127, 64) + off(127, 65)
    notes = read_midi(smf(body)).parts[0].notes
    assert dict(notes[["pitch", "duration"]].tolist())[60] == 24


def test_running_status_system_exclusive_and_foreign_chunks_are_read_over() -> None:
    body = on(0, 60) + bytes((48, 60, 0)) + bytes((0, 0xF0, 2, 1, 0xF7)) + on(0, 62) + off(48, 62)
    data = smf(body)
    data = data[:14] + b"XFIH\x00\x00\x00\x02ab" + data[14:]
    assert read_midi(data).parts[0].notes["pitch"].tolist() == [60, 62]


def test_a_riff_wrapper_is_unwrapped() -> None:
    data = smf(on(0, 60) + off(48, 60))
    wrapped = b"RIFF" + (len(data) + 12).to_bytes(4, "little") + b"RMIDdata" + len(data).to_bytes(4, "little") + data
    assert read_midi(wrapped).note_count == 1


def test_karaoke_words_with_spaces_become_syllables_on_the_notes_of_the_tune() -> None:
    tune = b"".join(on(0, 60 + i) + off(96, 60 + i) for i in range(4))
    words = meta(0, 3, b"Words") + meta(0, 1, b"@KMIDI") + meta(0, 1, b"\\Hel") + meta(96, 1, b"lo ")
    words += meta(96, 1, b"big ") + meta(96, 1, b"/sky ")
    part = read_midi(smf(tune, words)).parts[0]
    assert [(s.text, s.syllabic, s.line_end) for s in part.syllables] == [
        ("Hel", "begin", False),
        ("lo", "end", False),
        ("big", "single", True),
        ("sky", "single", False),
    ]


def test_several_words_at_one_tick_are_several_verses() -> None:
    tune = meta(0, 5, b"one") + meta(0, 5, b"two") + on(0, 60) + off(96, 60)
    other = meta(0, 5, b"three")
    syllables = read_midi(smf(tune, other)).parts[0].syllables
    assert [(s.verse, s.text) for s in syllables] == [(1, "one"), (2, "two"), (3, "three")]


def test_chinese_lyrics_in_an_old_encoding_are_read() -> None:
    tune = meta(0, 5, "月".encode("gb2312")) + on(0, 60) + off(96, 60)
    assert read_midi(smf(tune)).parts[0].syllables[0].text == "月"


def test_foreign_markers_become_sections_when_they_name_one() -> None:
    head = meta(0, 6, b"Intro") + meta(96, 6, b"x marks the spot") + meta(96, 6, b"Chorus 1")
    sections = read_midi(smf(head, b"".join(on(0, 60) + off(96, 60) for _ in range(8)))).sections
    assert [(s.start, s.kind) for s in sections] == [(0, "intro"), (48, "chorus")]


def test_chords_without_a_follower_keep_their_end() -> None:
    score = simple(chords=(ChordSpan(0, 24, Chord(9, "m7")), ChordSpan(48, 24, None)), sections=(Section(0, 48, "A"),))
    again = read_midi(midi_bytes(score))
    assert again.chords == score.chords
    assert again.sections == score.sections


def test_more_than_fifteen_pitched_parts_share_channels_and_stay_apart() -> None:
    parts = tuple(
        Part(f"P{i}", f"Part {i}", program=i * 3 % 128, notes=make_notes([(i + 1, 0, 24, 40 + i, 80)]))
        for i in range(40)
    )
    again = read_midi(midi_bytes(Score(parts=parts, length=96)))
    assert [(part.name, part.program) for part in again.parts] == [(part.name, part.program) for part in parts]


def test_pedals_and_the_played_tempo_curve_are_written() -> None:
    import symusic

    score = simple()
    tempos = (TempoChange(0, 120.0), TempoChange(72, 100.0))
    performance = Performance(score, {}, tempos, {"P1": ((0.0, True), (47.5, False))})
    data = midi_bytes(score, performance)
    seen = symusic.Score.from_midi(data)
    controls = [(c.time, c.value) for c in seen.tracks[0].controls if c.number == 64]
    assert controls == [(0, 127), (950, 0)]
    assert read_midi(data).tempos == tempos


def test_a_syllable_stays_on_its_note_when_the_note_is_played_early() -> None:
    score = simple()
    part = replace(score.parts[0], syllables=(Syllable(2, "月"),))
    score = replace(score, parts=(part,))
    notes = performed_notes(part)
    notes["start"][1] -= 0.4
    assert (
        read_midi(midi_bytes(score, Performance(score, {"P1": notes}, score.tempos))).parts[0].syllables
        == part.syllables
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "isn't a MIDI file"),
        (b"RIFF....WAVE", "isn't a MIDI file"),
        (b"MThd\0\0\0\6\0", "header is cut short"),
        (smf(on(0, 60) + off(9, 60), kind=2), "type 2"),
        (smf(on(0, 60) + off(9, 60), division=0), "time division is zero"),
        (smf(on(0, 60) + off(9, 60))[:-6], "should have"),
        (smf(), "no tracks"),
        (smf(meta(0, 3, b"empty")), "no notes"),
        (smf(b"\x00\x40\x40"), "data byte"),
        (smf(b"\x00\x90\x90\x40"), "status byte inside"),
        (smf(b"\xff\xff\xff\xff\xff\x00"), "more than four bytes"),
        (smf(b"\x00\xff\x01\x7fabc"), "cut short"),
    ],
)
def test_damage_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence) as caught:
        read_midi(data)
    assert "\n" not in str(caught.value)


def test_files_beyond_the_limits_are_refused() -> None:
    with pytest.raises(LimitError, match="16 MB"):
        read_midi(b"MThd" + bytes(MAX_FILE_BYTES))
    with pytest.raises(LimitError, match="quarter notes"):
        read_midi(smf(on(0, 60) + b"\xff\xff\xff\x7f\x80\x3c\x00", division=1))


def test_a_missing_file_is_named(tmp_path: object) -> None:
    with pytest.raises(InputError, match=r"no\.mid"):
        read_midi(f"{tmp_path}/no.mid")
