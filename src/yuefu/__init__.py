"""Yuefu (乐府): words in, a complete piece of music out."""
__version__ = "0.1.0"
