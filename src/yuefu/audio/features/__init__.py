"""What can be measured in a sound: spectra, mel bands, chroma, onsets, tempo, spectral shape.

Mono signals are float32 or float64 (n,), -1..1, with a rate sr in frames a second (22,050 is usual). Frames are
centred, one every ``HOP`` samples; arrays are (bands, frames). Definitions follow librosa 0.11, whose results these
match within the tolerances that ``benchmarks/features.py`` prints.
"""
