"""Jazz solos from beat and melody tables."""

from pathlib import Path

import pytest

from yuefu.corpus.readers import wjazzd
from yuefu.errors import FormatError

BEATS = "onset,duration,period,division,bar,beat,signature,chord,form,chorus_id,bass"
MELODY = "onset,duration,period,division,bar,beat,tatum,beat_duration,signature,pitch,loud_median,chord"


def write_solo(folder: Path, name: str = "LeeKonitz_BlueBird-1", signature: str = "'4/4'") -> tuple[Path, Path]:
    melody = folder / "mcsv_melody" / f"{name}_FINAL.csv"
    beats = folder / "mcsv_beat" / f"{name}_FINAL_beattrack.csv"
    chords = {1: "G-7", 2: "C79b", 3: "Fj7", 4: "NC"}
    rows = []
    for bar in range(0, 5):
        for beat in range(1, 5):
            if bar == 0 and beat < 4:
                continue
            bass = [40, 43, 48, 41, 45][bar] if beat in (1, 2) else 43 + beat
            label = "A1" if bar < 3 else "B1"
            rows.append(
                f"{bar * 2 + beat * 0.5},.5,4,1,{bar},{beat},{signature},{chords.get(bar, 'NC')},{label},1,{bass}"
            )
    beats.parent.mkdir(parents=True, exist_ok=True)
    beats.write_text("\n".join([BEATS, *rows]))
    notes = [
        (0, 4, 2, 2, 62, 0.2), (1, 1, 2, 1, 65, 0.22), (1, 1, 2, 2, 67, 0.2), (1, 2, 3, 2, 69, 0.15),
        (1, 3, 4, 4, 70, 0.1), (1, 4, 5, 3, 72, 0.3), (2, 2, 1, 1, 74, 1.0),
    ]  # fmt: skip
    melody.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"0,{d},4,{div},{bar},{beat},{tatum},.5,{signature},{p},62,X" for bar, beat, div, tatum, p, d in notes]
    melody.write_text("\n".join([MELODY, *lines]))
    return melody, beats


def test_notes_lie_where_bar_beat_and_division_say_with_swing_written_straight(tmp_path: Path) -> None:
    score = wjazzd.read_solo(*write_solo(tmp_path))
    assert score.part("melody").notes["start"].tolist() == [84, 96, 108, 128, 162, 176, 216]


def test_chords_sections_and_tempo_come_from_the_beats(tmp_path: Path) -> None:
    score = wjazzd.read_solo(*write_solo(tmp_path))
    symbols = [(c.start, c.chord.symbol() if c.chord else None) for c in score.chords]
    assert symbols == [(72, None), (96, "Gm7"), (192, "C7"), (288, "Fmaj7"), (384, None)]
    assert [(s.start, s.letter, s.kind) for s in score.sections] == [(0, "A", "solo"), (288, "B", "solo")]
    assert score.tempos[0].bpm == pytest.approx(120.0)


def test_the_bass_plays_a_note_a_beat_and_joins_two_alike(tmp_path: Path) -> None:
    bass = wjazzd.read_solo(*write_solo(tmp_path)).part("bass").notes
    assert bass["duration"][:4].tolist() == [24, 48, 24, 24]
    assert bass["start"][:4].tolist() == [72, 96, 144, 168]


def test_a_bass_that_misses_the_chords_stays_out(tmp_path: Path) -> None:
    melody, beats = write_solo(tmp_path)
    # The chords of the table a tritone away: no bass note fits any more.
    text = beats.read_text().replace("G-7", "C#-7").replace("C79b", "F#79b").replace("Fj7", "Bj7")
    beats.write_text(text)
    assert wjazzd.read_solo(melody, beats).part("bass") is None


def test_solos_on_one_tune_are_one_work(tmp_path: Path) -> None:
    write_solo(tmp_path, "LeeKonitz_BlueBird-1")
    write_solo(tmp_path, "CharlieParker_BlueBird")
    items = list(wjazzd.read(tmp_path))
    assert {item.work for item in items} == {"BlueBird"}
    assert [item.metadata["soloist"] for item in items] == ["Charlie Parker", "Lee Konitz"]


def test_a_piece_without_a_steady_metre_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="metre"):
        wjazzd.read_solo(*write_solo(tmp_path, signature="'1/4'"))


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    melody, beats = write_solo(tmp_path)
    beats.write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="bars and beats"):
        wjazzd.read_solo(melody, beats)


@pytest.mark.parametrize(
    ("label", "symbol"),
    [("Eb-79", "Ebm9"), ("C-j7913", "Cmmaj7"), ("D-69", "Dm6"), ("G+7", "G7"), ("Bo7", "Bdim7"), ("F#-7b5", "F#m7b5")],
)
def test_the_transcribers_chords_are_understood(label: str, symbol: str) -> None:
    assert wjazzd.parse_wjazzd(label).symbol() == symbol
