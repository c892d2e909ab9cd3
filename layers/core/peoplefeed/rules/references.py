"""Names of job titles, departments and business units (section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from peoplefeed.codes import Code, finding
from peoplefeed.model import FeedKind, Finding, Reference

NOUNS: Mapping[FeedKind, str] = MappingProxyType(
    {
        FeedKind.JOB_TITLES: "Job Title",
        FeedKind.DEPARTMENTS: "Department",
        FeedKind.BUSINESS_UNITS: "Business Unit",
    }
)
"""What people call one of a kind."""


@dataclass(frozen=True, slots=True)
class References:
    """The reference data of a tenant. Names match exactly, capitals and spaces included (4.1)."""

    job_titles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    business_units: Mapping[str, str] = field(default_factory=dict)
    unit_names: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[tuple[FeedKind, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, references: Iterable[Reference]) -> Self:
        """Sort references by kind; `business_units` maps feed IDs to names, `unit_names` the other way."""
        by_kind: dict[FeedKind, dict[str, str]] = {kind: {} for kind in FeedKind}
        aliases: dict[tuple[FeedKind, str], str] = {}
        for reference in references:
            by_kind[reference.kind][reference.key] = reference.name
            aliases |= {(reference.kind, alias): reference.key for alias in reference.aliases}
        units = by_kind[FeedKind.BUSINESS_UNITS]
        return cls(
            frozenset(by_kind[FeedKind.JOB_TITLES]),
            frozenset(by_kind[FeedKind.DEPARTMENTS]),
            units,
            {name: feed_id for feed_id, name in units.items()},
            aliases,
        )

    def renamed(self, kind: FeedKind, name: str, field: str) -> tuple[str, Finding] | None:
        """4.6: return what a name that was given up is called now, with the warning that feeds should follow."""
        current = self.aliases.get((kind, name))
        if current is None:
            return None
        return current, finding(Code.REFERENCE_RENAMED, field=field, value=name, noun=NOUNS[kind], name=current)


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
