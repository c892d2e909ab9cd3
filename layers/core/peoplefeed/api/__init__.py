"""The HTTP API: one router per noun, errors to statuses in one table, the tenant from the ID token alone."""
