"""Questions about purchases, payments, refunds and papers."""
