"""The history of the tables. A change is a new module in ``versions`` and the same change in ``store.tables``."""
