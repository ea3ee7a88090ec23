"""POP909: songs placed on their annotated beats."""

from pathlib import Path

import mido
import numpy as np
import pytest

from yuefu.corpus.readers import pop909
from yuefu.errors import FormatError
from yuefu.theory.chord import Chord

BEAT = 0.6
LAG = 0.013


def write_midi(path: Path, tracks: dict[str, list[tuple[float, float, int]]]) -> None:
    """A MIDI file with a wrong metre and notes in seconds, at 120 quarters a minute."""
    book = mido.MidiFile(ticks_per_beat=480)
    meta = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=1, denominator=4, time=0)])
    book.tracks.append(meta)
    for name, notes in tracks.items():
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
        events = []
        for start, length, pitch in notes:
            events.append((round(start * 960), 1, pitch))
            events.append((round((start + length) * 960), 0, pitch))
        now = 0
        for tick, on, pitch in sorted(events):
            track.append(mido.Message("note_on" if on else "note_off", note=pitch, velocity=80, time=tick - now))
            now = tick
        book.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_song(folder: Path, lead: int = 1, bars: int = 8) -> Path:
    """A song in A minor: one loose beat, then bars of Am F C G, with all that the set annotates."""
    first = 0.3
    beats = [first + BEAT * k for k in range(lead + 4 * bars + 2)]

    def at(bar: int, beat: float) -> float:
        return first + BEAT * (lead + 4 * bar + beat) + LAG

    roots = [45, 41, 48, 43]
    triads = [(57, 60, 64), (57, 60, 65), (60, 64, 67), (59, 62, 67)]
    melody, bridge, piano = [], [], []
    for bar in range(bars):
        tones = triads[bar % 4]
        melody += [(at(bar, k), 0.5 * BEAT, tones[int(k) % 3] + 12) for k in (0, 1, 1.5, 3)]
        bridge += [(at(bar, 2.25), 0.3 * BEAT, tones[2] + 12)]
        piano += [(at(bar, 0), 1.9 * BEAT, roots[bar % 4]), (at(bar, 2), 1.7 * BEAT, roots[bar % 4])]
        piano += [(at(bar, k), 0.45 * BEAT, tone) for k in (0.5, 1.5, 2.5) for tone in tones]
    song = folder / "POP909" / "042"
    write_midi(song / "042.mid", {"MELODY": melody, "BRIDGE": bridge, "PIANO": piano})
    rows = [f"{time} {float(k % 2 == lead % 2)} {float((k - lead) % 4 == 0)}" for k, time in enumerate(beats)]
    (song / "beat_midi.txt").write_text("\n".join(rows) + "\n")
    (song / "beat_audio.txt").write_text("\n".join(f"{t}\t{(k - lead) % 4 + 1}.0" for k, t in enumerate(beats)))
    labels = ["A:min", "F:maj7", "C:maj/3", "N"]
    lines = [f"{first}\t{first + lead * BEAT}\tN"] if lead else []
    for bar in range(bars):
        lines.append(f"{at(bar, 0) - LAG}\t{at(bar, 4) - LAG}\t{labels[bar % 4]}")
    (song / "chord_midi.txt").write_text("\n".join(lines))
    (song / "key_audio.txt").write_text(f"{at(0, 0)}\t{at(bars, 0)}\tA:min\n")
    return song


def test_a_song_starts_on_its_first_full_bar_in_four_four_whatever_its_midi_says(tmp_path: Path) -> None:
    score = pop909.read_song(write_song(tmp_path))
    assert [(m.tick, m.numerator, m.denominator) for m in score.meters] == [(0, 4, 4)]
    assert score.tempos[0].bpm == pytest.approx(100.0)
    assert score.part("melody").notes["start"][:8].tolist() == [0, 24, 36, 72, 96, 120, 132, 168]
    assert score.part("counter").notes["start"][:2].tolist() == [54, 150]


@pytest.mark.parametrize("lead", [0, 2, 3])
def test_bars_are_found_wherever_the_beats_begin(tmp_path: Path, lead: int) -> None:
    score = pop909.read_song(write_song(tmp_path, lead))
    assert score.part("bass").notes["start"][0] == 0
    assert len(score.bars) == 8


