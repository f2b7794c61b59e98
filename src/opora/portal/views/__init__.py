"""The customers' pages: functions, one domain call each."""
