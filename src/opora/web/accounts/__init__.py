"""Pages about one's own account: signing in, profile, settings."""
