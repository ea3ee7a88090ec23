"""Turns of phrase that deny a feeling, or seem to: wishes, farewells, rhetorical questions, "couldn't be happier".

``scan`` knows words that negate. Here are phrasings that no single word carries: what is wished for isn't there
("I wish I were happy", 要是能开心就好了), what is over isn't either ("the storm has passed", 愤怒已经没有了), and two
denials make a feeling stronger ("couldn't be happier", 怎能不难过). Each looks at one clause around a term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE = re.compile(r"[.,;:!?()\n。！？；，：—…]|\s-\s")
#: Characters that are looked at after a term that ends its clause.
_ANSWER = 24
#: Words that may stand between a turn of phrase and the term that it turns.
_LIGHT = (
    r"(?:\s+(?:be|being|been|feel|feels|feeling|so|the|a|an|all|about|this|that|of|your|my|our|his|her|their|i'm|it's|it|"
    r"is|are|was|has|have|to|them|any|old|such|too|very|people|for|acting|sounding|i|we|he|she|you))*\s*$"
)
_FEW = r"(?:\s+[\w']+){0,3}\s*$"


@dataclass(frozen=True)
class _Turn:
    """before: what stands before the term, up to it; after: what follows it; factor: see ``scan.Token``."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    factor: float

    def fits(self, before: str, after: str) -> bool:
        return bool(self.after.search(after)) and bool(self.before.search(before))


def _turn(factor: float, before: str = "", after: str = "") -> _Turn:
    return _Turn(re.compile(before), re.compile(after), factor)


