"""Pieces, versions, accounts and jobs in a database, files on disk. Knows nothing of music."""
