"""Jobs: plan, batches, progress, cancel, retry, and where batches run."""
