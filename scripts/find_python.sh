#!/bin/sh
# Print the first Python that is new enough: 3.11 or later.
for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
    command -v "$candidate"
    exit 0
  fi
done
echo "Opora needs Python 3.11 or newer as python3 (or name one: make PYTHON=/path/to/python)." >&2
exit 1
