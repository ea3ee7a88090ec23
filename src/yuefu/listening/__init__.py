"""What people did with music: events, how they are read from files, and how they are cleaned."""
