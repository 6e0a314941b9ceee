"""Versions: the commits that changed labels.lock, and the labels of each."""
