"""Measurements of the window by itself; the command ``benchmark`` runs them in processes of their own."""
