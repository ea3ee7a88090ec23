"""The pages of the studio, rendered here, and their scripts."""
