#!/usr/bin/env bash
# Builds the environments of the peers (once), compares, and measures how costs grow: benchmarks/results/peers.json and
# scaling.json. Arguments go to benchmarks/compare.py.
# PYTHON: the interpreter for them; PEER_PYTHON: one of 3.12 or newer, for the peer that needs it (skipped without).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment() { # folder, interpreter, requirements...
    local folder=$1 python=$2
    shift 2
    if [ ! -e "$folder/.done" ]; then
        echo "installing the peers into $folder" >&2
        "$python" -m venv "$folder"
        "$folder/bin/python" -m pip --disable-pip-version-check install --quiet -c constraints.txt "$@"
        touch "$folder/.done"
    fi
}

newer_python() {
    local candidate
    for candidate in ${PEER_PYTHON:-} python3.12 python3.13 python3.14 python3; do
        if "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "no Python 3.12 or newer found (PEER_PYTHON names one): img2pixelart is left out" >&2
}

environment .bench-venv/main "${PYTHON:-python3}" -r benchmarks/requirements.txt
if [ ! -e .bench-venv/new/.done ] && newer=$(newer_python) && [ -n "$newer" ]; then
    environment .bench-venv/new "$newer" img2pixelart==0.2.0
fi
.venv/bin/python -m benchmarks.compare --write "$@"
.venv/bin/python -m benchmarks.scaling --write
echo "batch against a loop over the Python door, pictures a second:"
exec .venv/bin/python -m benchmarks.throughput
