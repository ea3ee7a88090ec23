"""A plan is complete, keeps what was asked exactly, and is the same for the same seed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuefu.errors import InputError
from yuefu.planning.form import allot_bars
from yuefu.planning.harmony import progressions, simplify
from yuefu.planning.lyrics_layout import Line, lay_lines, places_for, split_line
from yuefu.planning.orchestration import assign_parts
from yuefu.planning.plan import Plan, PlannedSyllable
from yuefu.planning.planner import make_plan
from yuefu.text.brief import BriefOptions, read_brief
from yuefu.text.form import parse_form
from yuefu.theory.chord import Chord
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.styles import STYLES


def plan(words="", seed=3, **options):
    return make_plan(read_brief(words, BriefOptions(**options)), seed)


def test_explicit_wishes_are_kept_exactly():
    """Key, tempo, metre, bars and instruments that were asked come out as asked."""
    made = plan("a song", key="F# minor", tempo=87, meter="3/4", bars=24, instruments="violin, piano")
    assert (made.key, made.tempo, made.meter, made.bars) == ("F# minor", 87, "3/4", 24)
    assert {part.instrument for part in made.parts} == {"violin", "piano"}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(STYLES)), st.integers(1, 64), st.integers(0, 1000))
def test_any_style_and_length_makes_a_whole_plan(style, bars, seed):
    """Every style plans every length: sections tile the bars, each bar has chords, every row a player."""
    made = plan("music", seed=seed, style=style, bars=bars)
    assert made.bars == bars
    assert len(made.harmony) == bars
    assert all(made.harmony)
    position = 0
    for section in made.sections:
        assert section.start == position
        assert section.rows
        position += section.bars
    owned = {row for part in made.parts for row in part.rows}
    assert {row for section in made.sections for row in section.rows} <= owned
    assert owned == {row for section in made.sections for row in section.rows} or any(p.doubling for p in made.parts)


def test_one_seed_one_plan():
    """The same brief and seed give the same plan; seeds differ."""
    assert plan("a hopeful song", seed=5) == plan("a hopeful song", seed=5)
    assert any(plan("a hopeful song", seed=5) != plan("a hopeful song", seed=s) for s in (6, 7, 8))


def test_plans_survive_json():
    """A plan written and read is the same plan."""
    made = plan("a folk tune", lyrics="Over the river\nthe evening is falling")
    assert Plan.from_json(made.model_dump_json()) == made


def test_the_piece_ends_on_its_tonic():
    """The last chord is the tonic, whatever the style."""
    for style in sorted(STYLES):
        last = plan("music", style=style, bars=16).harmony[-1][-1].symbol
        assert Chord.parse(last).root in (0, 9), (style, last)


def test_given_chords_are_moved_but_not_changed():
    """The user's progression repeats bar by bar, in the plan's own key."""
    made = plan("x", chords="G D/F# Em C", key="G major", bars=8)
    symbols = [bar[0].symbol for bar in made.harmony]
    assert symbols == ["C", "G/B", "Am", "F"] * 2
    assert made.harmony_fixed


def test_chords_for_an_unknown_section_are_refused():
    """Chords for a section that the form doesn't have are an error that names the sections."""
    with pytest.raises(InputError, match="only these sections"):
        plan("x", chords="bridge: C G", form="verse:8 chorus:8")


def test_every_syllable_is_laid_once_and_in_order():
    """Lyrics come out of the plan whole."""
    text = "床前明月光\n疑是地上霜\n举头望明月\n低头思故乡"
    made = plan("", lyrics=text, style="pop", form="A A B A")
    sung = "".join(s.text for bar in sorted(made.lyrics) for s in made.lyrics[bar])
    assert sung == text.replace("\n", "")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 16), st.sampled_from([1, 2, 4]))
def test_splitting_a_line_loses_nothing(count, bars):
    """The shares of a line are the line, in order."""
    line = [PlannedSyllable(text=str(i)) for i in range(count)]
    assert [s for share in split_line(line, bars) for s in share] == line


def test_lines_that_cannot_fit_are_refused():
    """Sixty syllables in one bar are refused in one sentence."""
    line = Line(tuple(PlannedSyllable(text="la") for _ in range(60)))
    with pytest.raises(InputError, match="doesn't fit"):
        lay_lines([line], 0, 1, 4.0, 100)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(INSTRUMENTS)), min_size=1, max_size=8, unique=True))
def test_every_instrument_gets_something_to_play(keys):
    """No instrument is left out, and no row has two players but by doubling."""
    parts = assign_parts(keys)
    assert {part.instrument for part in parts} == set(keys)
    rows = [row for part in parts if not part.doubling for row in part.rows]
    assert len(rows) == len(set(rows))
    assert all(part.rows for part in parts)


