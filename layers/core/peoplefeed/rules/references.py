"""Names of job titles, departments and business units (section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Self

from peoplefeed.codes import Code, finding
from peoplefeed.model import FeedKind, Finding, Reference
from peoplefeed.rules.suggestions import Spellings

NOUNS: Mapping[FeedKind, str] = MappingProxyType(
    {
        FeedKind.JOB_TITLES: "Job Title",
        FeedKind.DEPARTMENTS: "Department",
        FeedKind.BUSINESS_UNITS: "Business Unit",
    }
)
"""What people call one of a kind."""


@dataclass(frozen=True)  # without slots: spellings are prepared when somebody asks for the first
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

    def meant_by_unit(self, value: str) -> str | None:
        """Return the feed ID of the unit that a value was probably meant for: by its feed ID, or by its name (4.5)."""
        feed_id = self.unit_spellings.closest(value)
        name = None if feed_id else self.unit_name_spellings.closest(value)
        return self.unit_names[name] if name else feed_id

    @cached_property
    def title_spellings(self) -> Spellings:
        """What job titles are called."""
        return Spellings(self.job_titles)

    @cached_property
    def department_spellings(self) -> Spellings:
        """What departments are called."""
        return Spellings(self.departments)

    @cached_property
    def unit_spellings(self) -> Spellings:
        """The feed IDs of business units."""
        return Spellings(self.business_units)

    @cached_property
    def unit_name_spellings(self) -> Spellings:
        """What business units are called."""
        return Spellings(self.unit_names)


def missing_job_title(external_id: str, name: str, references: References) -> Finding:
    """4.2: whoever has an unknown job title is not processed."""
    meant = references.title_spellings.closest(name)
    return finding(Code.JOB_TITLE_NOT_FOUND, field="job_title", value=name, suggestion=meant, external_id=external_id)


def missing_department(name: str, references: References) -> Finding:
    """4.3: an unknown department is left out, its name kept."""
    meant = references.department_spellings.closest(name)
    return finding(Code.DEPARTMENT_NOT_FOUND, field="department", value=name, suggestion=meant)


def missing_business_unit(feed_id: str, references: References) -> Finding:
    """4.4: likewise for a unit, unless the value is the unit's name where its feed ID belongs."""
    named = references.unit_names.get(feed_id)
    if named is None:
        meant = references.meant_by_unit(feed_id)
        return finding(Code.BUSINESS_UNIT_NOT_FOUND, field="business_unit_id", value=feed_id, suggestion=meant)
    return finding(
        Code.BUSINESS_UNIT_WRONG_ID_KIND,
        field="business_unit_id",
        value=feed_id,
        suggestion=named,
        feed_id=named,
        kind_of_id="name",
    )
