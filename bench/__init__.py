"""Measures Opora beside two floors: the least Django app, and the same SQL with no web layer."""
