"""Singability: how well words sit on a tune, line by line.

``sung`` reads the sung lines of a score, ``checks`` judges a line by one rule each, ``sheet`` puts the scores together.
"""

from yuefu.analysis.singing.sheet import LineSheet, SingingSheet, check_singing

__all__ = ["LineSheet", "SingingSheet", "check_singing"]
