#!/usr/bin/env python3
"""The quiet month of one commodity in NumPy, timed beside the program's own.

Usage: reference_numpy.py [--trials N] [--block N] [--months N] [--repetitions N] PROGRAM

PROGRAM is bench_chokepoint. The market is that of scenarios/first_steps.yaml without restrictions
and with mines that answer to prices, the benchmark `quiet_month/first_steps_elastic`:

- alike: two mines up to their capacity, two users with stocks of their own, demand of two exponents
  and a memory by user, quoted price; the root sought from last month's price until a step is below
  1e-11; float64; random outages, worked out beforehand;
- NumPy leaves out: the test that plants have room (they have), what each plant and exporter ships,
  panic, the history of prices, reserves, growth, checks of the books. It does less;
- NumPy takes Newton's steps on ln(supply / demand), the program Halley's: it takes one or two more.
"""

import argparse
import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

BENCHMARK = "quiet_month/first_steps_elastic"

# scenarios/first_steps.yaml, tonnes a month.
MINES = np.array([220_000, 80_000]) / 12
UTILISATION = 0.9
SUPPLY_ELASTICITY = 0.2
USERS = np.array([130_000, 140_000]) / 12
SHORT_RUN, LONG_RUN = 0.2, 0.6
MEMORY_UP = MEMORY_DOWN = 0.08
QUOTED_ADJUSTMENT = 1.0
COVER_MONTHS, ORDER_MONTHS, PRICE_SENSITIVITY = 2.0, 3.0, 0.5
LOG_FLOOR, LOG_CHOKE = math.log(0.02), math.log(50)
TOLERANCE = 1e-11


@dataclass
class State:
    """Of a block of trials; what users have is [user, trial]."""

    price: np.ndarray
    quoted: np.ndarray
    memory: np.ndarray
    stock: np.ndarray


def start(trials: int) -> State:
    return State(np.zeros(trials), np.zeros(trials), np.zeros((2, trials)),
                 np.repeat(COVER_MONTHS * USERS[:, None], trials, axis=1))


def month(state: State, availability: np.ndarray) -> int:
    """Clears a month and carries over. Returns the steps that the root took."""
    available = MINES[:, None] * availability
    consumption = USERS[:, None] * np.exp((SHORT_RUN - LONG_RUN) * state.memory)
    order = (COVER_MONTHS / ORDER_MONTHS) * USERS[:, None]
    own_stock = state.stock / ORDER_MONTHS
    x = state.price
    for step in range(1, 50):
        use = UTILISATION * np.exp(SUPPLY_ELASTICITY * x)
        mined = available * np.minimum(1, use)
        supply = mined.sum(axis=0)
        wanted = consumption * np.exp(-SHORT_RUN * x)
        ordered = order * np.exp(-PRICE_SENSITIVITY * x)
        bought = np.maximum(0, wanted + ordered - own_stock)
        demand = bought.sum(axis=0)
        supply_slope = np.where(use < 1, SUPPLY_ELASTICITY, 0)
        demand_slope = np.where(
            bought > 0, SHORT_RUN * wanted + PRICE_SENSITIVITY * ordered, 0).sum(axis=0)
        dx = np.log(demand / supply) / (supply_slope + demand_slope / demand)
        x = np.clip(x + dx, LOG_FLOOR, LOG_CHOKE)
        if np.abs(dx).max() <= TOLERANCE:
            break
    else:
        raise RuntimeError("no root")
    # The step is so small that what was bought before it is what is bought.
    used = np.minimum(wanted, bought + own_stock)
    state.stock = np.maximum(0, state.stock + (bought - used))
    gap = x - state.memory
    state.memory = state.memory + np.where(gap > 0, MEMORY_UP, MEMORY_DOWN) * gap
    state.quoted = state.quoted + QUOTED_ADJUSTMENT * (x - state.quoted)
    state.price = x
    return step


def outages(generator: np.random.Generator, trials: int) -> np.ndarray:
    """[mine, trial]: what is left of the capacity; one mine in ten loses up to half."""
    lost = generator.uniform(0, 0.5, (2, trials))
    return 1 - np.where(generator.uniform(size=(2, trials)) < 0.1, lost, 0)


def numpy_nanoseconds(trials: int, block: int, months: int, repetitions: int) -> tuple[float, float]:
    """Least time of a trial-month over the repetitions, and steps a root takes in the mean."""
    generator = np.random.default_rng(1)
    calendar = [outages(generator, block) for _ in range(months)]
    least, steps = math.inf, 0
    for _ in range(repetitions):
        began = time.process_time()
        steps = 0
        for _ in range(trials // block):
            state = start(block)
            for availability in calendar:
                steps += month(state, availability)
        least = min(least, time.process_time() - began)
    blocks = trials // block
    return 1e9 * least / (blocks * block * months), steps / (blocks * months)


def exp_nanoseconds(repetitions: int) -> float:
    """One exponential of an array that stays in the cache, in NumPy."""
    values = np.linspace(-2, 2, 1024)
    result = np.empty_like(values)
    least = math.inf
    for _ in range(10 * repetitions):
        began = time.perf_counter()
        for _ in range(100):
            np.exp(values, out=result)
        least = min(least, time.perf_counter() - began)
    return 1e9 * least / (100 * values.size)


def program_nanoseconds(program: str, repetitions: int) -> tuple[float, float]:
    """Least of the benchmark, and of the yardstick std::exp beside it."""
    command = [program, f"--benchmark_filter=^({BENCHMARK}|standard_exp)$",
               f"--benchmark_repetitions={repetitions}", "--benchmark_min_time=0.2",
               "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"{program} ended with {done.returncode}\n{done.stderr}")
    times: dict[str, float] = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row["run_type"] == "iteration":
            times[row["run_name"]] = min(times.get(row["run_name"], math.inf), row["ns"])
    return times[BENCHMARK], times["standard_exp"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="bench_chokepoint")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--block", type=int, default=10_000, help="trials at once, so that they stay in the cache")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()

    own, exp = program_nanoseconds(options.program, options.repetitions)
    at_once, steps = numpy_nanoseconds(
        options.trials, options.trials, options.months, options.repetitions)
    in_blocks, _ = numpy_nanoseconds(
        options.trials, options.block, options.months, options.repetitions)
    print("| quiet month of one commodity | ns | in std::exp | times the program |")
    print("|---|--:|--:|--:|")
    for name, time_of in [
        ("this program, 64 lanes", own),
        (f"NumPy {np.__version__}, {options.trials} trials at once", at_once),
        (f"NumPy, in blocks of {options.block}", in_blocks),
    ]:
        print(f"| {name} | {time_of:.1f} | {time_of / exp:.1f} | {time_of / own:.1f} |")
    print(f"\nstd::exp {exp:.2f} ns, np.exp {exp_nanoseconds(options.repetitions):.2f} ns; "
          f"{steps:.1f} Newton steps a month, all trials waiting for the last")


if __name__ == "__main__":
    main()
