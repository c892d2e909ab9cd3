"""What problems are called (7.4): whom they are about, what is wrong, and since which run.

What is wrong again after it was resolved is another problem: the first keeps its count, and when it was over.
"""

import hashlib
from collections.abc import Collection

from peoplefeed.codes import Code, is_lasting
from peoplefeed.model import Finding


def problem_id(subject: str, found: Finding, run: int, open_now: Collection[str]) -> str | None:
    """Return the id of the problem that a finding of a run belongs to, None where there is nothing to mend.

    There is one per subject, code and value found: the one of `open_now`, or one that begins with this run.
    """
    if not is_lasting(found):
        return None
    cause = hashlib.blake2b(f"{found.field}\x1f{found.value}".encode(), digest_size=6).hexdigest()
    beginning = f"{subject}#{found.code}#{cause}."
    return next((problem for problem in open_now if problem.startswith(beginning)), f"{beginning}{run}")


def code_of(problem: str) -> Code:
    """Return the code that a problem's id holds."""
    return Code(problem.rsplit("#", 2)[1])
