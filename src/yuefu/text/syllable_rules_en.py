"""English syllables and stress by rule and a list of exceptions, for what no dictionary knows.

The rules: a syllable for each vowel group, silent e and its compounds, hiatus (ra-di-o), syllabic
-le and -m, contractions; stress by suffix, then by prefix, then by the weight of the last but one
syllable.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import pairwise

_VOWELS = "aeiouyàáâäåèéêëìíîïòóôöùúûüæøœ"
_ONSETS_WORDS = """
bl br cl cr dr fl fr gl gr pl pr sc sk sl sm sn sp st sw tr tw th sh ch ph wh kn wr qu str spr scr spl thr shr
squ chr phr sch
"""
_ONSETS = frozenset(_ONSETS_WORDS.split())
#: Contractions that hide a consonant and no vowel group of their own: one syllable each.
CONTRACTED = frozenset(("ain't", "o'er", "e'er", "ne'er", "ma'am"))
#: Stems that end in a silent e before another word or a consonant suffix.
_E_STEMS_WORDS = """
some fire home love life time face horse grave where there here care note shore wave hope place side bare fore
shame lime white grace name flame taste safe base make take wine pine stone bone whole smoke rose house moose
goose nurse vine sense price peace grape space lace eye bride pipe wide like wise ware store score line fine
close move change large strange age sure pure rude blue true awe live gave came game same tame dame snake cake
lake grime prime slime hide ride tide lone tone one free tree three see edge bridge judge dance voice prince
force fence noise cheese else false sore more core cute brave use share cause waste
"""
_E_STEMS = tuple(stem for stem in _E_STEMS_WORDS.split() if stem.endswith("e"))
_E_TAILS = frozenset(
    [
        "light",
        "lights",
        "less",
        "ly",
        "maker",
        "man",
        "men",
        "mate",
        "land",
        "line",
        "lines",
        "long",
        "room",
        "more",
        "day",
        "days",
    ]
)
_SUFFIXES_SILENT_E = r"(?:ly|less|ness|ful|ment|some|ward|wards|s|d|lier|liest|fully|lessly|ments|self)$"


@cache
def _exceptions() -> dict[str, tuple[tuple[str, ...], int | None]]:
    text = resources.files("yuefu.text").joinpath("syllables_en.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        for entry in line.split():
            parts = entry.split("-")
            marked = [i for i, part in enumerate(parts) if part.startswith("'")]
            clean = tuple(part.lstrip("'") for part in parts)
            found["".join(clean)] = (clean, marked[0] if marked else None)
    return found


def listed(lower: str) -> tuple[tuple[str, ...], int | None] | None:
    """The word's entry, or its stem's with an ending that adds no syllable or a plain one."""
    entries = _exceptions()
    if lower in entries:
        return entries[lower]
    for ending in (
        "'s",
        "s'",
        "s",
        "es",
        "'ll",
        "'d",
        "d",
        "ed",
        "ing",
        "in'",
        "ly",
        "er",
        "ers",
        "ful",
        "less",
        "ness",
        "ment",
    ):
        if not lower.endswith(ending) or len(lower) - len(ending) < 3:
            continue
        stem = lower[: -len(ending)]
        for base in (stem, stem + "e"):
            if base not in entries:
                continue
            parts, stressed = entries[base]
            if base != stem:  # the e gave way: "believing", "imagined"
                parts = (*parts[:-1], parts[-1][:-1])
                if not any(c in _VOWELS for c in parts[-1]):
                    continue
            if _adds_syllable(base, ending):
                if ending in ("d", "s") and base.endswith("e") and len(parts[-1]) > 2:  # di-vi-ded, voi-ces
                    return (*parts[:-1], parts[-1][:-2], parts[-1][-2:] + ending), stressed
                return (*parts, ending), stressed
            return (*parts[:-1], parts[-1] + ending), stressed
    return None


def _adds_syllable(base: str, ending: str) -> bool:
    if ending in ("'s", "s'", "s"):
        return bool(re.search(r"(?:[sxz]|[cs]h|[cg]e|se|ze)$", base)) and ending != "s'"
    if ending in ("ed", "d"):
        return bool(re.search(r"[td]e?$", base))
    if ending == "es":
        return bool(re.search(r"(?:[sxz]|[cs]h)$", base))
    return ending not in ("'d",)


def nuclei_of(word: str) -> list[tuple[int, int]]:
    """Start and end of each sounded vowel group of a lower-case word."""
    n = len(word)
    vowel = [c in _VOWELS for c in word]
    for i, c in enumerate(word):
        following = word[i + 1] if i + 1 < n else ""
        if (
            c == "y"
            and following in set("aeiou")
            and following
            and (i == 0 or vowel[i - 1] or re.match(r"y(?:ard|on|ou)", word[i:]))
        ):
            vowel[i] = False  # yes, beyond, courtyard
        if c == "y" and word.startswith("y'") and i == 0:
            vowel[i] = False  # y'all
        if c == "u" and i and (word[i - 1] == "q" or (word[i - 1] == "g" and following in set("aeio") and following)):
            vowel[i] = False  # queen, guess, language
    groups: list[tuple[int, int]] = []
    i = 0
    while i < n:
        if not vowel[i]:
            i += 1
            continue
        j = i
        while j < n and vowel[j]:
            j += 1
        groups += _split_group(word, i, j)
        i = j
    return _silence(word, groups)


def _split_group(word: str, start: int, end: int) -> list[tuple[int, int]]:
    """A vowel group, split where two vowels belong to two syllables."""
    group, before, after = word[start:end], word[:start], word[end:]
    if len(group) == 1:
        return [(start, end)]
    cut = 0
    if (group.endswith("i") and after.startswith("ng")) or (group.endswith("i") and after == "n'"):
        cut = len(group) - 1  # go-ing, fly-ing
    elif group[0] == "i" and group[1] in "aou":
        soft = before[-1:] in ("t", "c", "s", "x", "g") or before.endswith("ll")
        soft = soft or (
            group == "io" and ((after[:1] == "n" and before[-1:] == "n") or (after[:1] == "r" and before[-1:] != "r"))
        )
        soft = soft or (group == "ia" and before[-1:] == "l" and after[:1] in ("", "n", "r"))
        if not (soft and before) or (group == "ia" and re.match(r"t(?:e|ing|ion)", after) and before[-1:] != "g"):
            cut = 1  # ra-di-o, ap-pre-ci-ate
        if group.startswith("ia") and after.startswith("ge"):
            cut = 0
    elif group == "ie" and (
        after in ("t", "ty", "ts")
        or (after[:2] in ("nc", "nt") and (before[-1:] not in ("t", "c", "f") or before == "sc"))
    ):
        cut = 0 if before.endswith("r") and after == "t" else 1  # qui-et, sci-ence
    elif group == "ie" and after in ("r", "rs", "st") and len(before) > 2 and before[-1] != "v":
        cut = 1  # hap-pi-er
    elif group == "ua" and before and before[-1] not in "gq":
        cut = 1 if after[:1] in ("l", "r", "t") or not after else 0
    elif group == "ue" and after[:2] in ("nc", "nt"):
        cut = 1  # in-flu-ence
    elif group in ("uo", "uou"):
        cut = 1 if after[:1] in ("s", "u", "") else 0
    elif (group == "eo" and before[-1:] not in ("g", "p", "l")) or (
        group == "eou" and before[-1:] not in ("g", "c", "t")
    ):
        cut = 1
    elif group == "ea" and (
        (after.startswith("t") and before.endswith("cr"))
        or (not after and before[-1:] in ("r", "d") and len(before) > 1)
    ):
        cut = 1 if before[-2:] in ("ar", "id", "cr") else 0
    elif group == "ye" and after in ("", "s", "d"):
        cut = 0  # bye, dyed
    elif group[0] == "y" and before and len(group) > 1:
        cut = 1  # try-ing is done above; "fly-er"
    elif group in ("oa", "oe") and after == "" and len(before) > 2 and group == "oa":
        cut = 1
    elif (len(group) == 3 and group[:2] in ("oy", "ay", "ey")) or group in ("eei", "oei"):
        cut = 2
    if 0 < cut < len(group):
        return [(start, start + cut), (start + cut, end)]
    return [(start, end)]


def _silence(word: str, groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop the vowels that aren't sung, and add the consonants that are (ta-ble, rhy-thm)."""
    n = len(word)
    body = re.sub(r"'(?:s|ll|d|ve|re)$", "", word)
    m = len(body)
    kept = [group for group in groups if group[0] < m]

    def drop(position: int) -> None:
        if len(kept) > 1 and (position, position + 1) in kept:
            kept.remove((position, position + 1))

    if (
        body.endswith("e")
        and m > 2
        and body[-2] not in _VOWELS
        and not re.search(r"[^aeiouylrw']le$|[^aeiou]re$", body)
    ):
        drop(m - 1)
    elif match := re.search(r"[qg]ue(?=[sd]?$)", body):
        drop(match.end() - 1)  # tech-nique, league
    elif re.search(r"[^aeiou]re$", body) and not re.search(r"(?:tre|cre|bre)$", body):
        drop(m - 1)
    if re.search(r"(?:[^aeiouy]|[aeo]y)es$", body) and not re.search(r"(?:[sxzcg]|[cs]h|[^aeiouylrw]l)es$", body):
        drop(m - 2)
    if (
        re.search(r"(?:[^aeiouy]|[aeo]y)ed$", body)
        and not re.search(r"(?:[td]|[^aeiouylrw]l)ed$", body)
        and len(body) > 3
    ):
        drop(m - 2)
    elif re.search(r"[^aeiouylrw]led$|[^aeiouylrw]les$", body):
        pass
    if match := re.search(r"(?<=[^aeiouy])e(?=" + _SUFFIXES_SILENT_E + ")", body):
        ending = body[match.end() :]
        if match.start() > 1 and ending not in ("s", "d"):
            drop(match.start())
    for stem in _E_STEMS:
        rest = body[len(stem) :]
        if body.startswith(stem) and len(rest) >= 3 and rest[0] not in _VOWELS and any(c in _VOWELS for c in rest):
            inside = rest.startswith(("r", "n", "l", "d", "m")) or (stem == "fore" and rest[:2] == "st")  # li-ve-ry
            if rest in _E_TAILS or not inside:
                drop(len(stem) - 1)
            break
    if re.search(r"(?:s|th)m(?:s)?$", body):
        place = body.rindex("m")
        kept.append((place, place + 1))
    if (
        word.endswith("n't")
        and n > 4
        and word[-4] not in _VOWELS
        and word not in ("aren't", "weren't", "can't", "don't", "won't", "shan't")
    ):
        kept.append((n - 3, n - 2))
    elif match := re.search(r"[^aeiouyrw]'(?:ll|ve|re|d)$", word):
        if not (word.endswith("'d") and word[match.start()] not in "td") and not re.search(r"[lmn]'ll$", word):
            kept.append((match.start() + 1, match.start() + 2))
    elif re.search(r"(?:[sxz]|[cs]h|[cg]e|se|ze)'s$", word):
        kept.append((n - 2, n - 1))
    return sorted(kept)


