"""User profiles: named sets of permissions (section 5)."""

from collections.abc import Mapping
from types import MappingProxyType

from peoplefeed.codes import Code, finding
from peoplefeed.model import Finding

EMPLOYEE, ADMINISTRATOR = "employee", "administrator"

_LEARN = frozenset({"learn"})
_LEAD = _LEARN | {"see-team"}
_TRAIN = _LEAD | {"manage-training"}
_ADMINISTER = _TRAIN | {"manage-people", "manage-reference-data", "manage-settings", "assign-profiles"}

PERMISSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {EMPLOYEE: _LEARN, "manager": _LEAD, "training-manager": _TRAIN, ADMINISTRATOR: _ADMINISTER}
)
"""5.1: the profiles that are there from the start, and what each may do."""


def assignable(row: int, wanted: str, grant: str | None) -> tuple[str, Finding | None]:
    """Return the profile of someone new for whom a row wants one, and what is to be said about it (5.2).

    `grant` is the profile of whoever sent the row: nobody assigns more than they have (5.3); None may assign nothing.
    """
    name = "-".join(wanted.split()).casefold()
    if name not in PERMISSIONS:
        known = ", ".join(PERMISSIONS)
        return EMPLOYEE, finding(Code.PROFILE_NOT_FOUND, field="profile", value=wanted, row=row, known=known)
    if not PERMISSIONS[name] <= PERMISSIONS.get(grant or "", _LEARN):
        return EMPLOYEE, finding(Code.PROFILE_EXCEEDS_GRANT, field="profile", value=wanted, row=row)
    return name, None
