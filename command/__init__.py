"""The command `peoplefeed`."""