def cuts_between(word: str, nuclei: list[tuple[int, int]]) -> list[int]:
    """Where a word is divided between its vowels, as indices of the first letter of each later syllable."""
    cuts = []
    for (_, left), (right, _) in pairwise(nuclei):
        between = word[left:right]
        if word[right : right + 1] in ("'",) or word[right:] in ("n't", "'ll", "'ve", "'re", "'d", "'s"):
            cuts.append(right)
            continue
        if word[right:] in ("ing", "in'", "ings") and between:
            if re.search(r"[bcdfgkptz]l$", between) and len(between) > 2:
                cuts.append(right - 2)  # tum-bling
                continue
            doubled = len(between) >= 2 and between[-1] == between[-2] and between[-1] not in "sl"
            cuts.append(right - 1 if doubled else right if len(between) > 1 or left > 1 else right - 1)
            continue
        if word[right:] in ("m", "ms") or (between == "y" and word[right:] in ("er", "ers", "ed", "in'", "ing")):
            cuts.append(right)
            continue
        if re.fullmatch(r"le[sd]?", word[right - 1 :]) and len(between) >= 2:
            cuts.append(right - (1 if between.endswith("ckl") else 2))  # can-dle, tick-le
            continue
        cuts.append(left + _onset(between))
    return cuts


