"""Use case: what is wrong around a data set, each finding with the command that fixes it."""
