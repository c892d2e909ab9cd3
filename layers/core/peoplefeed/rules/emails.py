"""When two addresses are the same (2.4)."""

import re
import unicodedata
from functools import lru_cache

_LOCAL_LIMIT, _LIMIT = 64, 254

# What nearly every address looks like: a strict subset of what the library accepts, 30 times as fast.
# No label may begin or end with a hyphen, or look like an A-label (third and fourth character hyphens).
_ATOM = r"[a-z0-9_+!#$%&'*/=?^`{|}~-]+"
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!..--)[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")


class InvalidEmail(ValueError):
    """Not an address. The message is the reason, as a sentence."""


@lru_cache(maxsize=1024)
def email_key(address: str) -> str:
    """Return what identifies an address: two addresses are the same when their keys are (2.4).

    Raises:
        InvalidEmail: it is no address, or longer than 64 characters before the @ or 254 in all.
    """
    lowered = address.lower() if address.isascii() else ""
    if len(lowered) <= _LIMIT and lowered.find("@") <= _LOCAL_LIMIT and _PLAIN.fullmatch(lowered):
        return address if address == lowered else lowered  # mostly one text, not two
    return _checked_key(unicodedata.normalize("NFC", address).strip())


def _checked_key(address: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - only odd addresses pay for it

    try:
        # 2.4: no deliverability check; `globally_deliverable` would refuse .local and .test as well.
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidEmail(str(error)) from error
    local = unicodedata.normalize("NFKC", found.local_part).lower()
    domain = (found.ascii_domain or found.domain).lower()
    if "." not in domain:
        raise InvalidEmail("The part after the @-sign has no dot.")
    if len(local) > _LOCAL_LIMIT or len(local) + len(domain) + 1 > _LIMIT:
        raise InvalidEmail("It is longer than 64 characters before the @-sign or 254 in all.")
    return f"{local}@{domain}"
