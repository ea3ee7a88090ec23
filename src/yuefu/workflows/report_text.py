"""The report as a few lines to read, in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from yuefu.analysis.facts_text import key_name
from yuefu.errors import UnknownNameError
from yuefu.text.style_reference import PREFIX
from yuefu.theory.instruments import INSTRUMENTS
from yuefu.theory.key import Key
from yuefu.theory.modes import MODES
from yuefu.theory.styles import STYLES
from yuefu.workflows.report_ideas import ideas_text

if TYPE_CHECKING:
    from yuefu.workflows.report import Finding, Report

LANGUAGES = ("en", "zh")
#: Fields of the brief in both languages.
_FIELDS = {
    "style": ("style", "风格"), "tempo": ("tempo", "速度"), "key": ("key", "调"), "mode": ("mode", "调式"),
    "meter": ("metre", "拍号"), "bars": ("bars", "小节数"), "duration": ("duration", "时长"), "form": ("form", "曲式"),
    "instruments": ("instruments", "乐器"), "without": ("without", "不用"), "chords": ("chords", "和弦"),
    "lyrics": ("lyrics", "歌词"), "valence": ("valence", "愉悦度"), "arousal": ("arousal", "激动度"),
    "density": ("density", "疏密"), "scale": ("scale", "音阶"), "grouping": ("grouping", "拍组"),
    "rhythm": ("rhythm", "节奏"), "drone": ("drone", "持续音"), "ornaments": ("ornaments", "装饰音"),
}  # fmt: skip
_KINDS_ZH = {
    "intro": "前奏", "verse": "主歌", "prechorus": "导歌", "chorus": "副歌", "bridge": "桥段", "interlude": "间奏",
    "solo": "独奏", "outro": "尾奏",
}  # fmt: skip
_MODES_ZH = {"major": "大调", "minor": "小调"}
_MET = {True: ("met", "做到"), False: ("NOT MET", "没做到"), None: ("not measured", "未测")}
#: A reading less sure than this is said to be so.
UNSURE = 0.75
#: Longest list that is printed, in items.
_MOST = 16


def report_text(report: Report, language: str = "en") -> str:
    """What was made, what was asked and found, and how original it is.

    language: ``"en"`` or ``"zh"``; another raises UnknownNameError.
    """
    if language not in LANGUAGES:
        raise UnknownNameError("language", str(language), LANGUAGES)
    zh = language == "zh"
    lines = [*_piece(report.chosen, zh), *_findings(report.findings, zh)]
    lines += ideas_text(report.ideas, zh)
    if report.originality is not None:
        lines.append(_originality(report.originality, zh))
    if report.singing is not None:
        lines.append(_singing(report.singing, zh))
    if report.llm is not None and report.llm.explanation:
        lines.append(("说明：" if zh else "About it: ") + report.llm.explanation)
    seed = report.replay["seed"]
    lines.append(
        f"种子：{seed}（同样的要求和种子得到同一首曲子）"
        if zh
        else f"Seed: {seed} (the same words and seed give the same piece)"
    )
    return "\n".join(lines)


def _piece(chosen: Mapping[str, Any], zh: bool) -> list[str]:
    """The piece in two or three lines."""
    style = STYLES[chosen["style"]]
    minutes, seconds = divmod(round(chosen["duration"]), 60)
    own = str(chosen.get("adapter", "")).partition("@")[0]
    facts = [
        own or (style.zh if zh else style.en),
        scale_name(chosen["scale"], zh)
        if "scale" in chosen
        else key_name(Key.parse(chosen["key"]), "zh" if zh else "en"),
        chosen["meter"],
        f"每分钟 {chosen['tempo']:g} 拍" if zh else f"{chosen['tempo']:g} bpm",
        f"{chosen['bars']} 小节" if zh else f"{chosen['bars']} bar{'s' * (chosen['bars'] != 1)}",
        f"{minutes}:{seconds:02}",
    ]
    sections = []
    for section in chosen["form"]:
        name, _, bars = section.rpartition(":")
        sections.append(f"{_KINDS_ZH.get(name, name) if zh else name} {bars}")
    head = [chosen["title"]] if chosen["title"] else []
    return [
        *head,
        ("，" if zh else ", ").join(facts),
        ("曲式：" if zh else "Form: ") + " | ".join(sections),
        ("乐器：" if zh else "Instruments: ") + value_words("instruments", chosen["instruments"], zh),
    ]


def _findings(findings: tuple[Finding, ...], zh: bool) -> list[str]:
    """A line a wish, the ones that weren't met first."""
    if not findings:
        return []
    lines = ["要求与所得：" if zh else "Asked and found:"]
    for finding in sorted(findings, key=lambda f: (f.met is not False, f.met is None)):
        name = _FIELDS.get(finding.field, (finding.field, finding.field))[zh]
        asked = value_words(finding.field, finding.asked, zh)
        found = value_words(finding.field, finding.found, zh)
        verdict = _MET[finding.met][zh]
        text = f"  {name}{'：' if zh else ': '}{asked}"
        if finding.found is not None and found != asked:
            text += f"，测得 {found}" if zh else f", found {found}"
        if finding.confidence is not None and finding.confidence < UNSURE:
            verdict += "，把握不大" if zh else ", read without much confidence"
        if finding.source == "llm":
            verdict += "，语言模型所定" if zh else ", chosen by the language model"
        lines.append(text + (f"（{verdict}）" if zh else f" ({verdict})"))
    return lines


