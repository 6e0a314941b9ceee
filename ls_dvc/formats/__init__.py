"""A module for each format, in the package of its family; `registry` knows them by name."""
