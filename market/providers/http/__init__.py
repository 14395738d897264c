"""How every provider is reached over HTTP."""
