"""Batches on other machines through Dask; nothing here imports Dask before a cluster is asked for."""
