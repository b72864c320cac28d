"""What ``main.py`` does before the program itself can run; standard library only."""
