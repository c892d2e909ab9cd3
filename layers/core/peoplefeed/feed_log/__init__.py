"""The feed log: entries, which never change, and problems, which count up until they are resolved."""
