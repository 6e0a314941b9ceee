"""Processes, threads and child processes."""
