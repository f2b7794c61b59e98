"""The demo: a ready vendor in an empty folder, with people to sign in as."""
