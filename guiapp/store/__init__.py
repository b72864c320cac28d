"""The SQLite project file: schema, migrations, queries."""
