"""The window of clusters: where jobs run, and on which workers."""
