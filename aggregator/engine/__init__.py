"""Where work runs: the same use cases, in this process or handed to workers elsewhere."""
