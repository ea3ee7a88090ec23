"""The text corpora."""

import json
from pathlib import Path

import pytest

from yuefu.corpus.texts import TextRecord, iter_texts, read_texts, write_texts
from yuefu.errors import FormatError, UnknownNameError


def test_ratings_become_scores_between_minus_one_and_one(tmp_path: Path) -> None:
    (tmp_path / "emobank.csv").write_text('id,split,V,A,D,text\na,dev,5,1,3,"Oh, joy"\nb,train,3.5,3,3,Well.\n')
    first, second = read_texts("text_emobank", tmp_path)
    assert first.scores == {"valence": 1.0, "arousal": -1.0, "dominance": 0.0}
    assert (first.split, first.text, second.scores["valence"]) == ("valid", "Oh, joy", 0.25)


def test_templates_keep_slots_and_sort_codes_by_aspect(tmp_path: Path) -> None:
    book = [{"attributes": ["K1_1", "TS1_o", "I1s2_0"], "response": "In [KEY] with [INSTRUMENTS]. "}]
    (tmp_path / "refined_template.json").write_text(json.dumps(book))
    (record,) = read_texts("text_musecoco_templates", tmp_path)
    assert record.text == "In [KEY] with [INSTRUMENTS]."
    assert record.tags == {"instruments": ("I1s2_0",), "key": ("K1_1",), "metre": ("TS1_o",)}


def test_poems_are_parted_into_phrases_and_come_once_and_whole(tmp_path: Path) -> None:
    poems = [
        {"author": "李白", "title": "静夜思", "paragraphs": ["床前明月光，疑是地上霜。", "举头望明月，低头思故乡。"]},
        {"author": "李白", "title": "again", "paragraphs": ["床前明月光，疑是地上霜。", "举头望明月，低头思故乡。"]},
        {"author": "x", "title": "lost", "paragraphs": ["□□□雨绝风尘。"]},
    ]
    (tmp_path / "全唐诗").mkdir()
    (tmp_path / "全唐诗" / "a.json").write_text(json.dumps(poems), encoding="utf-8")
    (record,) = read_texts("text_chinese_poetry", tmp_path)
    assert record.text.split("\n") == ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]
    assert (record.author, record.language, record.tags) == ("李白", "zh", {"genre": ("tang poem",)})


def test_described_songs_give_moods_and_the_lyrics_skeleton(tmp_path: Path) -> None:
    song = tmp_path / "bm-data" / "s_0001"
    song.mkdir(parents=True)
    (tmp_path / "subqidmap.json").write_text(json.dumps({"t1": "情绪感受（歌词）", "t2": "快慢感受"}), encoding="utf-8")
    (song / "meta_info").write_text("name  : 歌\nsinger: 人\ngenre : pop\n", encoding="utf-8")
    (song / "str_rhyme").write_text("(verse1)\ncccR\ncccc\n(chorus1)\nccR\n")
    tags = [{"tid": "t1", "value": ["甜蜜"]}, {"tid": "t2", "value": ["较快"], "desc": "快"}]
    answers = {"mid": "s_0001", "ans": [{"id": "q", "desc": "一首情歌", "tags": tags}]}
    (song / "amat_desc_json").write_text(json.dumps(answers), encoding="utf-8")
    (record,) = read_texts("text_muchin", tmp_path)
    assert record.text == "一首情歌\n快"
    assert record.tags == {"genre": ("pop",), "mood": ("甜蜜",), "tempo": ("较快",), "view": ("amateur",)}
    assert record.sections == (("verse", (4, 4), (True, False)), ("chorus", (3,), (True,)))


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    records = [
        TextRecord("s", "1", "zh", "月\n光", split="test", scores={"valence": 0.5}, tags={"mood": ("静",)}),
        TextRecord("s", "2", "en", "moon", sections=(("verse", (4,), (True,)),)),
    ]
    assert write_texts(tmp_path, "s", records) == 2
    assert list(iter_texts(tmp_path, "s")) == records
    assert list(iter_texts(tmp_path, "s", "test")) == records[:1]
    assert records[1].split in ("train", "valid", "test")


def test_unknown_sets_and_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="text_emobank"):
        read_texts("text_emobnk", tmp_path)
    (tmp_path / "s.texts.jsonl.gz").write_bytes(b"nothing")
    with pytest.raises(FormatError, match="build the set again"):
        list(iter_texts(tmp_path, "s"))
