"""Damaged and malicious MusicXML ends in one sentence, quickly."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuefu.errors import FormatError, LimitError, YuefuError
from yuefu.score.model import ChordSpan, Part, Score, Section, Syllable, make_notes
from yuefu.score.musicxml_read import read_musicxml
from yuefu.score.musicxml_write import musicxml_bytes
from yuefu.score.mxl import MAX_MEMBERS, pack_mxl
from yuefu.theory.chord import Chord


def seed_file() -> bytes:
    notes = make_notes([(i, 12 * i, 16, 60 + i, 80) for i in range(1, 9)])
    drums = make_notes([(20 + i, 24 * i, 6, 36 + i, 90) for i in range(4)])
    part = Part("v", "Voice", notes=notes, syllables=(Syllable(1, "月"), Syllable(2, "moon")))
    chords, sections = (ChordSpan(0, 96, Chord(7, "7", 11)),), (Section(0, 96, "A", "verse"),)
    return musicxml_bytes(Score("Seed", "Anon", (part, Part("d", "Drums", "drums", notes=drums)), chords, sections))


SEED = seed_file()
SEEDS = (SEED, pack_mxl(SEED))


def archive(*members: tuple[str, bytes], container: str | None = "score.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        if container is not None:
            text = f'<container><rootfiles><rootfile full-path="{container}"/></rootfiles></container>'
            file.writestr("META-INF/container.xml", text)
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused_before_they_expand(encoding: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi")
    )
    data = f'<?xml version="1.0" encoding="{encoding}"?>{bomb}]><score-partwise t="&i;">&i;</score-partwise>'
    start = time.perf_counter()
    with pytest.raises(FormatError, match="entities"):
        read_musicxml(data.encode(encoding))
    assert time.perf_counter() - start < 1


def test_files_of_the_machine_are_never_fetched(tmp_path: object) -> None:
    data = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><score-partwise>&f;</score-partwise>'
    with pytest.raises(FormatError, match="entities"):
        read_musicxml(data)


def test_zip_bombs_are_refused() -> None:
    with pytest.raises(LimitError, match="expands"):
        read_musicxml(archive(("score.xml", b" " * 6_000_000)))
    with pytest.raises(LimitError, match="members"):
        read_musicxml(archive(*((f"{i}.txt", b"") for i in range(MAX_MEMBERS + 1))))


def test_an_archive_whose_table_lies_about_sizes_is_refused() -> None:
    honest = archive(("score.xml", b" " * 3_000_000), container=None)
    lying = honest.replace((3_000_000).to_bytes(4, "little"), (3_000).to_bytes(4, "little"))
    with pytest.raises(YuefuError):
        read_musicxml(lying)


def test_an_archive_without_a_score_is_refused_and_a_bad_container_passed_over() -> None:
    with pytest.raises(FormatError, match="no score"):
        read_musicxml(archive(("readme.txt", b"hello")))
    assert read_musicxml(archive(("score.xml", SEED), container='it\'s "quoted".xml')).note_count == 12
    assert read_musicxml(archive(("a/b.musicxml", SEED), container=None)).note_count == 12


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(FormatError):
        read_musicxml(b"<score-partwise>" + b"<part>" * 100_000)


def test_durations_without_end_are_refused() -> None:
    huge = SEED.replace(b"<duration>12</duration>", b"<duration>999999999999</duration>")
    with pytest.raises(YuefuError, match="quarters"):
        read_musicxml(huge)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), st.data())
def test_cut_and_mutated_files_read_or_raise_one_sentence(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed[: data.draw(st.integers(0, len(seed)))] if data.draw(st.booleans()) else seed)
    for _ in range(data.draw(st.integers(0, 6))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(damaged))


VALUES = ("-1", "0", "999999999999", "1e9", "nan", "", "A", "0.3333", "-7", "17", "start", "月")
TEXTS = [text for text in SEED.decode().split(">") if "<" in text and text.split("<")[0].strip()]


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(VALUES)), min_size=1, max_size=4))
def test_well_formed_nonsense_reads_or_raises_one_sentence(changes: list[tuple[str, str]]) -> None:
    text = SEED.decode()
    for old, value in changes:
        text = text.replace(f">{old}>", f">{value}<{old.split('<')[1]}>", 1)
    read_or_refuse(text.encode())


def read_or_refuse(data: bytes) -> None:
    start = time.perf_counter()
    message = "readable"
    try:
        assert musicxml_bytes(read_musicxml(data))
    except YuefuError as error:
        message = str(error)
    assert message.strip()
    assert "\n" not in message
    assert time.perf_counter() - start < 5