def _onset(between: str) -> int:
    """How many of the consonants between two vowels close the first syllable."""
    size = len(between)
    if size <= 1:
        return 1 if between == "x" else 0
    if "'" in between:
        return between.index("'")
    for take in (3, 2):
        if size >= take and between[-take:] in _ONSETS:
            rest = size - take
            return (
                rest
                if rest or between in ("th", "sh", "ch", "ph", "wh", "qu") or take == 3
                else 1
                if between[0] == "s"
                else 0
            )
    if between in ("ck", "ng", "dg", "tch", "gh"):
        return size if between != "ng" else 1
    return size - 1


_STRESS_LAST = re.compile(r"(?:ee|eer|ese|ette|esque|oon|aire|self|selves|i[qg]ue|eers|ees|aign|[lrn]ades?)$")
_STRESS_BEFORE = re.compile(r"(?:[tsxc]ions?|[tc]ian|[tcg]ious|[cg]eous|[tc]ial|ics?|[tc]ient|[tc]ience|sive)$")
_STRESS_ANTE = re.compile(
    r"(?:ity|ities|ety|ical|ically|[^aeiou]y|ify|ifies|ified|ious|eous|ian|ial|ior|ual|uous|ient|ience|ium|ia|[tsg]ional|"
    r"[ai]ble)$"
)
_NEUTRAL = re.compile(r"(?:ings?|ly|ness|ful|less|ments?|ers?|ed|ish|ship|hood|dom|some|est|in'|ists?|isms?|ors?)$")
#: Two-syllable words that begin like a prefix and are stressed there all the same.
_TROCHEES = re.compile(
    r"^(?:pro(?:b|cess|gr|ject|duct|fi|mis|ph|per|sp|ne|v[ei]rb)|con(?:t[aer]|c[er]|gr|sc|st|v[eo]|q)|com(?:m[aio][nc]?$|mon|[ei]|r|pa[cs]s|pl[ei]x|bat)|"
    r"ex(?:p[eo]r|i[lt]|tra)|ac(?:c[e]|t|i)|ab(?:s|b)|ad(?:v[eo]r|d)|ar(?!r|is|ou)|as(?!c|s|id|le)|at(?!t)|ap(?:p?l|r|e)|af(?:t|r)|al(?!l|o|i|ar|as)|"
    r"im(?:a|p[a]ct)|in(?:d[eui]|f[ai]|s[et]|t[oe]|n|p|ch|k|c[ho]|st[ai])|per(?:so|f|i)|pre(?:ci|f[ai]|tt|sen)|re(?:c[eo]|gi|pt|li[sc]|fu[g]|a|d|a|sc|nt|st$|sts)|"
    r"sub(?:w|ur|t)|sur(?:f|g)|un(?:c|d|i)|en(?:t[er]|v[oy]|g[il]|d|em)|em(?:b[el]|p[it]|er)|dis(?:c[ou]|t[ra]|h|ma)|de(?:a|m|nt|ns|sk|c[ak]|ck|ll|w|er|b)|"
    r"be(?:a|t[t]|g[g]|d|ing|r|n|ll|e|v|st)|ob(?:j|l)|trans)"
)
_PREFIX = re.compile(
    r"^(?:be|de|re|dis|ex|en|em|un|im|in|con|com|per|pre|pro|sur|sub|su[pcfg]|trans|ob|ab|ac|ad|af|al|ap|ar|as|at|a(?=[^aeiouy]+(?:[aeiou]{2}|[aeiou][^aeiouy]e$)))"
)
_WEAK_END = re.compile(r"(?:y|le|er|en|on|al|ow|ing|ish|ic|i[dt]|age|ive|ist|or|us|ous|um|el|il|an|ar|ies)s?$")


