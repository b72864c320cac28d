"""The models window: what each potential is, whether its numbers can be believed, and how to get it."""
