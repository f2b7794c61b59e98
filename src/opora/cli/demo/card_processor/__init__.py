"""A stand-in for Stripe, to try payments out without an account: its API, its script, its notices.

Only `opora demo` and tests start it, on loopback. It keeps books like Stripe's: customers, cards,
payment intents, charges, refunds, disputes, events. Names, fields, refusals and test cards are
those of Stripe's documentation for API version 2026-10-28.endive, as far as Opora uses them;
anything else is refused. It was written from the documentation, never compared with the real one.

`processor.Processor` is all of it for a test; the server's `/control/` addresses are the same for
another process.
"""
