"""Memory of a training step, and the convolutions' share of it."""

from .programs import Striate, environment, run, script


def memory(work, options):
    """Striate's growth from before the model is built to its peak, in fresh processes, over the peer's least."""
    own = Striate(work, options, bound=False).measure()["resident_bytes"]
    peers = {}
    for variant in ("eager", "channels_last"):
        answer = run(
            [options.python, str(script("pytorch", work.mode)), "--model", work.model, "--batch",
             str(work.batch), "--threads", str(options.threads), "--variant", variant, "--memory"],
            env=environment(options.threads))
        peers[f"pytorch {variant}"] = answer["resident_bytes"]
    best = min(peers, key=peers.get)
    return {
        "bytes": {"striate": own, **peers}, "best_peer": best, "ratio": round(own / peers[best], 3)}


def convolution_share(work, options):
    """The share of a step's time that convolutions and their gradients take, by Striate's own profile."""
    command = Striate(work, options).command
    program = command[:command.index("bench")]
    profile = run(program + [
        "profile", work.model, "--mode", work.mode, "--batch", str(work.batch), "--threads",
        str(options.threads), "--device", "cpu", "--repeat", str(work.repeat), "--by", "op",
        "--json", "--quiet"])
    taken = sum(
        row["ms"] for row in profile["rows"]
        if row["macs"] > 0 and not row["name"].startswith("matmul"))
    return {"ms": {"step": profile["step_ms"], "convolutions": round(taken, 3)},
            "ratio": round(taken / profile["step_ms"], 3)}
