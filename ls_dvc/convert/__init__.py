"""From the snapshot folder to data/dataset and the reports."""
