"""What a source may do without a question, where it differs from its tenant's settings (section 6)."""

from typing import Annotated

from pydantic import Field

from peoplefeed.sources.parts import Part

type Number = Annotated[int, Field(ge=0, le=10_000_000)]
type Percent = Annotated[int, Field(ge=0, le=100)]


class Thresholds(Part):
    """Limits of the safeguards, each the larger of a number and a percentage. What is not given is the tenant's."""

    leavers_minimum: Number | None = None
    """So many may leave in 24 hours, however few there are (6.1)."""
    leavers_percent: Percent | None = None
    """This part of the source's active employees may leave in 24 hours (6.1)."""
    rows_percent: Percent | None = None
    """A full feed has at least this part of the rows of the one before (6.2)."""
    rejected_minimum: Number | None = None
    """So many rows of a full feed may be rejected (6.2)."""
    rejected_percent: Percent | None = None
    """This part of the rows of a full feed may be rejected (6.2)."""
    cleared_minimum: Number | None = None
    """A full feed may clear one field for so many (6.2)."""
    cleared_percent: Percent | None = None
    """A full feed may clear one field for this part of its rows (6.2)."""
    identity_minimum: Number | None = None
    """A feed may change the address or last name of so many (6.4)."""
    identity_percent: Percent | None = None
    """A feed may change the address or last name of this part of the active employees (6.4)."""

    @property
    def given(self) -> dict[str, int]:
        """The limits that the source has of its own, by the names of the settings."""
        return self.model_dump(exclude_none=True)
