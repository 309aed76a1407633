"""XML in a few kilobytes: `scanner` gives events as bytes arrive, `tree` the ElementTree names."""
