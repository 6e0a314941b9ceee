"""One process that plays server, people, disk, git and DVC from a seed; our own code is real."""
