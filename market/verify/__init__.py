"""Look for damage in the lake and say what to do about each piece of it. Reads everything, changes nothing."""
