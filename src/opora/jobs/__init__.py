"""Door: the clock and the outbox. Each job is one call of a deed, at its time."""
