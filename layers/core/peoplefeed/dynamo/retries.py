"""How long to wait for what passes by itself."""

import random
import time
from collections.abc import Iterator

from peoplefeed.dynamo.writes import Contention

_ATTEMPTS = 8
_BACK_OFF_SECONDS = 0.05


def pauses() -> Iterator[int]:
    """Yield attempt numbers, sleeping longer and longer between them.

    Raises:
        Contention: all attempts are used up.
    """
    for attempt in range(_ATTEMPTS):
        yield attempt
        time.sleep(_BACK_OFF_SECONDS * 2**attempt * random.random())  # noqa: S311 - jitter, not a secret
    raise Contention("a batch stayed incomplete for all attempts")