@given(st.integers(4, 200))
def test_bars_are_allotted_exactly(total):
    """Sections without bars of their own share the total without remainder."""
    assert sum(allot_bars(parse_form("A A' B A''"), total)) == total


def test_contradictory_lengths_are_refused():
    """A form of 12 bars and a wish for 16 are an error, not a guess."""
    with pytest.raises(InputError, match="12 bars but 16"):
        plan("x", form="A:4 B:8", bars=16)


def test_progressions_are_readable_and_at_home():
    """Every stored progression parses at every chord level."""
    table = progressions()
    assert {"pop major", "pop minor"} <= set(table)
    for patterns in table.values():
        for pattern, weight in patterns:
            assert weight > 0
            for bar in pattern:
                for half, symbol in bar:
                    assert half in (0, 1)
                    for level in ("triads", "sevenths", "extended"):
                        Chord.parse(simplify(symbol, level))


@pytest.mark.parametrize(
    ("chords", "key"),
    [
        ("C G/B Am F", "C major"),
        ("G Em C D", "G major"),
        ("Am F C G", "A minor"),
        ("Dm7 G7 Cmaj7", "C major"),
        ("verse: D A Bm G | chorus: G A D D", "D major"),
        ("Cm Fm G7 Cm", "C minor"),
        ("F#m D A E", "F# minor"),
        ("Eb Bb Cm Ab", "Eb major"),
    ],
)
def test_given_chords_settle_the_key(chords, key):
    """Chords without a key aren't put into a key that they have nothing to do with."""
    form = "verse:4 chorus:4" if "verse" in chords else None
    assert {plan("a song", seed=seed, chords=chords, form=form).key for seed in range(4)} == {key}


def test_a_key_or_mode_that_was_asked_wins_over_the_chords():
    """The user's key stands, whatever the chords suggest."""
    assert plan("a song", chords="C F", key="F# major").key == "F# major"
    assert plan("a song in a minor key", chords="C G Am F").key.endswith("minor")


def test_two_players_of_one_instrument_are_two_parts():
    """A string quartet has two violins, with a row each."""
    made = plan("a string quartet")
    assert [part.instrument for part in made.parts] == ["violin", "violin", "viola", "cello"]
    assert len({part.rows for part in made.parts}) == 4
    assert not any(part.doubling for part in made.parts)


def test_a_sung_outro_is_the_outro():
    """Lyrics that bring their own intro or outro get no second one."""
    lyrics = "[Intro]\nOh oh oh\n[Verse]\n" + "Walking down the empty street\n" * 4 + "[Outro]\nGoodbye"
    kinds = [section.kind for section in plan(lyrics=lyrics).sections]
    assert kinds == ["intro", "verse", "outro"]


@pytest.mark.parametrize("seconds", [20, 45, 60, 120, 200])
def test_a_duration_alone_gives_whole_phrases_that_last_as_long(seconds):
    """No sections of nine bars: the tempo gives way."""
    for seed in range(5):
        made = plan("a song", seed=seed, duration=seconds)
        quarters = int(made.meter[0]) * 4 / int(made.meter[2])
        assert made.bars % 2 == 0
        assert abs(made.bars * quarters * 60 / made.tempo - seconds) < 0.03 * seconds


def test_a_duration_with_bars_sets_the_tempo():
    """Bars and form are exact; the tempo makes them last."""
    made = plan("a song", duration=60, bars=24, meter="4/4")
    assert (made.bars, made.tempo) == (24, 96)
    made = plan("a song", duration=60, form="verse:8 chorus:12", meter="4/4")
    assert (made.bars, made.tempo) == (20, 80)


def test_bars_tempo_and_duration_that_contradict_are_refused():
    """Three wishes of which one can't be met."""
    with pytest.raises(InputError, match="last 32 seconds, but 60"):
        plan("a song", duration=60, bars=16, tempo=120, meter="4/4")


@pytest.mark.parametrize("style", ["pop", "film", "piano_solo"])
def test_long_pieces_are_made_of_sections_that_return(style):
    """Five minutes are no few endless sections: at least eight, of twenty bars at most, and some of them come back."""
    made = plan(style=style, duration="5:00")
    assert len(made.sections) >= 8
    assert max(section.bars for section in made.sections) <= 20
    assert sum(section.source is not None for section in made.sections) >= 3


@pytest.mark.parametrize("style", ["pop", "folk", "hymn", "classical", "guofeng"])
def test_first_phrases_stay_open(style):
    """The first of two phrases doesn't end on the tonic chord; the last section does."""
    for seed in range(6):
        made = plan(seed=seed, style=style, form="A:8 B:8")
        tonic = 9 if made.key.endswith("minor") else 0
        assert Chord.parse(made.harmony[3][-1].symbol).root != tonic
        assert Chord.parse(made.harmony[-1][-1].symbol).root == tonic


