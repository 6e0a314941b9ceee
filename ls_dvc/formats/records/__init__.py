"""Formats of records and tables: JSON, CSV, Parquet."""
