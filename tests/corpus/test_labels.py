"""Labels of style: every rule names what the corpora have, and what belongs together stays together."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from yuefu.corpus.labels import Piece, groups_of, label_of, labels, sets_of_labels
from yuefu.corpus.manifest import manifest


def test_every_label_has_names_in_both_languages_and_known_sets() -> None:
    """No label lacks a name, no rule names a set that isn't known, every expression can be read."""
    tables = tomllib.loads(files("yuefu.corpus").joinpath("style_labels.toml").read_text("utf-8"))["label"]
    assert len({table["key"] for table in tables}) == len(tables)
    for label in labels().values():
        assert label.en
        assert re.search("[\u4e00-\u9fff]", label.zh)
    for name in sets_of_labels():
        assert manifest(name).name == name
    for table in tables:
        for rule in table["rules"]:
            known = {"set", "style", "rhythm", "take", "title", "composer", "source", "instrument", "meter"}
            assert set(rule) <= known
            for field in ("title", "composer", "source", "instrument"):
                re.compile(rule.get(field, ""))


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({"set": "cre_irish", "rhythm": "reel"}, "reel"),
        ({"set": "pd_fiddle_abc", "rhythm": "double jig"}, "jig"),
        ({"set": "pd_fiddle_abc", "title": "The Duke's Quick Step"}, "march"),
        ({"set": "pd_fiddle_abc", "title": "Over the Hills"}, None),
        ({"set": "pd_fiddle_abc", "source": "oneills1850/0301-0350.abc#312", "meter": "3/4"}, "air"),
        ({"set": "pd_fiddle_abc", "source": "oneills1850/1376-1475.abc#1402", "meter": "2/2"}, "reel"),
        (
            {"set": "pd_fiddle_abc", "source": "airdsAirs/b.abc#1", "title": "Roast Beef", "meter": "2/4"},
            "country_dance",
        ),
        ({"set": "pd_fiddle_abc", "source": "airdsAirs/book1.abc#1", "title": "Roast Beef", "meter": "6/8"}, None),
        ({"set": "pop909", "style": "pop"}, "chinese_pop"),
        ({"set": "mutopia", "style": "baroque", "composer": "BachJS", "instrument": "Voice (SATB)"}, None),
        ({"set": "mutopia", "style": "baroque", "composer": "BachJS", "instrument": "Organ"}, "baroque"),
        ({"set": "groove", "style": "funk", "take": "fill"}, None),
        ({"set": "groove", "style": "funk", "take": "beat"}, "drums_funk"),
        ({"set": "billboard_chords", "style": "pop"}, None),
    ],
)
def test_pieces_get_the_label_of_their_facts(facts: dict[str, str], label: str | None) -> None:
    """The first rule that holds decides; what no rule knows has no label."""
    assert label_of(facts) == label


def test_tunes_of_one_name_are_grouped_across_sets() -> None:
    """Settings of a tune in two collections, and a drummer's session, share a group; other tunes don't."""
    names = [
        Piece({"set": "cre_irish", "work": "a", "title": "The Boys of Bluehill"}).names,
        Piece({"set": "pd_fiddle_abc", "work": "b", "title": "Boys of Bluehill, The"}).names,
        Piece({"set": "pd_fiddle_abc", "work": "c", "title": "Harvest Home"}).names,
        Piece({"set": "groove", "work": "drummer1/session1/3"}).names,
        Piece({"set": "groove", "work": "drummer1/session1/17"}).names,
        Piece({"set": "pop909", "work": "012", "title": "The Boys of Bluehill"}).names,
    ]
    assert groups_of(names) == [0, 0, 1, 2, 2, 3]
