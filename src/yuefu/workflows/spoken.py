"""What is said to a voice assistant, and what it says: a request in, a queue and a short answer for the ear out.

An answer holds no signs that can't be heard, numbers in words, and titles without their marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from yuefu.errors import InputError, LimitError, YuefuError
from yuefu.listening.event import Event

if TYPE_CHECKING:
    from yuefu.workflows.recommending import Desk, Recommended

ACTIONS = ("play", "compose", "save", "skip", "none")
MAX_REQUEST = 500
#: Pieces of a queue.
QUEUE = 10

_RULES: tuple[tuple[str, str], ...] = (
    ("why", r"\bwhy\b|为什么|为啥|怎么会放|凭什么"),
    ("what", r"\bwhat(?:'s| is| was)? (?:this|that|it|playing|the song|song)\b|\bwhat'?s (?:this|that|on|playing)\b|"
             r"\bwho (?:made|wrote|is) (?:this|that|it|playing)|"
             r"这是什么|这首是|叫什么|什么歌|什么曲子|谁写的|在放什么"),
    ("less", r"\b(?:don'?t|do not) (?:like|play)\b|\bless (?:of|like) (?:this|that|it)\b|\bi hate\b|\bdislike\b|"
             r"不喜欢|不要再放|别再放|别放|少放|难听|讨厌"),
    ("save", r"\b(?:save|keep|bookmark|add) (?:this|that|it)\b|"
             r"收藏|保存|存下|存起来|加到歌单|加入歌单"),
    ("similar", r"\b(?:more|another|something) (?:like|similar to) (?:this|that|it)\b|\bsimilar\b|"
                r"类似|差不多的|像这(?:首|样)|多放点这"),
    ("like", r"\bi (?:really )?(?:like|love) (?:this|that|it)\b|\blike (?:this|it)$|喜欢这|好听|点赞|爱了"),
    ("compose", r"\b(?:compose|write|create|make up)\b|\bmake (?:me )?(?:a|some|an?other) (?:new )?"
                r"(?:song|piece|tune|lullaby|waltz|music)|"
                r"(?:写|作|谱|编|创作|谱写)(?:一|两|几)?(?:首|支|段|曲|个)|作曲|现写|创作"),
    ("skip", r"\b(?:skip|next)\b|\bsomething else\b|下一首|换一首|跳过|切歌|换个"),
    ("chart", r"\b(?:charts?|popular|trending|top (?:songs|pieces|hits)|everyone)\b|排行|热门|最火|大家都在听|流行榜"),
    ("stop", r"^(?:please )?(?:stop|pause|quiet|be quiet|enough)\b|^(?:停|暂停|安静|别放了|停一下)"),
)  # fmt: skip
_RULE = dict(_RULES)
#: What is said around a wish and isn't part of it.
_AROUND = re.compile(
    r"^(?:hey|hi|ok(?:ay)?|please|can you|could you|would you|i want|i'?d like|let me hear|let'?s hear|give me|"
    r"put on|play|start|listen to|to hear|to listen to|me|some|us|a playlist (?:for|of)|another one|one more|again|"
    r"compose|write|create|make up|make|"
    r"嗨|喂|请|麻烦|帮我|给我|我想听|我要听|想听|播放|放一?[首点些个支]?|来一?[首点些个支]|再来一?[首点些个支]|再放一?[首点些个支]|听听?|"
    r"(?:写|作|谱|编|创作|谱写)(?:一|两|几)?(?:首|支|段|曲|个))[\s,，]*", re.I,
)  # fmt: skip
_AFTER = re.compile(r"[\s,，]*(?:please|for me|now|吧|好吗|好不好|可以吗|谢谢|一下|[。.!！?？]+)$", re.I)


@dataclass(frozen=True)
class Spoken:
    """An answer. speech: what is said; action: what the player does, of ACTIONS ("play": the queue, "compose":
    ``request`` as a job, "save" and "skip": done already, the player follows); queue: what comes, the first at once;
    request: the words of a piece to be composed, or of what was looked for; item: what it is about."""

    speech: str
    language: str
    action: str
    queue: list[Recommended] = field(default_factory=list)
    request: str = ""
    item: str = ""


def answer(
    desk: Desk,
    account_id: str,
    request: str,
    language: str | None = None,
    *,
    context: str = "",
    now_playing: str = "",
    seed: int | None = None,
) -> Spoken:
    """Answer a request in Chinese or English. now_playing: an item, else what was heard last.

    Raises LimitError for a very long request, InputError for an empty one.
    """
    said = " ".join(unicodedata.normalize("NFKC", request).split())
    if not said:
        raise InputError("nothing was said: ask for music, such as 'something calm for reading'.")
    if len(said) > MAX_REQUEST:
        raise LimitError(f"a request of {len(said)} characters is too long to be spoken: use at most {MAX_REQUEST}.")
    chosen = language if language in ("en", "zh") else _language(said)
    about = now_playing or _last_heard(desk, account_id)
    made = _Answer(desk, account_id, chosen, context, about, seed)
    return made.to(intent_of(said), said)


def intent_of(said: str) -> str:
    """What is wanted: a name of the rules, or "play".

    >>> [intent_of(said) for said in ("play something calm", "what is this and why", "save this one", "再来一首欢快的")]
    ['play', 'why', 'save', 'play']
    """
    lowered = said.casefold()
    return next((name for name, rule in _RULES if re.search(rule, lowered)), "play")


def wish_in(said: str) -> str:
    """The wish without what is said around it.

    >>> wish_in("Play me some calm music for reading, please"), wish_in("再来一首欢快的吧"), wish_in("来一首")
    ('calm music for reading', '欢快的', '')
    """
    rest = said
    while True:
        shorter = _AFTER.sub("", _AROUND.sub("", rest)).strip()
        if shorter == rest:
            break
        rest = shorter
    return "" if rest.casefold() in ("music", "something", "a song", "anything", "音乐", "歌", "曲子", "的") else rest


class _Answer:
    def __init__(self, desk: Desk, account_id: str, language: str, context: str, about: str, seed: int | None) -> None:
        self.desk, self.account, self.zh, self.context = desk, account_id, language == "zh", context
        self.about, self.seed, self.language = about, seed, language

    def to(self, intent: str, said: str) -> Spoken:
        if intent in ("why", "what", "less", "save", "like", "similar", "skip") and not self.about:
            if intent in ("skip", "similar"):
                return self.play(wish_in(re.sub(_RULE["similar"], "", said, flags=re.I)) if intent == "similar" else "")
            return self.say("现在没有在放的曲子。", "Nothing is playing right now.")
        if intent in ("why", "what"):
            return self.explain()
        if intent == "compose":
            return self.compose(said)
        if intent == "less":
            self.desk.steer(self.account, self.about, False, context=self.context, source="spoken")
            found = self.queue(without=(self.about,))
            english = "All right, less of that. " + self.next_en(found)
            return self.say("好的，这样的少放。" + self.next_zh(found), english, "skip", found)
        if intent in ("save", "like"):
            self.note("save" if intent == "save" else "like")
            title = self.title(self.about)
            if intent == "save":
                return self.say(f"{title}，已经收藏了。", f"I saved {title} for you.", "save")
            return self.say("记住了，这样的多放一些。", "Noted, I will play more like it.", "none")
        if intent == "similar":
            found = self.desk.more_like(self.account, self.about, QUEUE, self.language)
            english = f"These are close to {self.title(self.about)}. " + self.next_en(found)
            return self.say(f"这些和{self.title(self.about)}相近。" + self.next_zh(found), english, "play", found)
        if intent == "skip":
            self.note("skip")
            rest = wish_in(re.sub(_RULE["skip"], "", said, flags=re.I))
            found = self.queue(rest, without=(self.about,))
            return self.say(self.next_zh(found), self.next_en(found), "skip", found)
        if intent == "chart":
            return self.chart()
        if intent == "stop":
            return self.say("好的。", "All right.")
        return self.play(wish_in(said))

    def play(self, wish: str) -> Spoken:
        found = self.queue(wish)
        if not found:
            empty = "The library is empty so far; I can compose something for you."
            return self.say("资料库里还没有曲子，我可以先写一首。", empty, "compose" if wish else "none", request=wish)
        first = found[0]
        why = speakable(first.why, self.language)
        more = len(found) - 1
        title = speakable(first.title, self.language)
        if self.zh:
            rest = f"后面还有{number_zh(more)}首。" if more else ""
            return self.say(f"为你播放{title}。{rest}{why}", "", "play", found, wish)
        rest = f", with {number_en(more)} more after it" if more else ""
        return self.say("", f"Here is {title}{rest}. {why}", "play", found, wish)

    def explain(self) -> Spoken:
        found = self.desk.why(self.account, self.about, self.language)
        facts = self.desk.store.items.get([self.about])[self.about]
        from yuefu.workflows.recommending import facts_of
        from yuefu.workflows.taste import _style_name

        told = facts_of(facts)
        title, why = self.title(self.about), speakable(found["sentence"], self.language)
        style = _style_name(told["style"], self.language) if "style" in told else ""
        maker = self.desk.creator(facts, self.account)
        if self.zh:
            what = f"这是{title}" + (f"，{style}风格" if style else "") + (f"，作者{maker}" if maker else "")
            return self.say(f"{speakable(what, 'zh')}。{why}", "", item=self.about)
        what = f"This is {title}" + (f", in the style of {style}" if style else "") + (f", by {maker}" if maker else "")
        return self.say("", f"{speakable(what, 'en')}. {why}", item=self.about)

    def compose(self, said: str) -> Spoken:
        wish = wish_in(said) or said
        if self.zh:
            return self.say(f"好的，我来写{speakable(wish, 'zh')}，大约半分钟就好。", "", "compose", request=wish)
        article = "" if re.match(r"(?:a|an|some|the|my|two|three)\b", wish, re.I) else "something: "
        english = f"I will compose {article}{speakable(wish, 'en')}. It takes about half a minute."
        return self.say("", english, "compose", request=wish)

    def chart(self) -> Spoken:
        from yuefu.workflows.charts import charts

        rows = charts(self.desk.store, self.account, "week", n=QUEUE)
        if not rows:
            return self.say("这周还没有排行。", "There is no chart yet this week.")
        scoring = self.desk.scoring(self.account)
        found = [
            self.desk.recommended(self.account, scoring, scoring.place[row.item], self.language)
            for row in rows
            if row.item in scoring.place
        ]
        top = [speakable(row.title, self.language) for row in rows[:3]]
        said_zh = f"这周排在前面的是{'，'.join(top)}。"
        said_en = f"This week's top {'is' if len(top) == 1 else 'are'} {_and(top)}."
        return self.say(said_zh, said_en, "play", found)

    # Parts

    def queue(self, words: str = "", without: Sequence[str] = ()) -> list[Recommended]:
        return self.desk.recommend(
            self.account, n=QUEUE, words=words, context=self.context, language=self.language, seed=self.seed,
            without=without,
        )  # fmt: skip

    def note(self, kind: str) -> None:
        event = Event(self.account, self.about, kind, datetime.now(UTC), context=self.context, source="spoken")
        self.desk.store.listening.add(self.account, [event])

    def title(self, item: str) -> str:
        known = self.desk.store.items.get([item]).get(item)
        plain = speakable(known.title if known is not None else "", self.language)
        return plain or ("这首曲子" if self.zh else "this piece")

    def next_zh(self, found: Sequence[Recommended]) -> str:
        return f"接下来是{speakable(found[0].title, 'zh')}。" if found else "没有别的了。"

    def next_en(self, found: Sequence[Recommended]) -> str:
        return f"Next is {speakable(found[0].title, 'en')}." if found else "There is nothing else."

    def say(
        self,
        zh: str,
        en: str,
        action: str = "none",
        queue: Sequence[Recommended] = (),
        request: str = "",
        item: str = "",
    ) -> Spoken:
        speech = zh if self.zh else en
        return Spoken(speech, self.language, action, list(queue), request, item or self.about)


def _last_heard(desk: Desk, account_id: str) -> str:
    """What is playing as far as is known: what was played last, else the first of what was recommended last."""
    events = desk.store.listening.of(account_id)
    there = desk.store.items.get({event.item for event in events[-50:] if event.item})
    for event in reversed(events):
        if event.kind in ("play", "finish", "repeat", "skip", "like", "save") and event.item in there:
            return event.item
    shown = desk.store.listening.impressions(account_id, datetime.now(UTC) - timedelta(minutes=30))
    return next((each.item for each in reversed(shown) if each.rank == 1), "")


def _language(said: str) -> str:
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in said) else "en"


# For the ear

_EN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ZH = "零一二三四五六七八九"


def number_en(value: int) -> str:
    """A number below a million in words.

    >>> number_en(7), number_en(42), number_en(305), number_en(1985)
    ('seven', 'forty-two', 'three hundred and five', 'one thousand nine hundred and eighty-five')
    """
    if value < 20:
        return _EN[value]
    if value < 100:
        ten, one = divmod(value, 10)
        return _TENS[ten] + (f"-{_EN[one]}" if one else "")
    if value < 1000:
        hundred, rest = divmod(value, 100)
        return f"{_EN[hundred]} hundred" + (f" and {number_en(rest)}" if rest else "")
    thousand, rest = divmod(value, 1000)
    joint = " and " if 0 < rest < 100 else " "
    return f"{number_en(thousand)} thousand" + (f"{joint}{number_en(rest)}" if rest else "")


def number_zh(value: int) -> str:
    """The same in Chinese.

    >>> number_zh(2), number_zh(10), number_zh(12), number_zh(105), number_zh(1980)
    ('两', '十', '十二', '一百零五', '一千九百八十')
    """
    if value == 2:
        return "两"
    return _zh(value)


def _zh(value: int) -> str:
    if value < 10:
        return _ZH[value]
    for unit, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if value >= unit:
            many, rest = divmod(value, unit)
            head = ("" if unit == 10 and many == 1 else _zh(many)) + name
            return head + (("零" if rest < unit // 10 else "") + _zh(rest) if rest else "")
    return ""


def speakable(text: str, language: str) -> str:
    """A text for the ear: without marks that aren't read, numbers in words.

    >>> speakable("Because you liked “Op. 9 #2” & it fits.", "en"), speakable("因为你喜欢《夜曲 3》。", "zh")
    ('Because you liked Op. nine two and it fits.', '因为你喜欢夜曲三。')
    """
    chinese = language == "zh"
    plain = text.replace("&", "和" if chinese else " and ").replace("−", "-").replace("’", "'")
    plain = re.sub(r"(?<=\w)[/_](?=\w)", " ", plain)
    plain = re.sub(
        r"\d{1,6}", lambda found: _zh(int(found.group())) if chinese else number_en(int(found.group())), plain
    )
    kept = "".join(
        sign if sign.isalpha() or sign in " .,;?!'-，。；？！、" or unicodedata.combining(sign) else " "
        for sign in plain
    )
    words = " ".join(kept.split())
    words = re.sub(r"\s+([.,;?!，。；？！、])", r"\1", words)
    if chinese:
        words = re.sub(r"(?<=[\u3000-\u9fff，。]) | (?=[\u3000-\u9fff，。])", "", words)
    return words.strip(" ,;-，；、")


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def safely(desk: Desk, account_id: str, request: str, language: str | None = None) -> Spoken:
    """An answer in any case: what can't be met is said, too."""
    try:
        return answer(desk, account_id, request, language)
    except YuefuError as error:
        chosen = language if language in ("en", "zh") else _language(request)
        said = "这个我办不到。" if chosen == "zh" else f"I can't do that: {error}"
        return Spoken(speakable(said, chosen), chosen, "none")
