"""A made-up market for use without a key: plausible, correlated, the same on every machine, and labelled synthetic."""
