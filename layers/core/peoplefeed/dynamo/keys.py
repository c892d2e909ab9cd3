"""Every key of both tables and their indexes.

The tenant comes first in every key, so that `dynamodb:LeadingKeys` can fence it. What grows with the number
of people is spread over 32 shards, so that no partition takes more than a sixteenth of a run's writes.
"""

import hashlib
from functools import lru_cache

SHARDS = 32
ALL_SHARDS = tuple(f"{number:02d}" for number in range(SHARDS))

type Key = tuple[str, str]

OUTBOX_INDEX, PEOPLE_INDEX, LINE_INDEX, DUE_INDEX = "outbox", "people-by-name", "line", "due"
STORY_INDEX, UNRESOLVED_INDEX, PROBLEMS_INDEX = "story", "unresolved", "problems"


@lru_cache(maxsize=4096)
def shard(text: str) -> str:
    """Return the shard that a subject belongs to, the same on every machine."""
    return ALL_SHARDS[hashlib.blake2b(text.encode(), digest_size=2).digest()[0] % SHARDS]


def tenant_pk(tenant: str) -> str:
    """Partition of what a tenant has one of, or few of."""
    return f"T#{tenant}"


def tenant(tenant: str) -> Key:
    """The tenant itself: its line of feeds."""
    return tenant_pk(tenant), "META"


def delivery_digest(object_key: str, version_id: str) -> str:
    """Return what a delivered object version is known by."""
    return hashlib.sha256(f"{object_key}\n{version_id}".encode()).hexdigest()


def delivery(tenant: str, digest: str) -> Key:
    """A delivered object version, which has its number for ever (1.3)."""
    return tenant_pk(tenant), f"FK#{digest}"


def run(tenant: str, number: int) -> Key:
    """A run."""
    return tenant_pk(tenant), f"RUN#{number:010d}"


def number_of_run(sort_key: str) -> int:
    """Return the number that a run's sort key was made from."""
    return int(sort_key.removeprefix("RUN#"))


def chunk(tenant: str, number: int, index: int) -> Key:
    """The mark of a chunk that is complete."""
    return tenant_pk(tenant), f"CHUNK#{number:010d}#{index:06d}"


def source(tenant: str, name: str) -> Key:
    """A source with its manifest and polling state."""
    return tenant_pk(tenant), f"SOURCE#{name}"


def platform(tenant: str) -> Key:
    """The tenant's learning platform: settings, pace and state."""
    return tenant_pk(tenant), "PLATFORM"


def account(tenant: str, account_id: str) -> Key:
    """Whose account on the learning platform this is."""
    digest = hashlib.blake2b(account_id.encode(), digest_size=16).hexdigest()  # ids can be longer than a key
    return f"T#{tenant}#A#{digest}", "A"


def seen_accounts(tenant: str, started: str, page: int) -> Key:
    """Accounts that a comparison has seen on the platform."""
    return f"T#{tenant}#C#{started}", f"{page:010d}"


def last_full_feed(tenant: str, source: str, kind: str) -> Key:
    """What is remembered of the last applied full feed of a source (1.4)."""
    return tenant_pk(tenant), f"FED#{source}#{kind}"


def settings(tenant: str) -> Key:
    """The settings of a tenant."""
    return tenant_pk(tenant), "SETTINGS"


def staff(tenant: str) -> Key:
    """The numbers that safeguards measure by (6.1)."""
    return tenant_pk(tenant), "STAFF"


def hold(tenant: str, source: str, safeguard: str) -> Key:
    """What one safeguard holds of one source (6.3)."""
    return tenant_pk(tenant), f"HOLD#{source}#{safeguard}"


def without_zeros(tenant: str, digits: str) -> Key:
    """The last known external ID that is these digits with zeros in front (3.14)."""
    return f"T#{tenant}#Z#{digits}", "Z"


def employee(tenant: str, external_id: str) -> Key:
    """An employee."""
    return f"T#{tenant}#U#{external_id}", "U"


def claim(tenant: str, email_key: str) -> Key:
    """The claim of an address by the one active employee who has it (3.4)."""
    return f"T#{tenant}#E#{email_key}", "E"


def pending(tenant: str, subject: str) -> Key:
    """What is open about an external ID."""
    return f"T#{tenant}#P#{shard(subject)}", subject


def entries_pk(tenant: str, number: int, shard_name: str) -> str:
    """One shard of a run's entries."""
    return f"T#{tenant}#L#{number:010d}#{shard_name}"


def repeats(tenant: str, number: int, chunk: int) -> Key:
    """The rows of a chunk that counted up a problem instead of making an entry (7.4)."""
    return f"T#{tenant}#L#{number:010d}#R", f"{chunk:06d}"


def problem(tenant: str, problem_id: str) -> Key:
    """A problem."""
    return f"T#{tenant}#Q#{shard(problem_id)}", problem_id


def mentions_pk(tenant: str, external_id: str) -> str:
    """Where the log says of others what names somebody (1.11)."""
    return f"T#{tenant}#M#{external_id}"


def mention(tenant: str, external_id: str, place: Key) -> Key:
    """That an item of the log names somebody beside whom it is about."""
    return mentions_pk(tenant, external_id), "#".join(place)


def people_pk(tenant: str, external_id: str) -> str:
    """Index `people-by-name`: where an employee is listed."""
    return f"T#{tenant}#N#{shard(external_id)}"


def outbox_pk(tenant: str, external_id: str) -> str:
    """Index `outbox`: where a change waits for its delivery, over all tenants."""
    return f"OUTBOX#{shard(f'{tenant}#{external_id}')}"


def story_pk(tenant: str, external_id: str) -> str:
    """Index `story`: everything that was logged about one external ID."""
    return f"T#{tenant}#S#{external_id}"


def open_pk(tenant: str, problem_id: str) -> str:
    """Index `unresolved`: where an open problem is listed."""
    return f"T#{tenant}#O#{shard(problem_id)}"


def severity_pk(tenant: str, severity: str, problem_id: str) -> str:
    """Index `problems`: where a problem is listed by severity and day."""
    return f"T#{tenant}#D#{severity}#{shard(problem_id)}"


def seen_sk(at: str, run: int) -> str:
    """Index `problems`: how the sort keys of a run's entries begin that were written at a moment."""
    return f"{at}#{run:010d}#"
