"""The learning platform: who is on it, and how it comes to show the same people as the directory (section 8)."""
