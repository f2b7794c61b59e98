#!/bin/sh
# Run a command, and once more if it fails: for browsers, which stumble on busy machines.
"$@" && exit 0
echo "Red; once more:"
"$@"
