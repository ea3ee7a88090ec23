"""Find known terms in a text and how each is meant: negated, stronger, weaker, contrasted.

Terms are matched longest first, so that 快乐 isn't read as 快 and "bass voice" isn't a bass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yuefu.text.language import is_han
from yuefu.text.terms import Sense, index, longest_term, stem_rating
from yuefu.text.turns import turned

#: A stand-in for text that was already understood; it is no letter and ends no clause.
CLAIMED = "\x00"
_BREAK = re.compile(r"[.,;:!?()\n。！？；，：—…]|\s-\s")
_WORD = re.compile(r"[a-z']+")
#: What may stand between a negator and the word it negates: this many English words or characters.
_REACH_EN, _REACH_ZH = 5, 6
_OR = {
    "or",
    "nor",
    "、",
    "或",
    "或者",
    "或是",
    "or any",
    "nor any",
    "or a",
    "nor a",
    ",or",
    ", or",
    "也",
    "也不是",
    "or anything",
}
_AND = {"and", "&", "和", "与", "及", "以及", "跟", "/", "and any", "and the"}
#: Kinds that share a negation when they stand side by side.
_FEELING = {"mood", "pace", "energy", "density", "tempo"}
#: "not sad" isn't as strong as "happy".
NOT = -0.5
NOT_VERY = -0.4


@dataclass(slots=True)
class Token:
    """A term found at ``text[start:end]``.

    factor: 1 as it stands, above or below 1 when a degree word says so, negative when negated;
    clause: counts from 0; after_contrast: it stands after a "but"; words: the term with the words
    that steer it, as they were written.
    """

    start: int
    end: int
    senses: tuple[Sense, ...]
    clause: int = 0
    factor: float = 1.0
    after_contrast: bool = False
    words: str = ""

    def sense(self, kind: str) -> Sense | None:
        """Its sense of a kind, or None."""
        return next((sense for sense in self.senses if sense.kind == kind), None)

    @property
    def negated(self) -> bool:
        """Whether a negation applies."""
        return self.factor < 0


def scan(text: str) -> list[Token]:
    """The terms of a text (lower case, with understood stretches blanked by CLAIMED), in order."""
    tokens = _match(text)
    _steer(text, tokens)
    for token in tokens:
        felt = {sense.kind for sense in token.senses} <= {"mood", "energy"}
        if felt and (found := turned(text, token.start, token.end, token.factor)) is not None:
            token.factor, begin = found
            token.words = text[begin : token.end]
    return [
        token
        for token in tokens
        if not all(s.kind in ("shield", "negation", "contrast", "degree") for s in token.senses)
    ]


def _match(text: str) -> list[Token]:
    terms, longest = index(), longest_term()
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == CLAIMED or char.isspace():
            position += 1
            continue
        end = 0
        starts_word = position == 0 or not (char.isascii() and char.isalnum() and _latin(text[position - 1]))
        if starts_word:
            for stop in range(min(len(text), position + longest), position, -1):
                if text[position:stop] in terms and not (
                    stop < len(text) and _latin(text[stop]) and text[stop - 1].isascii() and _latin(text[stop - 1])
                ):
                    end = stop
                    break
        if end:
            tokens.append(Token(position, end, terms[text[position:end]]))
            position = end
        elif word := _WORD.match(text, position):
            if word[0].endswith("n't") or word[0] in ("dont", "isnt", "doesnt", "aint"):
                tokens.append(Token(position, word.end(), (Sense("negation", None),)))
            elif starts_word and (rating := stem_rating(word[0])) is not None:
                tokens.append(Token(position, word.end(), (Sense("mood", rating),)))
            position = word.end()
        else:
            position += 1
    return tokens


def _latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "'")


def _distance(text: str) -> float:
    """How far apart two terms are, as a share of what a negation reaches over."""
    han = sum(map(is_han, text))
    return len(_WORD.findall(text)) / _REACH_EN + han / _REACH_ZH


def _steer(text: str, tokens: list[Token]) -> None:
    """Apply negation, degree and contrast to the tokens."""
    negation: Token | None = None
    factor = NOT
    reached: Token | None = None  # the last token that the negation was applied to
    degree: Token | None = None
    contrasted = False
    clause = 0
    previous_end = 0
    for place, token in enumerate(tokens):
        gap = text[previous_end : token.start]
        if _BREAK.search(gap):
            clause += len(_BREAK.findall(gap))
            if not (reached and _list_goes_on(text, tokens, place, reached)):
                negation = reached = None
            degree = None
            if re.search(r"[.!?\n。！？]", gap):
                contrasted = False
        previous_end = token.end
        token.clause = clause
        token.words = text[token.start : token.end]
        kinds = {sense.kind for sense in token.senses}
        if "shield" in kinds:
            degree = None
        elif "negation" in kinds:
            doubled = negation is not None and reached is None and _distance(text[negation.end : token.start]) <= 0.2
            _take_back(text, tokens, place)
            negation, reached, factor = (None if doubled else token), None, NOT
        elif "contrast" in kinds and "degree" not in kinds:
            contrasted, negation, degree, reached = True, None, None, None
        elif "contrast" in kinds and place and _BREAK.search(text[tokens[place - 1].end : token.start]):
            contrasted, negation, degree, reached = True, None, None, None  # ", rather hopeful"
        elif "degree" in kinds:
            value = float(next(s.value for s in token.senses if s.kind == "degree"))
            if value < 0:
                negation, reached, factor = token, None, value
            elif negation is not None and reached is None and _distance(text[negation.end : token.start]) <= 0.4:
                factor = NOT_VERY
            else:
                degree = token
        else:
            token.after_contrast = contrasted
            if negation is not None and _applies(text, negation, reached, token, tokens, place):
                token.factor = factor
                token.words = text[negation.start : token.end] if reached is None else token.words
                reached = token
            else:
                negation = reached = None
                if degree is not None and _distance(text[degree.end : token.start]) <= 0.6:
                    token.factor = float(next(s.value for s in degree.senses if s.kind == "degree"))
                    token.words = text[degree.start : token.end]
            degree = None


def _applies(text: str, negation: Token, reached: Token | None, token: Token, tokens: list[Token], place: int) -> bool:
    if reached is None:
        # "not too ..." belongs to the very next word
        close = any(sense.kind == "degree" for sense in negation.senses)
        return _distance(text[negation.end : token.start]) <= (0.2 if close else 1)
    gap = text[reached.end : token.start].strip()
    alike = _group(reached) == _group(token)
    if gap in _OR:
        return True
    if gap == "" or gap in _AND:
        return alike
    return _list_goes_on(text, tokens, place, reached)


def _list_goes_on(text: str, tokens: list[Token], place: int, reached: Token) -> bool:
    """Whether a comma list that ends in "or" continues here ("without drums, bass or guitar")."""
    before = reached
    for token in tokens[place:]:
        gap = text[before.end : token.start].strip()
        if _group(token) != _group(reached) or gap not in ({","} | _OR):
            return False
        if gap in _OR:
            return True
        before = token
    return False


def _take_back(text: str, tokens: list[Token], place: int) -> None:
    """Chinese may negate what it has already named: 把鼓去掉, 鼓不要."""
    token = tokens[place]
    if place == 0 or not is_han(text[token.start]):
        return
    target = tokens[place - 1]
    opened = re.search(r"[把将]\S{0,3}$", text[: target.start])
    closed = token.end == len(text) or _BREAK.match(text, token.end)
    if target.sense("instrument") and not text[target.end : token.start].strip("都也 ") and (opened or closed):
        target.factor = NOT
        target.words = text[target.start : token.end]


def _group(token: Token) -> str:
    kinds = {sense.kind for sense in token.senses}
    if kinds & {"instrument", "ensemble"}:
        return "instrument"
    return "feeling" if kinds & _FEELING else "other"
