"""A verdict in words, English and Chinese."""

from __future__ import annotations

from yuefu.corpus.labels import labels
from yuefu.recognition.explain import Explanation
from yuefu.recognition.network import Verdict

_LAYERS = {
    "en": {"treble": "treble", "alto": "alto", "tenor": "tenor", "bass": "bass", "drums": "drums"},
    "zh": {"treble": "高音区", "alto": "中高音区", "tenor": "中低音区", "bass": "低音区", "drums": "鼓"},
}
_KINDS = {
    "en": {
        "metre": "metre", "rhythm": "rhythm", "tune": "tune's steps", "harmony": "harmony", "texture": "texture",
        "register": "register", "repetition": "repetition", "drums": "drums", "loudness": "loudness",
    },
    "zh": {
        "metre": "拍子", "rhythm": "节奏", "tune": "旋律进行", "harmony": "调式与变音", "texture": "织体",
        "register": "音区", "repetition": "重复", "drums": "鼓", "loudness": "力度",
    },
}  # fmt: skip


def layer_names(language: str) -> dict[str, str]:
    """Names of the layers of an explanation."""
    return _LAYERS[language]


def kind_names(language: str) -> dict[str, str]:
    """Names of the kinds of numbers of an explanation."""
    return _KINDS[language]


def title_text(verdict: Verdict, language: str) -> str:
    """The verdict in one line."""
    name, share = verdict.label.name(language), f"{verdict.shares[0][1]:.0%}"
    if verdict.sure:
        return f"{name}  {share}"
    return f"拿不准，最像{name}（{share}）" if language == "zh" else f"unsure; most like {name} ({share})"


def evidence_text(explanation: Explanation, language: str) -> str:
    """What the bars of the lower diagram are."""
    name = labels()[explanation.label].name(language)
    if language == "zh":
        return f"哪些数字支持“{name}”（换成平均值后，对数几率下降多少）"
    return f"which numbers speak for “{name}” (log-odds that it loses with their mean instead)"


def verdict_text(verdict: Verdict, explanation: Explanation | None, language: str, most: int = 5) -> str:
    """The verdict as lines: the style or that it is unsure, the likeliest styles, what speaks for the first."""
    zh = language == "zh"
    first = title_text(verdict, language)
    if verdict.sure:
        how = f"{verdict.precision:.0%}"
        first += f"（这样确定的判断约有 {how} 是对的）" if zh else f"  (of verdicts this sure, about {how} are right)"
    lines = [first, ""]
    ranked = verdict.shares[:most]
    lines += [f"  {share:6.1%}  {labels()[key].name(language)}" for key, share in ranked]
    if explanation is not None:
        told = sorted(explanation.kinds.items(), key=lambda item: -item[1])
        speaking = [kind_names(language)[kind] for kind, value in told if value > 0.1][:3]
        against = [kind_names(language)[kind] for kind, value in reversed(told) if value < -0.1][:2]
        lines.append("")
        if speaking:
            lines.append(("支持：" if zh else "speaks for it: ") + ("、" if zh else ", ").join(speaking))
        if against:
            lines.append(("反对：" if zh else "speaks against it: ") + ("、" if zh else ", ").join(against))
        bars = strongest_bars(explanation)
        if bars:
            told_bars = ("、" if zh else ", ").join(str(bar + 1) for bar in bars)
            lines.append(f"最有代表性的小节：{told_bars}" if zh else f"most typical bars: {told_bars}")
    return "\n".join(lines).rstrip()


def strongest_bars(explanation: Explanation, most: int = 4) -> list[int]:
    """The bars (from 0, in order) without which the style would be least likely."""
    ranked = sorted(
        (bar for bar, value in enumerate(explanation.bars.tolist()) if value > 0.05),
        key=lambda bar: -float(explanation.bars[bar]),
    )
    return sorted(ranked[:most])
