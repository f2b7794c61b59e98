"""The least Django app that does what is measured: Jinja2, rows by SQL, sessions, CSRF tokens."""
