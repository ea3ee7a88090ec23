"""Names of features ("mood:valence", "style:jazz") as words that fit a sentence, in English and Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

#: From this value of a feature on (its spread is about 1) it is said which way it goes.
CLEARLY = 0.3

#: Name -> (said of a low value, of a high one, of neither), in English.
SCALES_EN = {
    "mood:valence": ("darker moods", "bright moods", "its mood"),
    "mood:arousal": ("calm pieces", "lively pieces", "how lively it is"),
    "tempo:bpm": ("slow tempos", "fast tempos", "its tempo"),
    "key:minor": ("major keys", "minor keys", "its mode"),
    "key:sin": ("its key",) * 3,
    "key:cos": ("its key",) * 3,
    "texture:density": ("sparse textures", "dense textures", "how dense it is"),
    "texture:polyphony": ("single lines", "many voices at once", "how many voices it has"),
    "texture:parts": ("small ensembles", "large ensembles", "the size of its ensemble"),
    "texture:drums": ("pieces without drums", "pieces with drums", "its drums"),
    "texture:syncopation": ("straight rhythms", "syncopated rhythms", "its rhythm"),
    "texture:range": ("narrow ranges", "wide ranges", "its range"),
    "texture:length": ("short pieces", "long pieces", "its length"),
    "texture:register": ("low registers", "high registers", "its register"),
    "texture:dynamics": ("soft pieces", "loud pieces", "how loud it is"),
    "texture:loudness": ("soft pieces", "loud pieces", "how loud it is"),
    "texture:chromaticism": ("plain harmony", "chromatic harmony", "its harmony"),
    "sound:brightness": ("dark sounds", "bright sounds", "its sound"),
    "sound:loudness": ("soft sounds", "loud sounds", "how loud it sounds"),
}
SCALES_ZH = {
    "mood:valence": ("偏暗的情绪", "明亮的情绪", "它的情绪"),
    "mood:arousal": ("平静的曲子", "有活力的曲子", "它的活力"),
    "tempo:bpm": ("慢的速度", "快的速度", "它的速度"),
    "key:minor": ("大调", "小调", "它的调式"),
    "key:sin": ("它的调",) * 3,
    "key:cos": ("它的调",) * 3,
    "texture:density": ("疏朗的织体", "密集的织体", "它的疏密"),
    "texture:polyphony": ("单声线条", "多声部", "它的声部"),
    "texture:parts": ("小编制", "大编制", "它的编制"),
    "texture:drums": ("没有鼓的曲子", "有鼓的曲子", "它的鼓"),
    "texture:syncopation": ("平稳的节奏", "切分节奏", "它的节奏"),
    "texture:range": ("窄的音域", "宽的音域", "它的音域"),
    "texture:length": ("短的曲子", "长的曲子", "它的长度"),
    "texture:register": ("低音区", "高音区", "它的音区"),
    "texture:dynamics": ("轻柔的曲子", "响亮的曲子", "它的力度"),
    "texture:loudness": ("轻柔的曲子", "响亮的曲子", "它的力度"),
    "texture:chromaticism": ("朴素的和声", "半音化的和声", "它的和声"),
    "sound:brightness": ("暗的音色", "明亮的音色", "它的音色"),
    "sound:loudness": ("轻的声音", "响的声音", "它的音量"),
}
STYLES_ZH = {
    "jazz": "爵士", "classical": "古典", "baroque": "巴洛克", "romantic": "浪漫派", "pop": "流行", "rock": "摇滚",
    "folk": "民谣", "blues": "布鲁斯", "ragtime": "拉格泰姆", "waltz": "圆舞曲", "march": "进行曲", "ambient": "氛围",
    "electronic": "电子", "hymn": "圣咏", "chinese": "中国风", "guofeng": "国风", "lullaby": "摇篮曲", "latin": "拉丁",
    "indie": "独立音乐", "metal": "金属", "country": "乡村", "soul": "灵魂乐", "funk": "放克", "game": "游戏音乐",
}  # fmt: skip
MOODS = {
    "calm": ("calm pieces", "平静的曲子"), "happy": ("happy pieces", "欢快的曲子"), "sad": ("sad pieces", "忧伤的曲子"),
    "tense": ("tense pieces", "紧张的曲子"), "energetic": ("energetic pieces", "有活力的曲子"),
    "chosen": ("the mood you chose", "你所选的情绪"),
}  # fmt: skip
#: What a group is called where the value within it says nothing to a listener.
GROUPS = {
    "words": ("what its prompt says", "它的描述"), "sound": ("how it sounds", "它的声音"),
    "texture": ("its texture", "它的织体"), "key": ("its key", "它的调"), "tempo": ("its tempo", "它的速度"),
    "mood": ("its mood", "它的情绪"), "parent": ("the piece it came from", "它的母本"),
    "creator": ("its creator", "它的作者"),
}  # fmt: skip


def attribute_words(
    name: str, language: str = "en", value: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """What a feature is called in a sentence. value: that of the item; names: titles of creators and parents.

    >>> attribute_words("tempo:bpm", "en", -1.2), attribute_words("style:jazz", "zh")
    ('slow tempos', '爵士风格')
    """
    chinese = language == "zh"
    group, _, rest = name.partition(":")
    scale = (SCALES_ZH if chinese else SCALES_EN).get(name)
    if scale:
        if value is None or abs(value) < CLEARLY:
            return scale[2]
        return scale[1] if value > 0 else scale[0]
    given = (names or {}).get(name, "")
    word = _plain(given or rest)
    if group == "mood" and rest in MOODS:
        return MOODS[rest][chinese]
    if group == "style" and word:
        return STYLES_ZH.get(rest, word) + "风格" if chinese else f"{word.replace('_', ' ')}-style music"
    if group == "tag" and word:
        return f"“{word}”标签的音乐" if chinese else f"music tagged “{word}”"
    if group == "creator" and word and (given or not _looks_like_id(word)):
        return f"{word}的作品" if chinese else f"music by {word}"
    if group == "parent" and given:
        return f"出自《{word}》的曲子" if chinese else f"pieces that came from “{word}”"
    if group in GROUPS:
        return GROUPS[group][chinese]
    return word or _plain(group) or ("它本身" if chinese else "what it is")


def _plain(word: str) -> str:
    kept = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in unicodedata.normalize("NFC", word))
    return " ".join(kept.split())[:60]


def _looks_like_id(word: str) -> bool:
    """Ids of accounts are long and hold digits; names of people rarely do both."""
    return len(word) >= 12 and " " not in word and any(sign.isdigit() for sign in word)
