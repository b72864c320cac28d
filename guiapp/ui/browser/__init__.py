"""The structure browser."""
