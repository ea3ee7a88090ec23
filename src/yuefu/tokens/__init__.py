"""Scores as tokens and back: the vocabulary, the grid codec, masks and sequences."""
