#!/usr/bin/env bash
# Shards in this folder -> one file; merge.sub starts it as
#     ./merge.sh FILE.root
set -euo pipefail
export NUMBA_CACHE_DIR=${NUMBA_CACHE_DIR:-$PWD/.numba-cache}

# add --allow-mixed for shards of several types of processor
exec "${NUPORTAL:-nuportal}" merge ./*.shard --out "$1"
