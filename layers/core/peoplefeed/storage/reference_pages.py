"""Reference data as people look at it: by name or feed ID, page by page."""

from peoplefeed.deployment import Deployment
from peoplefeed.dynamo import keys
from peoplefeed.dynamo.pages import LAST, Listing, Place, merged_page
from peoplefeed.model import FeedKind, Reference
from peoplefeed.storage.references import is_there, reference_from

_PREFIXES = {FeedKind.JOB_TITLES: "JOB#", FeedKind.DEPARTMENTS: "DEP#", FeedKind.BUSINESS_UNITS: "UNIT#"}


def references_page(
    deployment: Deployment, tenant: str, kind: FeedKind, limit: int, after: str | None
) -> tuple[list[Reference], str | None]:
    """Return the next reference data of a kind, behind the key `after`, and the key to go on behind."""
    prefix, pk = _PREFIXES[kind], keys.tenant_pk(tenant)
    listing = Listing(deployment.names.directory_table, [pk], low=prefix, high=prefix + LAST)
    place = None if after is None else Place(prefix + after, tenant)
    items, last = merged_page(deployment.dynamodb, listing, limit, place)
    return [reference_from(kind, item) for item in items if is_there(item)], last.sk.removeprefix(
        prefix
    ) if last else None
