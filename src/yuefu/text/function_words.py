"""Function words of both languages: the small words that a setting leaves unstressed."""

from __future__ import annotations

_WEAK_WORDS = """
a an the and or but nor so if as at by for from in of on to up with than that this these those is am are was
were be been has have had do does did can could will would shall should may might must i me my we us our you
your he him his she her it its it they them their there here who whom whose which what when where why how not no
it's i'm i'll i've i'd you're you'll you've we're we'll we've they're he's she's that's there's let's till 'til
'tis 'twas oh o ah yes thy thee thou ye 'cause cause some just too then
"""
#: English words of one syllable that songs leave unstressed.
WEAK = frozenset(_WEAK_WORDS.split())
_MORE_WORDS = """
'em 'n' n' 'n an' o' th' ol' 'bout 'round 'neath 'cross 'gainst 'mid 'twere 'twill though while since yet ere
you'd he'd she'd we'd they'd they'll they've there'll where'll he'll she'll it'll who's what's where's how's here's
into onto upon over under unto until about after before because without within between beneath beside among
through toward towards during against around across either neither whether any every myself yourself himself
herself itself ourselves themselves gonna wanna gotta gimme lemme kinda sorta outta mine yours hers theirs each
both such only very quite even ever hath doth hast dost art wilt shalt
"""
#: All English function words.
ENGLISH = WEAK | frozenset(_MORE_WORDS.split())
#: Chinese words of one character that carry no weight where they stand alone.
CHINESE = frozenset(
    "的地得了着过吗呢吧啊呀啦嘛哦哟哇呐喔呗么们个在和与跟同及或把被将让给对向从自由于往为以因就也又还都再很太最更"
    "是有这那其之乎者矣焉哉兮而且则若如所但却并只才便即每各该此某我你他她它您"
)
_LONG_WORDS = """
因为 所以 但是 可是 不过 然后 如果 即使 虽然 或者 而且 并且 只是 只要 只有 除了 关于 对于 由于 为了 以及 还是 就是
这个 那个
这些 那些 我们 你们 他们 她们 它们 咱们 自己 什么 怎么 为什么 怎么样 一个 一些 有些 于是 不要 没有
"""
#: Chinese function words of several characters.
CHINESE_LONG = frozenset(_LONG_WORDS.split())
#: Particles that rhyme through the syllable before them.
PARTICLES = frozenset("的地得了着吗呢吧啊呀啦嘛哦哟么")


def is_function_word(word: str) -> bool:
    """Whether a word of either language is a function word.

    >>> is_function_word("The"), is_function_word("moon"), is_function_word("的"), is_function_word("月亮")
    (True, False, True, False)
    """
    lower = word.lower().replace("’", "'")
    return lower in ENGLISH or word in CHINESE or word in CHINESE_LONG
