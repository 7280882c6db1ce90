"""How much physical memory this process holds, as Linux counts it; the twin of ResidentMemory.swift."""


def mark():
    """Forgets the peak so far; the bytes that are resident now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # resets the peak: proc_pid_clear_refs(5)
    return status("VmRSS")


def peak():
    """The most bytes that were resident since `mark`."""
    return status("VmHWM")


def status(key):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {key}")
