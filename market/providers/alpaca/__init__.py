"""Alpaca: bars of the consolidated feed (SIP), raw, since 2016, in pages of 10,000."""
