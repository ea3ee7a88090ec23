"""The encoder of words: a small bilingual network from text to mood, pace and style.

``units`` splits and hashes a text, ``network`` runs the shipped weights in numpy, ``reading`` says what a text
means and which of its words say so.
"""
