"""The data sets window: what is shipped, what can be fetched, and where every number comes from."""
