"""data/snapshot: the labels in canonical form; written, read, rebuilt from a pin."""
