"""HR systems by manifest: polled, landed as feeds, mapped when the feed is read. Nothing here knows of runs."""
