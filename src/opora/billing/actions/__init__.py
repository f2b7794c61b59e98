"""Deeds on purchases, payments, refunds and papers."""
