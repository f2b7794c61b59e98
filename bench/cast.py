"""Whom the benchmark measures with, the same at every size. Keys are the accounts' (and their
contracts'); their addresses are `p<key>@bench.example`."""

from __future__ import annotations

# Raise it when bench.filling makes other rows: databases that were kept are then filled anew.
ROWS = 1

AGENTS = 20  # accounts 1 to 20
OLD = 21  # reads MANY cases, all among the oldest
TEN = 22  # reads ten cases, spread over the years
TALKER = 23  # reads TALKS newer cases with ten messages each
REPLIER = 24  # reads REPLIES open cases
SUBMITTERS = range(31, 63)  # read nothing yet, have incidents without end
CROWD = 100  # from here on: customers with few or many cases

MANY = 1000
TALK = 10
TALKS = 50
REPLIES = 400
RARE_CASES = 5

PLAN = "partner-on-premises-20"
RARE = "kvantovník"  # in five cases
COMMON = "server"  # in all
