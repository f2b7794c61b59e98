"""Door: the operator's command line. `main.py` says how a command plugs in."""
