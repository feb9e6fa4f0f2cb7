#!/usr/bin/env bash
# One shard of a long run. generate.sub (HTCondor) and generate.slurm (Slurm) start it as
#     ./shard.sh I/N FILE.root.shard WORKERS MEMORY
# The name sets what `nuportal merge` can write: w-1.root.shard holds the selected events.

# ---- Command, the same for all shards --------------------------------------------------------------------------------
run=(generate w --experiment atlas-2011 --set m_chi=1 --set m_phi=3 --set m4=30 --set Umu4=0.03 --luminosity 4.1 --seed 1)

# ---- Executable: a name in PATH, or a full path that the worker nodes see --------------------------------------------
nuportal=${NUPORTAL:-nuportal}

set -euo pipefail
shard=$1 out=$2 workers=$3 memory=$4

# Keep compiled kernels here: the installation may be read-only, and time stamps of another file system can make stale
# kernels look new. Several jobs may share the folder.
export NUMBA_CACHE_DIR=${NUMBA_CACHE_DIR:-$PWD/.numba-cache}
# Use no threads besides the workers.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

# Only HTCondor sets CHECKPOINT_S: after that many seconds the run is interrupted, keeps its finished work in
# .nuportal-work beside the output, and exits with status 130. The file `keep` makes sure that the folder exists even if
# nothing is finished, because HTCondor holds a job whose checkpoint is missing.
limit=()
if [ -n "${CHECKPOINT_S:-}" ]; then
    mkdir -p "$(dirname "$out")/.nuportal-work"
    : > "$(dirname "$out")/.nuportal-work/keep"
    limit=(timeout --foreground --preserve-status --signal=TERM "$CHECKPOINT_S")
fi

# exec: signals of the batch system reach the run itself. --resume: a restart continues where the last one ended.
exec ${limit[@]+"${limit[@]}"} "$nuportal" "${run[@]}" --shard "$shard" --out "$out" \
    --workers "$workers" --max-memory "$memory" --resume
