#!/usr/bin/env bash
# One part of a long run; generate.sub (HTCondor) and generate.slurm (Slurm) start it as
#     ./shard.sh I/N FILE.root.shard WORKERS MEMORY
# The name says what `nuportal merge` will be able to write: w-1.root.shard holds the selected events.

# ---- What is run: the same for all parts. ----------------------------------------------------------------------------
run=(generate w --experiment atlas-2011 --set m_chi=1 --set m_phi=3 --set m4=30 --set Umu4=0.03 --luminosity 4.1 --seed 1)

# ---- Where the command is. A name found by PATH, or a full path that the worker nodes see. ---------------------------
nuportal=${NUPORTAL:-nuportal}

set -euo pipefail
shard=$1 out=$2 workers=$3 memory=$4

# Kernels are compiled once and kept. Where the installation is read-only, and so that no node loads what another file
# system's clock made look new, they are kept here; several jobs may share the folder.
export NUMBA_CACHE_DIR=${NUMBA_CACHE_DIR:-$PWD/.numba-cache}
# The workers are all the threads there are.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

# HTCondor alone sets CHECKPOINT_S: after so many seconds the run is interrupted, keeps its finished pieces in
# .nuportal-work beside the output, and leaves with status 130. A file of ours keeps that folder there even if it is
# empty, because HTCondor holds a job whose checkpoint is missing.
limit=()
if [ -n "${CHECKPOINT_S:-}" ]; then
    mkdir -p "$(dirname "$out")/.nuportal-work"
    : > "$(dirname "$out")/.nuportal-work/keep"
    limit=(timeout --foreground --preserve-status --signal=TERM "$CHECKPOINT_S")
fi

# exec: the batch system's signals reach the run itself. --resume: a second start goes on where the first one ended.
exec ${limit[@]+"${limit[@]}"} "$nuportal" "${run[@]}" --shard "$shard" --out "$out" \
    --workers "$workers" --max-memory "$memory" --resume
