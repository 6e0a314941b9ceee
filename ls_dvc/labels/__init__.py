"""Label Studio's words as values: tasks, label configs, class ids, geometry, selection."""
