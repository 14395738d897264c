"""The plan of symbol-months that all fetchers share: who fetches which cell, and what is still to be fetched."""
