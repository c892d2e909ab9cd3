"""The line: every feed gets a number, and is registered, planned, applied and finished in that order."""
