"""Interleaved rounds, and what they say.

Each round runs `striate bench --bound` once and N steps of every variant of every peer (whose processes
stay alive, so that nobody pays start-up or compilation), in an order that turns by one each round.
"""

import statistics
import sys
import tempfile

from .programs import Peer, Striate


def say(text):
    print(text, file=sys.stderr, flush=True)


def compare(work, options):
    """The comparison of a work with its peers as a dictionary."""
    variants = options.variants or work.peers
    programs = [Striate(work, options)]
    programs[0].measure()  # fails early, and warms the file cache
    with tempfile.TemporaryDirectory(prefix="striate-bench-") as folder:
        try:
            for program, names in variants.items():
                for variant in names.split(","):
                    say(f"starting {program} {variant}")
                    programs.append(Peer(work, options, program, variant, folder))
            rounds = interleave(programs, work.rounds)
        finally:
            for program in programs:
                program.close()
    return summary(work, options, rounds)


def interleave(programs, count):
    """The answers of every program, one a round."""
    answers = {program.name: [] for program in programs}
    for index in range(count):
        turn = index % len(programs)
        for program in programs[turn:] + programs[:turn]:
            answers[program.name].append(program.measure())
        say(f"round {index + 1}/{count}: " + ", ".join(
            f"{name} {values[-1]['median_ms']:.2f} ms" for name, values in answers.items()))
    return answers


def spread(values, digits=3):
    """Lowest, middle and highest."""
    return {
        "min": round(min(values), digits), "median": round(statistics.median(values), digits),
        "max": round(max(values), digits)}


def summary(work, options, rounds):
    """Ratios of medians over rounds, above 1 where Striate is faster, and the spread of single rounds."""
    times = {name: [a["median_ms"] for a in answers] for name, answers in rounds.items()}
    own = times.pop("striate")
    medians = {name: statistics.median(values) for name, values in times.items()}
    mine = statistics.median(own)
    best = min(medians, key=medians.get)
    result = {
        "model": work.model, "mode": work.mode, "precision": work.precision, "batch": work.batch,
        "threads": options.threads, "rounds": work.rounds, "repeat": work.repeat,
        "striate": rounds["striate"][-1]["device_summary"],
        "peers": {name: rounds[name][-1]["peer"] for name in times},
        "ms": {"striate": spread(own), **{name: spread(v) for name, v in times.items()}},
        "best_peer": best, "ratio": round(medians[best] / mine, 3),
        "round_ratios": spread([peer / time for peer, time in zip(times[best], own, strict=True)]),
    }
    bounds = [answer["bound_ms"] for answer in rounds["striate"] if "bound_ms" in answer]
    if len(bounds) == len(own):
        result["bound_ms"] = spread(bounds)
        result["bound_share"] = round(statistics.median(bounds) / mine, 3)
        result["round_shares"] = spread([b / time for b, time in zip(bounds, own, strict=True)])
    return result
