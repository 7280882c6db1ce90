"""Options that Benchmarks/compare and Benchmarks/table share."""

import argparse
import os
import sys

from .programs import ROOT


def parser(doc):
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, help="interleaved rounds")
    parser.add_argument("--repeat", type=int, help="steps timed each round")
    parser.add_argument("--python", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--striate", default=str(ROOT / ".build" / "release" / "striate"),
                        help="the program, or a command line")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--variants", type=variants, metavar="PEER=V,V…;PEER=…",
        help="peers and variants instead of all, as 'pytorch=eager,compile;openvino=float'")
    return parser


def variants(text):
    pairs = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    if not pairs or not all(pairs.values()):
        raise argparse.ArgumentTypeError(f"expected PEER=V,V…;PEER=…, found {text!r}")
    return pairs
