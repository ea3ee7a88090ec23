"""Jobs: what workers do, and the processes that do it."""