#: What seems to deny and doesn't.
_AFFIRMS = (
    _turn(1.4, r"\b(?:couldn't|could\s+not|can't|cannot)\s+(?:possibly\s+)?(?:be|feel|get)\s+(?:any\s+)?more\s*$"),
    _turn(1.1, r"(?:\bnot|n't)\b(?:\s+(?:nearly|quite|really|half|anywhere\s+near))?\s*$", r"^\s+enough\b"),
    _turn(1.3, r"\bnever(?:\s+[\w']+){1,4}\s+(?:so|this|such|as)(?:\s+an?)?\s*$"),
    _turn(1.1, r"\b(?:how\s+(?:can|could)|who)\b[\w'\s]*(?:\bnot|n't)\b" + _FEW),
    _turn(1.1, r"(?:\b(?:nobody|no\s+one|cannot|never|not)|n't)\b(?:\s+[\w']+){0,2}\s+(?:stop|stops|stopped|help|hide|"
               r"resist|escape|deny|forget|forgot)\b" + _FEW),
    _turn(1.1, r"(?:怎[能会]不|怎么能不|怎么可能不|[岂哪]能不|谁[能会]?不|不[能得]不|不由得|[忍止]不住|不禁|不无|无不|"
               r"[未何]尝不|[没无]法不|没有(?:一个|谁|人)不)\S{0,2}$"),
    _turn(1.3, r"(?:从来没有?|从没|从未)(?:这么|这样|如此)\S{0,1}$"),
    _turn(1.3, r"得不能再$"),
    _turn(1.3, r"再$", r"^不过"),
    _turn(1.1, r"不够$"),
    _turn(1.0, r"(?:能不能|可不可以|要不要|好不好|行不行)\S{0,4}$"),
)  # fmt: skip
_COMPARATIVE = _turn(1.4, r"\b(?:couldn't|could\s+not|can't|cannot)\s+(?:possibly\s+)?(?:be|feel|get)(?:\s+any)?\s*$")
#: What denies without a word of ``scan``'s negations.
_DENIES = (
    _turn(-0.5, r"\b(?:nobody|no\s+one|no-one|none\s+of\s+(?:us|them))\b" + _FEW),
    _turn(-0.6, r"\b(?:i(?:\s+only)?\s+wish\s+(?:i|we|it|he|she|you|they)|if\s+only|pretend(?:s|ed|ing)?|who\s+could|"
                r"how\s+could|forgot(?:ten)?\s+how|thought\s+(?:i|it|we|he|she|they)\b\S*|expected)\b"
                r"(?:\s+[\w']+){0,4}\s*$"),
    _turn(-0.5, r"\b(?:refus(?:e|es|ed|ing)\s+to|(?:done|fed\s+up)\s+with|(?:tired|sick|enough|bored)(?:\s+of)?|"
                r"spare\s+me|quit|stop|no\s+(?:time|reason|need|room)\s+(?:to|for)|no\s+amount\s+of|forget|lay\s+off|ease\s+up\s+on|"
                r"tone\s+down|dial\s+down|over|goodbye|farewell\s+to|who\s+says|why\s+so|why\s+be|since\s+when|"
                r"gone\s+(?:is|are)|less|used\s+to|lost|lack\w*|instead\s+of)\b" + _LIGHT),
    _turn(-0.7, r"\bopposite\s+of\b" + _LIGHT),
    _turn(0.4, r"\b(?:despite|in\s+spite\s+of|for\s+all)\b" + _FEW),
    _turn(0.3, r"(?:表面上?|脸上|看似|看着|看上去|乍看)\S{0,3}$"),
    _turn(-0.3, "", r"^\?\s*(?:no|nope|not|never|hardly|since\s+when)\b|^[?？](?:不|没|哪|早没|拉倒|才怪|想得美)"),
    _turn(-0.5, "", r"^再[好大多]\S{0,2}[，,]?\S{0,3}[也都]"),
    _turn(-0.6, "", r"^的?[事话]?\S{0,3}[也都](?:想不起|没有|不剩|记不得)"),
    _turn(-0.4, r"\b(?:even|all)\b" + _FEW, r"^(?:\s+[\w']+){0,2}\s+(?:\w+n't|cannot|never)\b"),
    _turn(-0.3, r"(?<!not )(?<!n't )\btoo\s*$", r"^(?!\s+to\b)"),
    _turn(-0.5, "", r"^(?:\s+[\w]+)?(?:\s+(?:is|are|was|has|have|had)|'s)(?:\s+(?:all|now|finally|long|already))*\s+"
                    r"(?:over|gone|passed|lifted|faded|ended|stopped|died|worn\s+off|left|vanished|drained|behind\s+us)\b"),
    _turn(-0.5, r"(?:[没无]有?(?:一个)?人|没有?谁|何[必苦须]|用不着|犯不着|哪有|哪来的?|哪里有?|哪是|哪还|谁说|谁要|"
                r"谁还|[听看]腻了?|受够了?|厌倦了?|告别|远离|摆脱|走出|熬过|忘[了掉记]|甩掉|收起|放下|褪去|失去|少[点些]|"
                r"少来点?|少一[点些分]|别光(?:顾着)?|不像|不叫|称不上|算不得|一改(?:往日|从前|平日)?的?|假装|装作|[强硬]装|强颜|"
                r"本[该应]|明明应?该|以为自?己?我?[会能]?|有什么[好可])\S{0,2}$"),
    _turn(-0.35, r"(?:以前|曾经|昔日|从前|当年)\S{0,4}$"),
    _turn(-0.6, "", r"^不(?:起来|出来?|动|成)"),
    _turn(-0.6, r"(?:谁|哪|怎么|还)\S{0,3}$", r"^得(?:起来|了|出|下来)"),
    _turn(-0.6, r"(?:要是|如果|但愿)\S{0,8}$", r"^\S{0,6}(?:就好了|多好)"),
    _turn(-0.4, r"再\S{0,3}$", r"^\S{0,6}[也都](?!要|得)"),
    _turn(-0.5, "", r"^(?:什么|个啥|啥)"),
    _turn(-0.6, "", r"^是(?:他们|别人|人家)的|^与我无关"),
    _turn(-0.5, "", r"^(?:已经|早已?|也|都|终于|总算|全)*(?:没了|没有了|走了|散了|过去了|结束了|完了|停了|消失|"
                    r"不见了|褪去|退了|一去不返|不再|成了过去|到头了|远去)"),
)  # fmt: skip


def turned(text: str, start: int, end: int, factor: float) -> tuple[float, int] | None:
    """What the clause around a term makes of it, or None where nothing turns it.

    text: lower case; start, end: the term's place; factor: what ``scan`` found. Returns the new factor and where
    the phrase that turns the term begins.

    >>> text = "i wish i were happy"
    >>> turned(text, 14, 19, 1.0)
    (-0.6, 0)
    >>> turned("couldn't be happier", 12, 19, -0.5)
    (1.4, 0)
    >>> turned("the storm has passed", 4, 9, 1.0)
    (-0.5, 4)
    """
    opened = max((match.end() for match in _CLAUSE.finditer(text, 0, start)), default=0)
    close = _CLAUSE.search(text, end)
    before, after = text[opened:start], text[end : close.start() if close else len(text)]
    after = after or text[end : end + _ANSWER]  # "Peaceful? Hardly."
    affirms = (*_AFFIRMS, _COMPARATIVE) if text[start:end].endswith("er") else _AFFIRMS
    for one in (*affirms, *(_DENIES if factor > 0 else ())):
        if one.fits(before, after):
            found = one.before.search(before)
            return one.factor, opened + found.start() if found and one.before.pattern else start
    return None
