#!/usr/bin/env bash
# Merge the shards in this folder into one file. merge.sub starts it as
#     ./merge.sh FILE.root
set -euo pipefail
export NUMBA_CACHE_DIR=${NUMBA_CACHE_DIR:-$PWD/.numba-cache}

# Add --allow-mixed for shards from several types of processor.
exec "${NUPORTAL:-nuportal}" merge ./*.shard --out "$1"
