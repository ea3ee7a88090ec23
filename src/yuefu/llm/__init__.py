"""A language model as an optional helper: whatever it does, the embedded path can do the work without it."""
