"""Django's PostgreSQL engine with a cheaper look at a connection before it is used again."""
