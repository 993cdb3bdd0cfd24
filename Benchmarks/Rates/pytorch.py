#!/usr/bin/env python3
"""Times elementwise operators of Tributary and PyTorch into new results, in turn in one run.

    Benchmarks/Rates/pytorch.py [--threads N] [--rounds N] [--elements N] [--binary .build/release/rates]

Prints for each operator the medians over the rounds in milliseconds and how many times as fast Tributary is. PyTorch
comes into an environment of its own at the first use; needs the program: swift build -c release --static-swift-stdlib
--product rates.
"""
import argparse, os, pathlib, statistics, subprocess, sys, time

try:
    import torch
except ImportError:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    import peers
    exe = peers.python()
    os.execv(exe, [str(exe), *sys.argv])

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--elements", type=int, default=10_000_000)
    ap.add_argument("--binary", default=".build/release/rates")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    x = torch.rand(a.elements) * 3 + 0.01
    y = torch.rand(a.elements)
    operators = {
        "exp": lambda: x.exp(), "log": lambda: x.log(), "erf": lambda: x.erf(), "tanh": lambda: x.tanh(),
        "add": lambda: x + y, "copy": lambda: x.clone(), "sum": lambda: x.sum(),
    }
    ours, theirs = {n: [] for n in operators}, {n: [] for n in operators}
    for _ in range(a.rounds):
        out = subprocess.run([a.binary, "new", "--threads", str(a.threads), "--rounds", "9", "--elements", str(a.elements)],
                             capture_output=True, text=True, check=True).stdout
        for line in out.splitlines():
            name, value = line.split()[:2]
            ours[name].append(float(value))
        for name, body in operators.items():
            times = []
            for i in range(10):
                start = time.perf_counter()
                body()
                if i: times.append(1e3 * (time.perf_counter() - start))
            theirs[name].append(statistics.median(times))
    print(f"PyTorch {torch.__version__}, {a.elements} float32 into new results, {a.threads} threads, {a.rounds} rounds")
    print(f"{'':8} {'Tributary':>10} {'PyTorch':>10} {'times as fast':>14}   (range)")
    for name in operators:
        each = [t / o for o, t in zip(ours[name], theirs[name])]
        print(f"{name:8} {statistics.median(ours[name]):10.2f} {statistics.median(theirs[name]):10.2f} "
              f"{statistics.median(each):14.2f}   ({min(each):.2f}-{max(each):.2f})")

main()
