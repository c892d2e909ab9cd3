"""The demo: a stack and an HR system of its own, three polls, and a comparison person by person."""
