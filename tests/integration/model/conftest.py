"""The state machine hunts. It is no gate as long as it finds something: docs/proof.md says what."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("PEOPLEFEED_HUNT") else ["test_machine.py"]
