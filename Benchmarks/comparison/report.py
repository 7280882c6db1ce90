"""Comparisons as text."""

import platform


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def machine(results, threads):
    """One line: the processor, threads, and the versions of everyone with their oneDNN."""
    versions = []
    for result in results:
        names = [result["striate"].split(", ")[0]] if "striate" in result else []
        versions += ["Striate on " + name for name in names] + [*result.get("peers", {}).values()]
    return "; ".join([f"{processor()}, {threads} threads", *dict.fromkeys(versions)])


def details(work, result, threads):
    """A comparison by itself: everyone's times, the ratio, the bound."""
    lines = [
        f"{work.title}: {work.rounds} rounds of {work.repeat} steps", machine([result], threads),
        f"{'':32}{'median ms':>11}{'lowest':>11}{'highest':>11}{'images/s':>10}"]
    for name, ms in sorted(result["ms"].items(), key=lambda item: item[1]["median"]):
        lines.append(
            f"{name:32}{ms['median']:11.2f}{ms['min']:11.2f}{ms['max']:11.2f}"
            f"{work.batch / ms['median'] * 1e3:10.1f}")
    rounds = result["round_ratios"]
    lines.append(
        f"ratio {result['ratio']:.2f} against {result['best_peer']} (single rounds "
        f"{rounds['min']:.2f} / {rounds['median']:.2f} / {rounds['max']:.2f})")
    if "bound_share" in result:
        ms, shares = result["bound_ms"], result["round_shares"]
        lines.append(
            f"bound {ms['median']:.2f} ms of bare oneDNN kernels; our share of it "
            f"{result['bound_share']:.2f} (single rounds {shares['min']:.2f} / "
            f"{shares['median']:.2f} / {shares['max']:.2f})")
    return "\n".join(lines)


def table(rows, results, threads):
    """The table of `make bench` in Markdown: `results` holds a row's comparison, or why there is none."""
    lines = [
        "| work | against | peer | Striate | ratio (single rounds) | at least | aim | bound | share "
        "of bound |", "|---|---|---|---|---|---|---|---|---|"]
    for name, row in rows.items():
        cells = [row.work.title if row.kind == "speed" else f"{row.work.title}: {row.kind}"]
        lines.append("| " + " | ".join(cells + line(row, results[name])) + " |")
    good = [result for result in results.values() if "error" not in result]
    return "\n".join([*lines, "", machine(good, threads)])


def line(row, result):
    """A row's cells but for the first."""
    at = "≤ " if row.kind == "memory" else ""
    goals = [f"{at}{row.least:g}", f"{at}{row.aim:g}"]
    if "error" in result:
        return ["", "", "", f"none: {result['error']}", *goals, "", ""]
    ratio = f"{result['ratio']:.2f}"
    if row.kind == "memory":
        peer, own = result["bytes"][result["best_peer"]], result["bytes"]["striate"]
        return [result["best_peer"], size(peer), size(own), ratio, *goals, "", ""]
    if row.kind == "share":
        return ["own step", ms(result["ms"]["step"]), ms(result["ms"]["convolutions"]), ratio,
                *goals, "", ""]
    best, rounds = result["best_peer"], result["round_ratios"]
    cells = [best, ms(result["ms"][best]["median"]), ms(result["ms"]["striate"]["median"]),
             f"{ratio} ({rounds['min']:.2f}–{rounds['max']:.2f})", *goals]
    if "bound_share" not in result:
        return [*cells, "", ""]
    shares = result["round_shares"]
    return [*cells, ms(result["bound_ms"]["median"]),
            f"{result['bound_share']:.2f} ({shares['min']:.2f}–{shares['max']:.2f})"]


def ms(value):
    return f"{value:.{2 if value < 100 else 0}f} ms"


def size(value):
    return f"{value / 1e9:.2f} GB"