def stress_of(word: str, parts: list[str]) -> int | None:
    """The index of the stressed syllable of a word that isn't listed."""
    count = len(parts)
    if count == 1:
        return 0
    plain = word.split("'")[0] or word
    if _STRESS_LAST.search(plain):
        return count - 1
    if _STRESS_BEFORE.search(plain):
        return max(count - 2, 0)
    if count >= 3 and (match := _NEUTRAL.search(plain)):
        stem = plain[: match.start()]
        if match[0][0] in "aeiou" and re.search(r"([^aeiouls])\1$", stem):
            stem = stem[:-1]
        spelt = stem + "e" if match[0][0] in "aeio" and re.search(r"[aeiouy][^aeiouy]$", stem) else stem
        spelt = spelt[:-1] + "y" if spelt.endswith("i") else spelt
        for base in (stem, spelt):
            if inner := listed(base):
                return min(inner[1] or 0, count - 1)
        cuts = cuts_between(spelt, nuclei_of(spelt))
        pieces = [spelt[a:b] for a, b in zip([0, *cuts], [*cuts, len(spelt)])]
        if 1 < len(pieces) <= count:
            return min(stress_of(spelt, pieces) or 0, count - 1)
    if count >= 4 and re.search(r"(?:ary|ory|ery|aries|ories|eries)$", plain):
        return count - 4
    if count >= 3 and (_STRESS_ANTE.search(plain) or plain.endswith("ies")):
        return count - 3
    if count >= 3 and re.search(r"(?:ates?|ated|ating|izes?|ized|izing|isms?)$", plain):
        return max(count - 3 - plain.endswith(("ing", "ted")), 0)
    if count == 2:
        bare = re.sub(r"(?:ed|s|d)$", "", plain) if len(plain) > 6 else plain
        iamb = _PREFIX.match(plain) and not _TROCHEES.match(plain) and not _WEAK_END.search(bare) and len(plain) > 4
        return 1 if iamb else 0
    # The Latin rule: a heavy last but one syllable, else the one before it.
    return count - 2 if re.search(r"[aeiou]{2}|[aeiouy][^aeiouy]+$", parts[-2]) else count - 3
