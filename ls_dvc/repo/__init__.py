"""git and DVC; no other package calls them."""
