"""Which symbols there are, and which of them are fetched."""
