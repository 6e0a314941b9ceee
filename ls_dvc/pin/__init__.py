"""labels.lock: the pin as a value, and its file."""
