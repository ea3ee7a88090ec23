"""What style a piece is in: windows of it, a small network over them, how sure it is, and what it goes by."""
