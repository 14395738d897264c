"""Providers of one-minute bars behind one interface. Their words for things end at this border."""