def test_the_bass_row_is_the_pianos_lowest_line_and_keys_the_rest(tmp_path: Path) -> None:
    score = pop909.read_song(write_song(tmp_path))
    bass = score.part("bass").notes
    assert bass["pitch"][:4].tolist() == [45, 45, 41, 41]
    assert set(bass["duration"].tolist()) == {48}
    assert set(score.part("keys").notes["start"] % 96) == {12, 36, 60}


def test_chords_lie_on_bars_with_basses_as_degrees_and_silence_where_nothing_is_named(tmp_path: Path) -> None:
    score = pop909.read_song(write_song(tmp_path))
    assert [(c.start, c.chord) for c in score.chords[:4]] == [
        (0, Chord(9, "m")),
        (96, Chord(5, "maj7")),
        (192, Chord(0, "", 4)),
        (288, None),
    ]


def test_a_chord_label_one_beat_early_moves_to_the_bar_line(tmp_path: Path) -> None:
    song = write_song(tmp_path)
    lines = (song / "chord_midi.txt").read_text().splitlines()
    early = lines[1].split("\t")[0], str(float(lines[1].split("\t")[1]) - BEAT), "A:min"
    following = early[1], lines[2].split("\t")[1], "F:maj7"
    (song / "chord_midi.txt").write_text("\n".join([lines[0], "\t".join(early), "\t".join(following), *lines[3:]]))
    assert [c.start for c in pop909.read_song(song).chords[:3]] == [0, 96, 192]


def test_the_annotated_key_is_kept_and_one_that_the_notes_contradict_is_not(tmp_path: Path) -> None:
    song = write_song(tmp_path)
    assert pop909.read_song(song).keys[0].key.name == "A minor"
    (song / "key_audio.txt").write_text("0.0\t30.0\tF#:maj\n")
    key = pop909.read_song(song).keys[0].key
    assert key.fifths == 0


def test_versions_share_their_songs_work_and_come_only_when_they_differ(tmp_path: Path) -> None:
    song = write_song(tmp_path)
    same = (song / "042.mid").read_bytes()
    (song / "versions").mkdir()
    (song / "versions" / "042-v1.mid").write_bytes(same)
    assert [item.metadata for item in pop909.read(tmp_path)] == [{}]
    tracks = {"MELODY": [(0.913, 0.3, 69)], "PIANO": [(0.3 + BEAT * (1 + 2 * k), 0.5, 45) for k in range(8)]}
    write_midi(song / "versions" / "042-v2.mid", tracks)
    # Half of the main file's piano: a different accompaniment in the same time.
    kept = {
        name: [(n.start, n.duration, n.pitch) for n in track.notes][:: 1 if name == "MELODY" else 2]
        for name, track in pop909._tracks(song / "042.mid").items()
        if len(track.notes)
    }
    write_midi(song / "versions" / "042-v3.mid", kept)
    items = list(pop909.read(tmp_path))
    assert [(item.work, item.metadata.get("version")) for item in items] == [("042", None), ("042", "v3")]
    assert all(item.style == "pop" and item.arranged for item in items)
    assert len(list(pop909.read(tmp_path, versions=0))) == 1


def test_each_row_appears_once_with_unique_ids(tmp_path: Path) -> None:
    score = pop909.read_song(write_song(tmp_path))
    assert [part.role for part in score.parts] == ["melody", "counter", "bass", "keys"]
    ids = np.concatenate([part.notes["id"] for part in score.parts])
    assert len(set(ids.tolist())) == len(ids)


def test_damage_is_refused_in_one_sentence(tmp_path: Path) -> None:
    song = write_song(tmp_path)
    (song / "042.mid").write_bytes(b"MThd broken")
    with pytest.raises(FormatError, match="MIDI"):
        pop909.read_song(song)
    write_song(tmp_path)
    (song / "beat_midi.txt").write_text("not a table")
    with pytest.raises(FormatError, match="beats"):
        pop909.read_song(song)
