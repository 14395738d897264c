"""From a reply's text to bars with session, phase and flags. Pure: nothing is read, written or fetched here."""

# Goes into the manifest of each raw object. Count it up when a rule changes what is stored.
RULES_VERSION = 2
