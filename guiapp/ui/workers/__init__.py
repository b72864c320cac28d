"""Every QThread of the program."""
