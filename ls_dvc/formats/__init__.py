"""A module for each format, beside those of its family; `registry` knows them by name."""
