"""The quick self-test that every model passes before its numbers are believed."""
