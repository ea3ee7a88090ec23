"""Training the encoder of words: examples from our lexicon, scenes and text corpora, the network in torch, its loop."""
