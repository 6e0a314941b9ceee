"""A server on loopback that shows one version of the labels to one browser, read only."""
