"""A label diff in words: plain text and Markdown."""
