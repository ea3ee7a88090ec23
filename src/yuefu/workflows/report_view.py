"""A document's report in plain words: asked and found, the words line by line, the nearest known piece, licences.

The report of a composed piece is of its first version. What can be measured of a version that was edited, or of
a piece from elsewhere, is measured anew.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from yuefu.errors import UnknownNameError, YuefuError
from yuefu.workflows.kept_playing import fingerprint
from yuefu.workflows.report_sentences import finding_sentence
from yuefu.workflows.report_text import LANGUAGES

if TYPE_CHECKING:
    from yuefu.workflows.documents import Document

#: A line of lyrics that is judged better than this sits well.
GOOD_LINE = 0.85


def report_view(document: Document, language: str = "en") -> dict[str, Any]:
    """The report as sentences for a page. language: ``"en"`` or ``"zh"``; another raises UnknownNameError.

    findings: the wishes that weren't met first, then those that can't be told; lyrics, originality, licences and
    replay are None where there is nothing to say.
    """
    if language not in LANGUAGES:
        raise UnknownNameError("language", str(language), LANGUAGES)
    zh = language == "zh"
    edited = _is_edited(document)
    report = document.report if document.report is not None and not edited else _measured(document)
    findings = sorted(report.get("findings") or (), key=lambda f: (f["met"] is not False, f["met"] is None))
    unmet = [finding["field"] for finding in findings if finding["met"] is False]
    return {
        "language": language,
        "edited": edited,
        "summary": _summary(findings, unmet, edited, zh),
        "all_met": not unmet,
        "findings": [
            {
                "field": f["field"], "met": f["met"], "sentence": finding_sentence(f, zh), "source": f["source"],
                "confidence": f.get("confidence"),
            }
            for f in findings
        ],
        "lyrics": _lyrics(report.get("singing"), zh),
        "originality": _originality(report.get("originality"), zh),
        "licences": _licences((document.report or {}).get("licences"), zh),
        "replay": _replay(document, edited, zh),
        "explanation": ((document.report or {}).get("llm") or {}).get("explanation") or None,
    }  # fmt: skip


def _is_edited(document: Document) -> bool:
    kept = document.kept
    return document.report is not None and (kept is None or kept.of != fingerprint(document.score, document.manners))


def _measured(document: Document) -> dict[str, Any]:
    """What a report would find in the score as it is now."""
    from yuefu.analysis.facts import analyze
    from yuefu.analysis.singing import check_singing
    from yuefu.score.midi import midi_bytes, read_midi
    from yuefu.workflows.report import find, nearest_known

    score = document.score
    if not score.note_count:
        return {}
    report: dict[str, Any] = {}
    heard = read_midi(midi_bytes(score, document.performance()))
    if document.brief is not None:
        report["findings"] = [asdict(finding) for finding in find(document.brief, heard, analyze(heard))]
    if any(part.syllables for part in score.parts):
        report["singing"] = check_singing(score).to_dict()
    try:
        report["originality"] = nearest_known(heard)
    except YuefuError:  # without a model there is nothing to compare with
        report["originality"] = None
    return report


def _summary(findings: list[dict[str, Any]], unmet: list[str], edited: bool, zh: bool) -> str:
    if not findings:
        text = "没有写下要求可供核对。" if zh else "Nothing was asked in words that could be checked."
    elif not unmet:
        count = len([f for f in findings if f["met"]])
        if zh:
            text = f"测得到的 {count} 项要求都做到了。"
        else:
            text = f"All {count} wishes that can be measured were met." if count != 1 else "The wish was met."
    else:
        count, of = len(unmet), len([f for f in findings if f["met"] is not None])
        text = (
            f"{of} 项要求中有 {count} 项没有做到。"
            if zh
            else f"{count} of {of} wishes {'was' if count == 1 else 'were'} not met."
        )
    if edited:
        text += (
            "作品后来改过，以下按现在的样子重新测量。" if zh else " The piece was edited since; this is measured anew."
        )
    return text


def _lyrics(singing: dict[str, Any] | None, zh: bool) -> dict[str, Any] | None:
    """How the words sit on the tune, line by line."""
    if not singing:
        return None
    lines = []
    for line in singing["lines"]:
        faults = [fault["zh" if zh else "en"] for fault in line["faults"]]
        if faults:
            sentence = ("；" if zh else "; ").join(faults) + ("。" if zh else ".")
        elif line["score"] >= GOOD_LINE:
            sentence = "唱着顺。" if zh else "It sings well."
        else:
            sentence = _weakest(line["checks"], zh)
        lines.append({
            "text": line["text"], "verse": line["verse"], "score": line["score"],
            "good": line["score"] >= GOOD_LINE, "sentence": sentence[:1].upper() + sentence[1:], "faults": faults,
        })  # fmt: skip
    weak = sum(not line["good"] for line in lines)
    score = singing["score"]
    if zh:
        text = f"可唱性 {score:.2f}（满分 1）：{len(lines)} 句里" + (f"有 {weak} 句欠顺。" if weak else "句句都顺。")
    else:
        text = f"Singability is {score:.2f} of 1: " + (
            f"{weak} of {len(lines)} lines could sit better." if weak else f"all {len(lines)} lines sit well."
        )
    return {"sentence": text, "score": score, "lines": lines}


_CHECKS = {
    "tones": ("the tune goes against the tones of some characters", "有些字的声调与旋律相背"),
    "stress": ("stressed syllables fall on weak beats", "重音落在弱拍上"),
    "keywords": ("the words that matter most aren't where the tune is strong", "要紧的字没有落在旋律着力处"),
    "breath": ("there is little room to breathe", "换气的地方太少"),
    "leaps": ("it leaps within words", "词的中间有大跳"),
    "melismas": ("some syllables are drawn over many notes", "有的字拖得过长"),
    "pace": ("the syllables come fast or unevenly", "字的快慢不匀"),
    "repeats": ("notes repeat too much", "同音反复太多"),
    "ending": ("the line doesn't come to rest", "句尾没有落定"),
}  # fmt: skip


def _weakest(checks: dict[str, float], zh: bool) -> str:
    name = min(checks, key=lambda check: checks[check], default="")
    words = _CHECKS.get(name, ("it could sit better on the tune", "与旋律还可更合"))[zh]
    return words + ("。" if zh else ".")


def _originality(originality: dict[str, Any] | None, zh: bool) -> dict[str, Any] | None:
    """The nearest known piece and the longest passage in common, in plain words."""
    if not originality:
        return None
    run, count = originality["longest_shared_run"], originality["compared_with"]
    work, source = originality["nearest_work"], originality["nearest_set"]
    name = f"{str(work).replace('_', ' ')} ({source})" if work else ""
    bars = originality.get("bars")
    where = ""
    if bars:
        first, last = bars[0], bars[-1]
        where = (f"第 {first}–{last} 小节" if zh else f"bars {first}–{last}") if first != last else (
            f"第 {first} 小节" if zh else f"bar {first}"
        )  # fmt: skip
    if not name or run < 1:
        text = (
            f"与训练用的 {count:,} 首曲子相比，没有音程与节奏都相同的片段。" if zh
            else f"Beside the {count:,} pieces of the training corpus, no passage has the same intervals and rhythm."
        )  # fmt: skip
    elif zh:
        text = f"与训练用的 {count:,} 首曲子相比，最接近的是 {name}：最长有连续 {run} 个音的音程与节奏相同"
        text += f"（{where}）" if where else ""
        text += "，值得留意。" if originality["notable"] else "；这样的短句在许多曲子里都有。"
    else:
        text = f"Of the {count:,} pieces of the training corpus, {name} is nearest: {run} notes in a row have the same "
        text += "intervals and rhythm" + (f" ({where})" if where else "")
        text += (
            "; listen whether that is too near." if originality["notable"] else ", as short phrases in many pieces do."
        )
    turned = int((originality.get("guard") or {}).get("turned_away", 0))
    if turned:
        text += (
            f"写作途中有 {turned} 个会照抄下去的音被换掉了。" if zh
            else f" While it was written, {turned} note{'s' * (turned != 1)} that would have copied on were replaced."
        )  # fmt: skip
    return {
        "sentence": text, "notable": bool(originality["notable"]), "work": name, "run": run, "bars": bars,
        "compared_with": count,
    }  # fmt: skip


def _licences(licences: dict[str, Any] | None, zh: bool) -> dict[str, Any] | None:
    """What the model learnt from, with the licences and who is to be named."""
    if not licences:
        return None
    sets = [
        {
            "title": one.get("title") or one.get("name", ""), "licence": one.get("licence", ""),
            "note": one.get("licence_note", ""), "origin": one.get("origin", ""), "citation": one.get("citation", ""),
        }
        for one in licences.get("training_sets") or ()
    ]  # fmt: skip
    text = (
        f"写出这首曲子的模型学自 {len(sets)} 个开放的曲库，各有其许可，出处如下。" if zh
        else f"The model that wrote this piece learnt from {len(sets)} open collections; each keeps its own licence, "
        "named here with its origin."
    )  # fmt: skip
    return {"sentence": text, "model": licences.get("model", ""), "sets": sets}


def _replay(document: Document, edited: bool, zh: bool) -> dict[str, Any] | None:
    told = (document.report or {}).get("replay")
    if not told:
        return None
    seed, version, model = told.get("seed"), told.get("version"), told.get("model")
    if zh:
        text = f"种子是 {seed}：同样的要求、种子、模型（{model}）与版本（{version}）会写出同一首曲子，一个音也不差。"
        text += "后来的改动不在其内。" if edited else ""
    else:
        text = (
            f"The seed is {seed}: the same words, seed, model ({model}) and version ({version}) write the same piece, "
            "note for note." + (" Later edits aren't part of that." if edited else "")
        )
    return {"sentence": text, "seed": seed, "version": version, "model": model}
