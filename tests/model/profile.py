"""How many examples: a few hundred in about two minutes, or what PEOPLEFEED_EXAMPLES says."""

from __future__ import annotations

import os

EXAMPLES = int(os.environ.get("PEOPLEFEED_EXAMPLES", "200"))
STEPS = int(os.environ.get("PEOPLEFEED_STEPS", "25"))
SHRINK = os.environ.get("PEOPLEFEED_SHRINK", "1") == "1"
"""Shrinking an example of the state machine may take five minutes; hunters of many do without."""