def test_a_longer_return_goes_on_with_its_harmony():
    """A section that comes back with more bars begins with the chords that it had."""
    made = plan(style="pop", form="verse:8 chorus:8 verse:16 chorus:8")
    first, again = made.sections[0], made.sections[2]
    assert made.harmony[again.start : again.start + 6] == made.harmony[first.start : first.start + 6]


def test_lines_break_where_one_breathes():
    """A bar line falls where a line has a gap, not inside the words before or after it."""
    made = plan(style="pop", lyrics="江南江南 梦里水乡\n一曲琵琶 唱到天亮\n江南江南 杨柳依依\n不知何时 能再见你")
    bars = ["".join(syllable.text for syllable in made.lyrics[bar]) for bar in sorted(made.lyrics)]
    assert bars[:4] == ["江南江南", "梦里水乡", "一曲琵琶", "唱到天亮"]


def test_an_outro_has_the_harmony_of_the_intro():
    """A song ends over the chords that it began with, but for its cadence."""
    made = plan(style="pop", form="intro:4 verse:8 chorus:8 outro:4")
    assert made.harmony[20:22] == made.harmony[0:2]


def test_calm_moods_slow_down_and_send_the_drummer_home():
    """A calm mood is slower than a lively one and has no drums by itself; a tempo and drums that were asked stay."""
    calm = [plan(mood="-0.6, -0.7", seed=seed) for seed in range(8)]
    lively = [plan(mood="0.6, 0.7", seed=seed) for seed in range(8)]
    assert sum(made.tempo for made in calm) < 0.75 * sum(made.tempo for made in lively)
    assert not any("drums" in part.rows for made in calm for part in made.parts)
    asked = plan(mood="-0.6, -0.7", tempo=150, instruments="piano, drums")
    assert asked.tempo == 150
    assert any("drums" in part.rows for part in asked.parts)
    assert plan("very sad and very calm", style="rock").parts == plan("", style="rock").parts


def test_how_calm_a_mood_is():
    """Calm goes from 0, lively or unsaid, to 1."""
    assert plan("music").calm == plan(mood="0.5, 0.6").calm == 0
    assert 0 < plan(mood="0, -0.3").calm < plan(mood="0, -0.6").calm <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 16), min_size=1, max_size=12), st.sampled_from([2, 3, 4]), st.sampled_from([70, 120]))
def test_places_of_unequal_lines_follow_each_other(counts, quarters, tempo):
    """Every line has a place after the one before, and begins its phrase of four bars or shares it."""
    places = places_for(counts, quarters, tempo)
    if places is None:
        return
    assert len(places) == len(counts)
    assert all(a.start + a.bars <= b.start for a, b in pairwise(places))
    assert places[0].start == 0
    assert all(b.start - a.start - a.bars == 0 or b.start % 4 == 0 for a, b in pairwise(places))


UNEVEN = "Stay\nstay a while\nOut in the rain\nI was counting all the windows that you used to keep alight"


def test_a_short_line_takes_fewer_bars_than_a_long_one():
    """Lines of four syllables and of fifteen aren't given the same bars, unless the bars were asked for."""
    free = plan(lyrics=UNEVEN, tempo=70, meter="4/4", style="ballad")
    sung = [bar for bar in range(free.bars) if free.lyrics.get(bar)]
    ends = [bar for bar in sung if any(s.line_end for s in free.lyrics[bar])]
    assert ends[-1] - ends[-2] > ends[1] - ends[0]
    assert len(sung) <= 8
    assert plan(lyrics=UNEVEN, bars=32, tempo=70).bars == 32


def test_a_line_that_fits_nowhere_is_refused_among_short_ones_too():
    """A hundred syllables in one line of small bars are refused, however short its neighbours are."""
    with pytest.raises(InputError, match="99 syllables"):
        plan(lyrics=f"la la\n{'la ' * 99}\nla la", meter="2/4")


def test_verses_of_one_tune_lay_their_lines_alike():
    """Two stanzas that share a letter break their lines at the same bars, though their syllables differ a little."""
    text = f"{UNEVEN}\n\n{UNEVEN.replace('Stay', 'Hold me').replace('alight', 'lit')}"
    made = plan(lyrics=text, tempo=70, meter="4/4", style="ballad")
    verses = [section for section in made.sections if section.lines[1] > section.lines[0]]
    assert [verse.letter for verse in verses] == ["A", "A"]
    ends = [[b for b in range(v.bars) if any(s.line_end for s in made.lyrics.get(v.start + b, ()))] for v in verses]
    assert ends[0] == ends[1]
