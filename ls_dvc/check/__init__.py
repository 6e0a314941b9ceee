"""Faults in the labels: the rules, what each finds in a task or in a data set, and their report."""
