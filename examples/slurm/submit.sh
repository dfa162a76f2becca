#!/bin/sh
# A run as N jobs and one that puts them together: submit.sh N SCENARIO FOLDER [OPTIONS].
# CHOKEPOINT names the program if it is not on the PATH. FOLDER is one that all nodes see.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shards=$1
shift
mkdir -p "$2"
array=$(sbatch --parsable --array="1-$shards" "$here/shard.sh" "$@")
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes \
    "$here/merge.sh" "$2")
echo "shards: job $array; merge: job $merge"
