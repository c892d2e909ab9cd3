"""The local stack: MiniStack with the real template, a learning platform and an HR system to play with."""
