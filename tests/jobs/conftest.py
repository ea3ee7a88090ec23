from tests.store.places import cluster, me, place, store

__all__ = ["cluster", "me", "place", "store"]
