"""The benchmark panel and the list of jobs."""
