"""Work on other machines: Dask, or any executor of `concurrent.futures`."""
