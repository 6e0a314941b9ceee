"""The guided tour: a real Label Studio, a small project, and what ls-dvc does with it."""
