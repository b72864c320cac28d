"""Every family on one signed axis, and whether a system is affected."""
