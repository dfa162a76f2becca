#!/bin/sh
# Puts the shards of a run together once all of them are done: submit.sh submits it.
#SBATCH --job-name=chokepoint-merge
#SBATCH --output=%x-%j.log
set -eu
folder=$1
exec "${CHOKEPOINT:-chokepoint}" merge "$folder"/shard-* --quiet --out "$folder/whole"
