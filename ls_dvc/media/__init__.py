"""Media: fetched from where tasks name them, kept by hash, and laid out for formats."""
