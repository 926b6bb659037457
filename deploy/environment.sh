#!/bin/sh
# Makes .venv and installs a lock file into it: environment.sh LOCK. Does nothing where that is done.
set -eu

lock=$1
cd "$(dirname "$0")/.."
venv=$(pwd -P)/.venv

# Each candidate is run: a version manager's shims are on the PATH even for what isn't installed.
find_python() {
    for candidate in python3.14 python3.13 python3.12 python3 "$HOME"/.pyenv/versions/*/bin/python; do
        if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    echo "Emobi needs Python 3.12 or later with venv: no python3.14, 3.13, 3.12, python3 or pyenv's has it." >&2
    return 1
}

# Whole, for the Python that it was made with, and where it was made: a moved one runs the old place's programs.
is_sound() {
    grep -qF -- "-m venv $venv" "$venv/pyvenv.cfg" &&
        "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))'
}

# What the tests need includes what a run needs, in the same versions.
is_installed() {
    cmp -s "$lock" "$venv/installed.txt" || cmp -s requirements-dev.txt "$venv/installed.txt"
}

if ! is_sound >/dev/null 2>&1; then
    python=$(find_python)
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
if ! is_installed; then
    echo "Installing $lock into .venv; the first time takes a minute ..." >&2
    rm -f "$venv/installed.txt"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r "$lock"
    cp "$lock" "$venv/installed.txt"
fi
