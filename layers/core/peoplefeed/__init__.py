"""Keeps a user directory and a learning platform in step with HR systems."""
