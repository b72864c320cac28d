"""Models that cannot share the program's installation: each in an environment and a process of its own."""
