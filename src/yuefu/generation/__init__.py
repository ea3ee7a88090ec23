"""The runtime: a model writes cells under constraints, seeded and streamed; a critic ranks candidates."""
