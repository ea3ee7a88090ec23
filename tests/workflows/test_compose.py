"""Composing with the shipped model: what is guaranteed is exact, and a replay gives the same bytes."""

import json

import pytest

from yuefu.errors import FormatError, InputError, OutputError, UnknownNameError
from yuefu.score.files import read_score
from yuefu.text.brief import BriefOptions
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.workflows.compose import check_formats, compose
from yuefu.workflows.models import load_model, originality_index
from yuefu.workflows.replay import replay

pytestmark = pytest.mark.model
LYRICS = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"


@pytest.fixture(scope="module")
def song():
    return compose(
        lyrics=LYRICS, style="pop", tempo=92, key="G major", form="A A B A", instruments="voice, piano, bass, drums",
        seed=7, candidates=1,
    )  # fmt: skip


def test_what_was_asked_is_found_in_the_written_midi(song):
    """Key, tempo, form, instruments and every syllable, by the report's own reading of the file."""
    findings = {f.field: f for f in song.report.findings}
    for name in ("key", "tempo", "form", "instruments", "lyrics"):
        assert findings[name].met, findings[name]


def test_each_syllable_has_one_note_in_order(song):
    """The voice sings the poem, a syllable a note, nothing lost."""
    voice = song.score.part("melody")
    assert "".join(s.text for s in voice.syllables) == LYRICS.replace("\n", "")
    ids = [s.note_id for s in voice.syllables]
    assert len(set(ids)) == len(ids)


def test_every_note_is_playable(song):
    """All notes lie in their instrument's range, and single-voiced rows have one note at a time."""
    for part in song.score.parts:
        instrument = INSTRUMENTS[part.instrument]
        if instrument.is_drums:
            continue
        assert part.notes["pitch"].min() >= instrument.low
        assert part.notes["pitch"].max() <= instrument.high
        if not instrument.polyphonic:
            ends = part.notes["start"] + part.notes["duration"]
            assert (ends[:-1] <= part.notes["start"][1:]).all()


def test_repeats_are_recognisable(song):
    """The second A begins as the first: same tune in its first bar."""
    tune = song.score.part("melody").notes
    a, again = song.plan.sections[0], song.plan.sections[1]

    def bar(section):
        start = section.start * 96
        inside = tune[(tune["start"] >= start) & (tune["start"] < start + 96)]
        return [(int(n["start"]) - start, int(n["pitch"])) for n in inside]

    assert bar(a)
    assert bar(a) == bar(again)


def test_one_seed_one_result():
    """The same words and seed give the same MIDI; another seed doesn't."""
    one = compose("a calm piano piece, 8 bars", seed=3, candidates=1)
    two = compose("a calm piano piece, 8 bars", seed=3, candidates=1)
    other = compose("a calm piano piece, 8 bars", seed=4, candidates=1)
    assert one.midi == two.midi
    assert one.musicxml == two.musicxml
    assert one.midi != other.midi


def test_a_replay_gives_the_same_bytes(song, tmp_path):
    """report.json is all it takes to write the same files again."""
    written = song.save(tmp_path / "a", ["midi", "musicxml", "json"])
    again = replay(written["report"])
    for name, path in again.save(tmp_path / "b", ["midi", "musicxml", "json"]).items():
        assert path.read_bytes() == written[name].read_bytes(), name


def test_a_replay_by_another_model_is_refused(song, tmp_path):
    """A report made with other weights says so instead of giving another piece."""
    path = song.save(tmp_path, ["midi"])["report"]
    data = json.loads(path.read_text("utf-8"))
    data["replay"]["model"] = "0" * 16
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(InputError, match="install that version"):
        replay(path)
    path.write_text("[1, 2", "utf-8")
    with pytest.raises(FormatError):
        replay(path)


def test_given_chords_come_out_exactly():
    """The user's progression stands on every bar of the written file."""
    made = compose("a ballad", chords="C G/B Am F", key="C major", bars=8, seed=1, candidates=1)
    symbols = [span.chord.symbol() for span in made.score.chords]
    assert symbols == ["C", "G/B", "Am", "F"] * 2
    assert next(f for f in made.report.findings if f.field == "chords").met


def test_keys_that_need_many_accidentals_work():
    """Key normalisation reaches the far keys, too."""
    for name in ("F# major", "Eb minor", "B major"):
        made = compose("a short tune", key=name, bars=4, seed=1, candidates=1)
        assert made.score.keys[0].key == Key.parse(name)
        assert all(f.met for f in made.report.findings if f.field == "key")


@pytest.mark.slow
def test_all_files_are_written_and_read_back(song, tmp_path):
    """Every format is written; the score formats read back with the same number of notes."""
    names = check_formats(["midi", "musicxml", "abc", "json", "flac", "pdf", "svg", "png", "roll"])
    written = song.save(tmp_path, names)
    for name in names:
        assert written[name].stat().st_size > 500
    for name in ("midi", "musicxml", "abc", "json"):
        assert read_score(written[name]).note_count == song.score.note_count, name


def test_nothing_is_left_when_the_folder_cannot_be_written(song, tmp_path):
    """A file where the folder should be is one clear error."""
    (tmp_path / "taken").write_text("x")
    with pytest.raises(OutputError):
        song.save(tmp_path / "taken", ["midi"])
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_unknown_formats_and_options_name_the_known():
    """Misspelt names are refused with the nearest one."""
    with pytest.raises(UnknownNameError, match="midi"):
        check_formats(["mide"])
    with pytest.raises(UnknownNameError, match="tempo"):
        compose("x", tempp=3)


def test_cancelling_raises_through():
    """A listener that raises stops the work."""

    class Stop(Exception):
        pass

    def stop(_):
        raise Stop

    with pytest.raises(Stop):
        compose("a long epic, 64 bars", seed=1, progress=stop)


def test_the_package_carries_its_model_and_what_it_learnt_from():
    """Weights, manifest with licences, and the index of the training corpus are there."""
    model = load_model()
    assert model.manifest["sets"]
    assert all(entry["licence"] for entry in model.manifest["sets"])
    index = originality_index()
    assert index is not None
    assert len(index) > 1000


def test_a_calm_piece_is_marked_softer_than_an_excited_one() -> None:
    levels = ("pp", "p", "mp", "mf", "f", "ff")
    marks = []
    for mood in ("0.2,-0.8", "0.2,0.8"):
        song = compose("", BriefOptions(mood=mood, style="pop", bars=8, seed=5, candidates=1, instruments="piano"))
        marks.append(max(levels.index(d.text) for d in song.score.parts[0].directions if d.kind == "dynamic"))
    assert marks[0] < marks[1]
