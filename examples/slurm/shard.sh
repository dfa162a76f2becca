#!/bin/sh
# One shard of a run, for a Slurm array: sbatch --array=1-N shard.sh SCENARIO FOLDER [OPTIONS].
# A task that Slurm kills or requeues goes on where it was: --resume runs what is missing.
#SBATCH --job-name=chokepoint
#SBATCH --output=%x-%A-%a.log
#SBATCH --requeue
set -eu
scenario=$1 folder=$2
shift 2
shard=$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
exec "${CHOKEPOINT:-chokepoint}" run "$scenario" "$@" --shard "$shard" --resume --quiet \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --out "$folder/shard-$SLURM_ARRAY_TASK_ID"
