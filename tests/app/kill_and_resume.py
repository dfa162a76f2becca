"""Kills a run at random moments, goes on with it, and holds the results against a run in peace.

    kill_and_resume.py CHOKEPOINT SCENARIO KILLS [--trials N] [--seed S]

The run is made longer until it lasts nearly two seconds, so that there are parts to go on with. Each run is
killed (SIGKILL) and resumed until it gets to its end; then the next one begins. Kills come at any
moment, but for the first, which comes soon after there is a part.
"""
import argparse
import filecmp
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

LEAST_SECONDS = 1.8

parser = argparse.ArgumentParser()
parser.add_argument("binary")
parser.add_argument("scenario")
parser.add_argument("kills", type=int)
parser.add_argument("--trials", type=int, default=60000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()


def command(out, threads, *more):
    return [options.binary, "run", options.scenario, "--trials", str(options.trials),
            "--keep-trials", "metrics", "--tables", "years,episodes",
            "--threads", str(threads), "--out", str(out), *more]


def differing(one, other):
    names = {path.name for folder in (one, other) for path in folder.iterdir()}
    names.discard("manifest.json")
    same, _, _ = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted(names - set(same))


def main():
    moments = random.Random(options.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chokepoint-"))
    length = 0
    while length < LEAST_SECONDS:
        start = time.monotonic()
        subprocess.run(command(folder / "whole", 2, "--force"), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        length = time.monotonic() - start
        options.trials = options.trials if length >= LEAST_SECONDS else options.trials * 3 // 2
    kills = runs = resumed = 0
    while kills < options.kills:
        out = folder / f"run-{runs}"
        while True:
            threads = moments.choice([1, 2])
            child = subprocess.Popen(command(out, threads, "--resume"), text=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            while kills == 0 and child.poll() is None and not list(out.glob("parts/*.bin")):
                time.sleep(0.01)
            try:
                # The last run of all is left in peace.
                limit = None if kills >= options.kills else moments.uniform(0, length if kills > 0 else 0.2)
                _, said = child.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                child.kill()
                _, said = child.communicate()
                kills += child.returncode != 0
            kept = re.search(r"resumed: (\d+) of", said)
            resumed += bool(kept and int(kept[1]) > 0)
            if child.returncode == 0:
                break
            if child.returncode != -9:
                sys.exit(f"after {kills} kills: exit code {child.returncode}\n{said}")
        runs += 1
        wrong = differing(folder / "whole", out)
        if wrong:
            sys.exit(f"after {kills} kills: {out}: {', '.join(wrong)} differ")
        subprocess.run(["rm", "-r", str(out)], check=True)
    subprocess.run(["rm", "-r", str(folder)], check=True)
    print(f"{kills} kills in {runs} runs of {length:.1f} s, {resumed} resumed with trials kept: "
          "the same bytes")
    if resumed == 0:
        sys.exit("no run was resumed with trials kept: more --trials, so that some are")


main()
