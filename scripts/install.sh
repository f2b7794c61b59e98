#!/bin/sh
# Install what is missing, and nothing twice:
#   install.sh runtime   what Opora runs on, into .venv
#   install.sh tools     and what tests and checks are written in
#   install.sh test      and the programs tests drive: a browser and PostgreSQL
# Debian packages are installed when this runs as root; otherwise the missing ones are named.
set -eu
cd "$(dirname "$0")/.."
what=$1
python=$(sh scripts/find_python.sh)

# Whatever the machine's pip is set to, it installs into .venv and asks nothing.
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
unset PYTHONPATH PYTHONHOME 2> /dev/null || true

missing_for_venv() {
  "$python" -c 'import ensurepip, venv' 2> /dev/null || echo python3-venv
}

missing_for_test() {
  command -v chromium > /dev/null || echo chromium
  ls /usr/lib/*/libatomic.so.1 > /dev/null 2>&1 || echo libatomic1 # the browser's driver
  command -v pg_virtualenv > /dev/null || echo postgresql-common
  ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || echo postgresql
}

# Install the Debian packages named, or say how to and stop.
need() {
  [ $# -gt 0 ] || return 0
  if ! command -v apt-get > /dev/null; then
    echo "Install what Debian calls: $*" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "These Debian packages are missing. Install them, then try again:" >&2
    echo "  sudo apt-get install --no-install-recommends $*" >&2
    exit 1
  fi
  echo "Installing Debian packages: $*"
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "$@"; } > "$log" 2>&1; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

fingerprint() { # of the files named, and of the Python that .venv stands on
  { cat "$@"; .venv/bin/python -V; pwd; } | sha256sum
}

# Install a locked list into .venv unless exactly that is there.
lock() {
  stamp=.venv/.installed-$1
  now=$(fingerprint "requirements/$1.txt")
  if [ "$(cat "$stamp" 2> /dev/null)" != "$now" ]; then
    echo "Installing Python packages: requirements/$1.txt"
    .venv/bin/python -m pip install -qq --require-hashes --requirement "requirements/$1.txt"
    echo "$now" > "$stamp"
  fi
}

packages() {
  if [ "$what" = runtime ]; then lock runtime; else lock test; fi

  now=$(fingerprint pyproject.toml)
  if [ ! -x .venv/bin/opora ] || [ "$(cat .venv/.installed-opora 2> /dev/null)" != "$now" ]; then
    .venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable .
    echo "$now" > .venv/.installed-opora
  fi

  typeface=src/opora/web/static/web/open-sans.woff2
  if [ ! -e "$typeface" ] || [ scripts/typeface.py -nt "$typeface" ] || [ "requirements/runtime.txt" -nt "$typeface" ]; then
    .venv/bin/python scripts/typeface.py "$typeface"
  fi

  for source in src/opora/locale/*/LC_MESSAGES/django.po; do
    [ -e "$source" ] || continue
    compiled=${source%.po}.mo
    if [ ! -e "$compiled" ] || [ "$source" -nt "$compiled" ]; then
      .venv/bin/pybabel --quiet compile --input-file "$source" --output-file "$compiled"
    fi
  done
}

# One package list, so that whoever is not root is told everything at once.
missing=$(missing_for_venv)
if [ "$what" = test ]; then
  if [ "$(id -u)" != 0 ] || [ -n "$missing" ]; then
    need $missing $(missing_for_test)
  fi
elif [ -n "$missing" ]; then
  need $missing
fi

# One at a time: parts of `make check` may ask side by side.
mkdir -p .cache
exec 9> .cache/install.lock
if command -v flock > /dev/null; then flock 9; fi

# A virtual environment that moved, or was left half made, is made again.
if ! .venv/bin/python -m pip --version > /dev/null 2>&1; then
  rm -rf .venv
  "$python" -m venv .venv
fi

if [ "$what" = test ] && [ -n "$(missing_for_test)" ]; then
  packages & # beside the Debian packages
  python_packages=$!
  need $(missing_for_test)
  wait "$python_packages"
else
  packages
fi
