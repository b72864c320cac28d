"""The centre of the window: the sentence, the plots that prove it, the ranking."""
