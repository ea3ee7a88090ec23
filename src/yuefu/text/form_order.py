"""The order of sections that prose tells: signs (``form_signs``) to a row of sections as they sound."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yuefu.text.form_signs import Sign

_Item = tuple[str, str]  # kind or letter, bars
_FRAMES = ("intro", "outro")
#: The song that "after the second chorus" speaks of when no sections were told before.
_VERSE, _CHORUS = ("verse", ""), ("chorus", "")


def arranged(text: str, run: Sequence[Sign]) -> list[_Item]:
    """The sections of a run of signs, (kind or letter, bars) each, in the order of the music."""
    order = _Order(text, run)
    for sign in run:
        order.take(sign)
    return order.finished()


class _Order:
    """Sections put in order sign by sign."""

    def __init__(self, text: str, run: Sequence[Sign]) -> None:
        self.text, self.run = text, run
        self.items: list[_Item] = []
        self.clause = 0  # where the items of this comma clause begin
        self.waiting = ""  # a sign that waits for its section
        self.held: list[_Item] = []
        self.count = 2
        self.each = ""  # the kind of which each is followed by another
        self.pair: list[_Item] = []  # and the two of them
        self.closing: list[_Item] = []  # told first, played last
        self.leader: _Item | None = None  # which of two in turn begins
        self.place: Sign | None = None  # an "nth" that waits for its section
        self.round = (0, 1)  # where a round begins, and how often it is played
        self.previous: Sign | None = None

    def take(self, sign: Sign) -> None:
        if self.previous is not None and re.search(r"[,，;；.。]", self.text[self.previous.end : sign.start]):
            self._end_round()
            if sign.what != "repeat":
                self.clause = len(self.items)
            elif sign.whole:
                self.clause = 0
        if sign.what == "section":
            known = {item[0] for item in self.items}
            if any(s.what == "alternate" for s in self.run[: self.run.index(sign)]) and len(known - set(_FRAMES)) == 2:
                self.leader = sign.items[0]  # "taking turns, the chorus first"
            elif not self._again(sign):
                self._section(sign)
        else:
            getattr(self, f"_{sign.what}")(sign)
        self.previous = sign

    def finished(self) -> list[_Item]:
        if self.waiting == "before" and self.held:
            self.waiting = ""
        self._end_round()
        items = [*self.items, *self.held, *self.closing]
        if any(sign.what == "alternate" for sign in self.run):
            items = self._alternating(items)
        first = [item for item in items if item[0] == "intro"]
        last = [item for item in items if item[0] == "outro"]
        if len(first) == 1:
            items = first + [item for item in items if item[0] != "intro"]
        if len(last) == 1:
            items = [item for item in items if item[0] != "outro"] + last
        return items

    # --- signs that are no section ----------------------------------------------------------------

    def _repeat(self, sign: Sign) -> None:
        before = self.text[: self.run[0].start][-24:]
        if re.search(r"\balternat\w+\b", before, re.I):
            sign.whole = True  # "alternating verse and chorus three times"
        if any(other.what == "alternate" for other in self.run):
            return
        once = re.search(r"[x×*]", self.text[sign.start : sign.end]) and not self.text[sign.start - 1].isascii()
        if not once and self._is_a_song(sign):
            sign.whole = True  # "verse chorus x2"
        size = len(self.previous.items) if self.previous else 0
        said = self.text[sign.start : sign.end]
        beside = self.previous and size == 1 and sign.start == self.previous.end
        if beside and "一" in said and self.items.count(self.items[-1]) > 1:
            return  # 副歌再来一次: that was it
        if not size and not sign.whole:  # "verse chorus, the whole twice, then three times ..."
            return
        if sign.name == "each" and all(len(item[0].rstrip("'")) == 1 for item in self.items[self.clause :]):
            body = self.items[self.clause :] or self.items
            self.items[len(self.items) - len(body) :] = [item for item in body for _ in range(sign.times)]
            return  # "an A part and a B part, each played twice"
        start = 0 if sign.name == "all" else self.clause if sign.whole else len(self.items) - size
        part = [item for item in self.items[max(start, 0) :] if item[0] != "intro"]
        self.items += part * (sign.times - 1)

    def _is_a_song(self, sign: Sign) -> bool:
        """Whether the clause before holds a verse and its chorus, side by side, and nothing else is counted."""
        kinds = [item[0] for item in self.items[self.clause :]]
        counted = [s for s in self.run if s.what == "repeat" and s is not sign]
        place = self.run.index(sign)
        between = self.text[self.run[place - 2].end : self.run[place - 1].start] if place > 1 else ","
        beside = bool(re.fullmatch(r"[\s/+&-]*|\s*(?:and|和|加)\s*", between))
        if not self.text[sign.start : sign.end].isascii():
            beside = beside and between.strip() == between  # 主歌 副歌两遍 may count the chorus alone
        song = kinds in (["verse", "chorus"], ["verse", "prechorus", "chorus"])
        return song and not counted and beside

    def _then(self, sign: Sign) -> None:
        self.waiting, self.each, self.count = "then", sign.name, sign.times

    def _between(self, sign: Sign) -> None:
        self._then(sign)
        self.waiting = "between"
        if self.previous is None or self.previous.what != "section":
            return
        size = len(self.previous.items)
        if not self.text[sign.start].isascii() and re.search("[，,；。]", self.text[self.previous.end : sign.start]):
            return  # 两段主歌，中间 ...: what comes next stands between
        if size > 1 and sign.whole and len(self.items) == size + 2:  # "... and a chorus, two verses in the middle"
            self.held, self.items = self.items[-size:], self.items[:-size]
            self.items = [self.items[0], *self.held, self.items[1]]
            self.held, self.waiting = [], ""
        elif size < 2 and _tail_count(self.items) < 2:
            self.held, self.items = self.items[-size or len(self.items) :], self.items[: len(self.items) - size]
            if self.items and _tail_count(self.items) >= 2:  # "two verses with a chorus between them"
                self.items = _woven(self.items, self.items[-1], self.held, between=True)
                self.held, self.waiting = [], ""
            else:
                self.waiting = "around"  # "a chorus between two verses"

    def _ends(self, sign: Sign) -> None:
        """Take "at both ends"."""
        if self.previous is not None and self.previous.what == "section" and self.text[sign.start].isascii():
            self.items += self.previous.items
        else:
            self.waiting = "ends"

    def _front(self, sign: Sign) -> None:
        """What was told so far comes last: 副歌收尾，前面是两段主歌."""
        self.closing = [*self.items, *self.closing]
        self.items, self.clause = [], 0

    def _alternate(self, sign: Sign) -> None:
        self.waiting = ""

    def _after(self, sign: Sign) -> None:
        if not self.items or self.previous is None:
            self.waiting = ""
            return
        size = len(self.previous.items)
        self.held, self.items = self.items[-size:] if size else [], self.items[: len(self.items) - size]
        self.waiting = sign.what
        if sign.what == "after" and self.items and not _names_a_section(self.run, sign):
            self._weave(self.items[-1], self.held)

    _before = _after

    def _nth(self, sign: Sign) -> None:
        """Take "after the second and the third verse"."""
        if self.previous is None or not self.items or self.previous.what != "section":
            self.waiting, self.place = "nth", sign
            return
        size = len(self.previous.items)
        held, self.items = self.items[-size:], self.items[:-size]
        self._put(held, sign)
        self._after_breather(held, sign, sign)

    def _after_breather(self, held: list[_Item], nth: Sign, last: Sign) -> None:
        """The chorus comes back after a bridge or a solo with which the telling ends."""
        following = self.run[self.run.index(last) + 1 :]
        breather = held[0][0] in ("bridge", "solo", "interlude") and nth.name == "chorus"
        if breather and self.items[-len(held) :] == held and all(other.what != "section" for other in following):
            self.items.append(_CHORUS)

    def _put(self, held: list[_Item], sign: Sign) -> None:
        """Put sections after the nth of a kind; the usual song is meant where none was told."""
        group = (sign.name, "")
        song = not any(item[0] == sign.name for item in self.items)
        if song and sign.name == "chorus":
            self.items = [item for item in self.items if item[0] in _FRAMES] + [_VERSE, _CHORUS] * max(sign.places)
        elif not sign.name or song:
            group = next((item for item in reversed(self.items) if item[0] not in _FRAMES), group)
        if not song or not sign.name:
            self.items = [item for item in self.items if item != held[0]]
        woven, seen = [], 0
        for item in self.items:
            woven.append(item)
            if item[0] == group[0]:
                seen += 1
                woven += held if seen in sign.places else []
        self.items = woven

    def _rounds(self, sign: Sign) -> None:
        """Take "two rounds of"."""
        if not self.items or sign.end - sign.start > 7 or not self.text[sign.start].isascii():
            self.round = (len(self.items), sign.times)

    def _end_round(self) -> None:
        start, times = self.round
        self.items += self.items[start:] * (times - 1)
        self.round = (0, 1)

    # --- sections ---------------------------------------------------------------------------------

    def _again(self, sign: Sign) -> bool:
        """Whether a section is only spoken of again: 从主歌开始，主歌接 ..., 主歌唱完接副歌，副歌唱完 ..."""
        if self.waiting or not self.items or sign.items != self.items[-1:]:
            return False
        if re.match(r"\s*(?:[之以]?后|唱?完|结束|过后)", self.text[sign.end :]):
            since = self.text[self.previous.end : sign.start] if self.previous else ""
            return not re.search(r"第|再|又|再来", since)
        between = self.text[self.previous.end : sign.start] if self.previous else ""
        led = self.text[: self.run[0].start]
        begun = re.fullmatch(r"\s*(?:开始|开头|起头|打头)[，,:：]\s*", between) or (
            re.search(r"从$", led) and re.fullmatch(r"\s*(?:起|开始)?[，,]\s*", between)
        )
        into = re.fullmatch(r"\s*[,，;；]\s*(?:then\s+)?(?:the\s+)?", between) and re.match(
            r"\s*(?:(?:goes\s+)?(?:in)?to|进入?|接|到|leads)\s*(?![，,])", self.text[sign.end :]
        )
        return bool(begun) if len(self.items) == 1 and begun else bool(into)

    def _section(self, sign: Sign) -> None:
        items, waiting = self.items, self.waiting
        if waiting == "then" and items and (not self.each or (self.each, "") in items):
            if set(sign.items) == {items[-1]} or (self.each and sign.items == [(self.each, "")]):
                return  # "each verse is followed by": the verse again
            named = (self.each, "")
            self._weave(named if self.each else items[-1], sign.items)
        elif waiting == "then":  # "each verse is followed by a chorus", with no verse before: two, or as many as follow
            self.pair = [*([(self.each, "")] if self.each else []), *sign.items]
            self.items += self.pair * self.count
            self.waiting = ""
        elif self.pair and items[-2 * len(self.pair) :] == self.pair * 2 and sign.items[0] == self.pair[0]:
            items[-2 * len(self.pair) :] = self.pair * len(sign.items)
        elif waiting == "between":
            body = [item for item in items if item[0] not in _FRAMES]
            half = len(body) // 2
            if _tail_count(items) > 1:
                self.items = _woven(items, items[-1], sign.items, between=True)
            elif half > 1 and body == items and body[:half] == body[half:]:  # 两段主歌分别接副歌，中间加一段间奏
                self.items = [*body[:half], *sign.items, *body[half:]]
            elif len(body) > 1 and body == items and len(set(body)) == 1:
                self.items = _woven(items, items[-1], sign.items, between=True)
            else:
                self.items = items + sign.items
            self.waiting = ""
        elif waiting == "around":
            self.items += _woven(list(sign.items), sign.items[0], self.held, between=True)
            self.held, self.waiting = [], ""
        elif waiting == "after":  # "a chorus after each verse"
            group = sign.items[0]
            if group not in items:
                items += [group] * 2
            self._weave(group, self.held)
        elif waiting == "before":  # "a bridge before the last chorus"
            self.items += [*self.held, *sign.items]
            self.held, self.waiting = [], ""
        elif waiting == "nth" and self.place is not None:  # "after the second chorus comes a bridge"
            self._put(list(sign.items), self.place)
            self._after_breather(sign.items, self.place, sign)
            self.waiting = ""
        elif waiting == "ends":
            self.items += [*sign.items, *sign.items]
            self.waiting = ""
        else:
            if items[-1:] == sign.items[:1] and self._closes(sign):
                items.pop()  # 最后副歌唱两遍: the last one is twice
            self.items += sign.items

    def _closes(self, sign: Sign) -> bool:
        """Whether a section that is counted more than once is said of the end."""
        place = self.run.index(sign)
        following = self.run[place + 1] if place + 1 < len(self.run) else None
        repeated = following is not None and following.what == "repeat" and following.start - sign.end <= 12
        between = self.text[self.previous.end : sign.start] if self.previous else ""
        at_end = re.search(r"最后|结尾|收尾|\b(?:at\s+the\s+(?:very\s+)?end|finally|to\s+finish|last)\b", between, re.I)
        return bool(at_end and (repeated or len(sign.items) > 1))

    def _weave(self, group: _Item, others: list[_Item]) -> None:
        """Put others after each of a group, where they were also counted before ("two verses and a chorus ...")."""
        first = self.items.index(group) if group in self.items else 0
        rest = [item for item in self.items[first:] if item not in others]
        self.items = _woven([*self.items[:first], *rest], group, others)
        self.held, self.waiting = [], ""

    def _alternating(self, items: list[_Item]) -> list[_Item]:
        """Two kinds in turn, as often as is said or as they were counted; the more frequent one begins."""
        body = [item for item in items if item[0] not in _FRAMES]
        kinds = list(dict.fromkeys(body))
        if len(kinds) != 2:
            return items
        said = next((sign.times for sign in self.run if sign.what == "repeat"), 0)
        counts = [said or body.count(kind) for kind in kinds]
        if max(counts) == 1:
            counts = [2, 2]
        if counts[1] > counts[0] or (counts[1] == counts[0] and self.leader == kinds[1]):
            kinds, counts = kinds[::-1], counts[::-1]
        turns = [kind for turn in range(counts[0]) for kind, count in zip(kinds, counts, strict=True) if turn < count]
        first = [item for item in items if item[0] == "intro"]
        return [*first, *turns, *(item for item in items if item[0] == "outro")]


def _tail_count(items: list[_Item]) -> int:
    """How often the last section stands at the end."""
    count = 0
    while count < len(items) and items[-1 - count] == items[-1]:
        count += 1
    return count


def _woven(items: list[_Item], group: _Item, other: list[_Item], *, between: bool = False) -> list[_Item]:
    """The items with others after each of a group, or only between two of it."""
    woven: list[_Item] = []
    left = items.count(group)
    for item in items:
        woven.append(item)
        if item == group:
            left -= 1
            if not between or left:
                woven += other
    return woven


def _names_a_section(run: Sequence[Sign], sign: Sign) -> bool:
    """Whether "after each" names what comes before: "after each verse"."""
    place = run.index(sign)
    return place + 1 < len(run) and run[place + 1].what == "section" and run[place + 1].start - sign.end <= 2