def value_words(field: str, value: Any, zh: bool) -> str:
    """A value of a field in words."""
    if (told := _colour_words(field, value, zh)) is not None:
        return told
    if field == "key":
        if isinstance(value, Mapping):
            written, heard = (key_name(Key.parse(value[n]), "zh" if zh else "en") for n in ("written", "heard"))
            if written == heard:
                return written
            return f"{written}，听来像{heard}" if zh else f"{written}, heard as {heard}"
        return key_name(Key.parse(value), "zh" if zh else "en")
    if field == "mode":
        value = value["written"] if isinstance(value, Mapping) else value
        return _MODES_ZH.get(value, value) if zh else value
    if field == "style" and isinstance(value, Mapping):
        return _nearness(value, zh)
    if field == "style" and isinstance(value, str) and value.startswith(PREFIX):
        return f"像 {value[len(PREFIX) :]}" if zh else f"like {value[len(PREFIX) :]}"
    if field == "style" and value in STYLES:
        return STYLES[value].zh if zh else STYLES[value].en
    if field == "lyrics" and zh:
        return str(value).replace(" of ", "/").replace("syllables", "字")
    if field == "duration" and isinstance(value, (int, float)):
        return f"{value:g} 秒" if zh else f"{value:g} s"
    if field == "meter" and isinstance(value, list):
        return " ".join(value)
    if isinstance(value, Mapping):
        return " | ".join(f"{_KINDS_ZH.get(k, k) if zh else k}: {value_words(field, v, zh)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        words = [_word(field, item, zh) for item in value[:_MOST]] + ["..."] * (len(value) > _MOST)
        return ("、" if zh and field in ("instruments", "without") else " " if field == "chords" else ", ").join(words)
    if field in ("valence", "arousal"):
        return f"{value:+.2f}"
    return f"{value:g}" if isinstance(value, float) else _word(field, value, zh)


def _nearness(value: Mapping[str, Any], zh: bool) -> str:
    """How near a piece came to the one that it was to be like."""
    run = value["longest_shared_run"]
    shared = f"最长 {run} 音相同" if zh else f"at most {run} notes in a row in common"
    if not run:
        shared = "没有相同的乐句" if zh else "no passage in common"
    if value["usual"] is None or value["this"] is None:
        return shared
    if zh:
        return f"相距 {value['this']:.2f}（同类曲一般 {value['usual']:.2f}），{shared}"
    return f"{value['this']:.2f} spreads from it (the style's usual tune {value['usual']:.2f}), {shared}"


def scale_name(scale: str, zh: bool) -> str:
    """A mode's name, with its tonic where that is told: ``"D dorian"``.

    >>> scale_name("D dorian", False), scale_name("G zhi", True), scale_name("hijaz", False)
    ('D Dorian', 'G徵调式', 'Hijaz')
    """
    tonic, _, key = scale.rpartition(" ")
    mode = MODES[key]
    return f"{tonic}{mode.zh}" if zh else f"{tonic} {mode.en}".strip()


def _colour_words(field: str, value: Any, zh: bool) -> str | None:
    """Values of scale, grouping, rhythm, drone and ornaments in words; None for other fields."""
    if field == "scale":
        if isinstance(value, str):
            return scale_name(value, zh)
        text = (
            f"旋律 {value['share']:.0%} 在音阶内，落在 {value['final']}"
            if zh
            else f"{value['share']:.0%} of the tune in it, ending on {value['final']}"
        )
        note = value["note_zh"] if zh else value["note_en"]
        return f"{text}（{note}）" if zh and note else f"{text} ({note})" if note else text
    if field == "grouping":
        groups = value["heard"] if isinstance(value, Mapping) else value
        return "+".join(map(str, groups))
    if field == "rhythm" and isinstance(value, str):
        return {"free": ("free", "散板"), "strict": ("strict", "有板")}[value][zh]
    if field == "rhythm":
        return f"速度起伏 {value:.0%}" if zh else f"a tempo that moves by {value:.0%}"
    if field == "drone":
        if isinstance(value, bool):
            return ("要" if value else "不要") if zh else ("yes" if value else "no")
        return f"主音占时 {value:.0%}" if zh else f"the tonic held for {value:.0%} of the time"
    if field == "ornaments" and isinstance(value, str):
        return {"none": ("none", "无"), "light": ("light", "少量"), "rich": ("rich", "丰富")}[value][zh]
    if field == "ornaments":
        return f"{value} 个小音" if zh else f"{value} small notes"
    return None


def _word(field: str, item: Any, zh: bool) -> str:
    if isinstance(item, (list, tuple)):  # the chords of one bar
        return "/".join(map(str, item)) if field != "chords" else ",".join(map(str, item))
    if field in ("instruments", "without") and item in INSTRUMENTS:
        return INSTRUMENTS[item].zh if zh else INSTRUMENTS[item].en
    if field == "form" and zh:
        return _KINDS_ZH.get(item, item)
    return str(item)


def _originality(originality: Mapping[str, Any], zh: bool) -> str:
    run, count = originality["longest_shared_run"], originality["compared_with"]
    work = f"{originality['nearest_work']} ({originality['nearest_set']})" if originality["nearest_work"] else ""
    guard = originality.get("guard") or {}
    turned = int(guard.get("turned_away", 0))
    if zh:
        text = f"原创性：与 {count} 首训练曲目相比，最长相同片段 {run} 个音" + (f"，最接近 {work}" if work else "")
        text += f"；写作途中有 {turned} 个会照抄下去的音被换掉" if turned else ""
        return text + ("，值得留意。" if originality["notable"] else "。")
    text = f"Originality: at most {run} notes in a row as in one of {count} training pieces"
    text += f", nearest {work}" if work else ""
    if turned:
        text += f"; {turned} note{'s' * (turned != 1)} that would have copied on turned away while writing"
    return text + ("; worth a look." if originality["notable"] else ".")


def _singing(singing: Mapping[str, Any], zh: bool) -> str:
    """How well the words sit, and the line that sits worst."""
    text = f"可唱性：{singing['score']:.2f}" if zh else f"Singability: {singing['score']:.2f}"
    worst = min(singing["lines"], key=lambda line: line["score"], default=None)
    if worst is not None and worst["score"] < 0.85:
        text += f"，最弱一句“{worst['text']}”" if zh else f", weakest line '{worst['text']}'"
        if worst["faults"]:
            text += f"（{worst['faults'][0]['zh']}）" if zh else f" ({worst['faults'][0]['en']})"
    return text + ("。" if zh else ".")
