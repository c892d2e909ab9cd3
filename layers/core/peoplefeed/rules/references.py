"""Names of job titles, departments and business units (section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from peoplefeed.codes import Code, finding
from peoplefeed.model import FeedKind, Finding, Reference


@dataclass(frozen=True, slots=True)
class References:
    """The reference data of a tenant. Names match exactly, capitals and spaces included (4.1)."""

    job_titles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    business_units: Mapping[str, str] = field(default_factory=dict)
    unit_names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, references: Iterable[Reference]) -> Self:
        """Sort references by kind; `business_units` maps feed IDs to names, `unit_names` the other way."""
        by_kind: dict[FeedKind, dict[str, str]] = {kind: {} for kind in FeedKind}
        for reference in references:
            by_kind[reference.kind][reference.key] = reference.name
        units = by_kind[FeedKind.BUSINESS_UNITS]
        return cls(
            frozenset(by_kind[FeedKind.JOB_TITLES]),
            frozenset(by_kind[FeedKind.DEPARTMENTS]),
            units,
            {name: feed_id for feed_id, name in units.items()},
        )


def missing_job_title(external_id: str, name: str) -> Finding:
    """4.2: whoever has an unknown job title is not processed."""
    return finding(Code.JOB_TITLE_NOT_FOUND, field="job_title", value=name, external_id=external_id)


def missing_department(name: str) -> Finding:
    """4.3: an unknown department is left out, its name kept."""
    return finding(Code.DEPARTMENT_NOT_FOUND, field="department", value=name)


def missing_business_unit(feed_id: str, references: References) -> Finding:
    """4.4: likewise for a unit, unless the value is the unit's name where its feed ID belongs."""
    named = references.unit_names.get(feed_id)
    if named is None:
        return finding(Code.BUSINESS_UNIT_NOT_FOUND, field="business_unit_id", value=feed_id)
    return finding(
        Code.BUSINESS_UNIT_WRONG_ID_KIND,
        field="business_unit_id",
        value=feed_id,
        suggestion=named,
        feed_id=named,
        kind_of_id="name",
    )
