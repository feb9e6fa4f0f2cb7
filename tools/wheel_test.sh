#!/usr/bin/env bash
# Build sdist and wheel, install the wheel in an empty environment, and run the tests against it.
#
#   PYTHON=python3.12 tools/wheel_test.sh [TEST ...]     paths below tests/; all by default
#
# The tests and what they read (docs, models, samples, tools) are copied to a folder without the packages, so that
# these come from the wheel alone.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" -m venv "$folder/build"
"$folder/build/bin/python" -m pip install --quiet build
"$folder/build/bin/python" -m build --outdir "$folder/dist" "$root" > "$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 1; }
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "$(echo "$folder"/dist/*.whl)[test]" ${CONSTRAINTS:+--constraint "$CONSTRAINTS"}

mkdir "$folder/tree"
for name in tests docs models samples tools benchmarks pyproject.toml README.md CHANGELOG.md CITATION.cff LICENSE Makefile CONTRIBUTING.md; do
  [ -e "$root/$name" ] && cp -r "$root/$name" "$folder/tree/"
done
cd "$folder/tree"
"$folder/venv/bin/python" -P -c "
import collider, mesons, nucore, nuportal
for package in (collider, mesons, nucore, nuportal):
    assert 'site-packages' in package.__file__, package.__file__
print('nuportal', nuportal.__version__, 'from', nuportal.__file__)"
"$folder/venv/bin/nuportal" doctor
if [ $# -eq 0 ]; then
  "$folder/venv/bin/python" -m pytest -q -n auto --dist loadgroup
else
  "$folder/venv/bin/python" -m pytest -q -n "${JOBS:-auto}" --dist loadgroup "$@"
fi
