"""Ideas in pieces: motifs, hooks, progressions, rhythms, basses, grooves, textures; found, kept, searched, turned."""
