"""Recommenders behind one interface, and what is built on their scores. Plain numbers: no store, no pieces."""
