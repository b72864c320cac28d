"""The SQLite project file."""
