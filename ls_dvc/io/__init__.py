"""Files, YAML, JSON, archives and file names."""
