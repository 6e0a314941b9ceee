"""Which addresses of media a task shows, by what the objects of the label config show of it."""
