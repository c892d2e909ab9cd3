"""The feed log: entries, which a delivery marks (7.2) and an erasure empties (1.11), and problems, which count up."""
