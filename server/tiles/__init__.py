"""Tiles on their way to the browser: drawn once, kept packed, sent as they are."""
