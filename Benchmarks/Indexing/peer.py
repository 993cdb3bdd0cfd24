"""Sorting, selection, running sums and index operators beside PyTorch, two threads each, in turns A B A B.

    python3 Benchmarks/Indexing/peer.py [NAME ...]     names as printed; none means all
        --threads N    2

PyTorch comes into an environment of its own at the first use; needs the program: swift build -c release
--static-swift-stdlib --product index-rates. Prints the median milliseconds of both and
their ratio (below 1: Tributary is faster), the better of the two turns of each.
"""

import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import peers

TOTAL = 10_000_000
REPEATS = 5


def cases(torch):
    def floats(*shape):
        return torch.randn(*shape, generator=torch.Generator().manual_seed(1))

    def below(limit, *shape):
        return torch.randint(0, limit, shape, generator=torch.Generator().manual_seed(2))

    whole = 1 << 62
    for kind in ("float32", "int64"):
        def values(*shape):
            return floats(*shape) if kind == "float32" else below(whole, *shape)
        for rows, length in ((1, TOTAL), (100, 100_000), (10_000, 1000)):
            shape = (rows, length)
            yield f"sort {kind} {rows}x{length}", lambda: values(*shape), lambda x: torch.sort(x, dim=1, stable=True)
            yield f"argsort {kind} {rows}x{length}", lambda: values(*shape), lambda x: torch.argsort(x, dim=1, stable=True)
            yield f"topk {kind} {rows}x{length}", lambda: values(*shape), lambda x: torch.topk(x, 10, dim=1)
    yield "sort int64 small 1x10000000", lambda: below(1000, 1, TOTAL), lambda x: torch.sort(x, dim=1, stable=True)
    for rows, length in ((1, TOTAL), (10_000, 1000)):
        shape = (rows, length)
        yield f"cumsum {rows}x{length} inner", lambda: floats(*shape), lambda x: torch.cumsum(x, 1)
    yield "cumsum 10000x1000 outer", lambda: floats(10_000, 1000), lambda x: torch.cumsum(x, 0)
    yield "cumprod 10000x1000 inner", lambda: floats(10_000, 1000) * 0.01 + 1, lambda x: torch.cumprod(x, 1)
    yield "cummax 10000x1000 inner", lambda: floats(10_000, 1000), lambda x: torch.cummax(x, 1)
    yield ("logcumsumexp 10000x1000 inner", lambda: floats(10_000, 1000), lambda x: torch.logcumsumexp(x, 1))
    for rows, length in ((1, TOTAL), (10_000, 1000)):
        shape = (rows, length)
        pair = lambda: (floats(*shape), below(length, *shape))
        three = lambda: (floats(*shape), below(length, *shape), floats(*shape))
        yield f"gather {rows}x{length}", pair, lambda x: torch.gather(x[0], 1, x[1])
        yield f"scatterAdd {rows}x{length}", three, lambda x: torch.scatter_add(x[0], 1, x[1], x[2])
        yield f"scatter {rows}x{length}", three, lambda x: torch.scatter(x[0], 1, x[1], x[2])
    pair = lambda: (floats(10_000, 1000), below(10_000, 10_000, 1000))
    three = lambda: (floats(10_000, 1000), below(10_000, 10_000, 1000), floats(10_000, 1000))
    yield "gather outer 10000x1000", pair, lambda x: torch.gather(x[0], 0, x[1])
    yield "scatterAdd outer 10000x1000", three, lambda x: torch.scatter_add(x[0], 0, x[1], x[2])
    yield "indexSelect 1x10000000", lambda: (floats(TOTAL), below(TOTAL, TOTAL)), lambda x: torch.index_select(x[0], 0, x[1])
    rows = lambda: (floats(10_000, 1000), below(10_000, 10_000))
    yield "indexSelect rows 10000x1000", rows, lambda x: torch.index_select(x[0], 0, x[1])
    columns = lambda: (floats(10_000, 1000), below(1000, 1000))
    yield "indexSelect columns 10000x1000", columns, lambda x: torch.index_select(x[0], 1, x[1])
    added = lambda: (floats(10_000, 1000), below(10_000, 10_000), floats(10_000, 1000))
    yield "indexAdd rows 10000x1000", added, lambda x: torch.index_add(x[0], 0, x[1], x[2])


def run_torch(names, threads):
    import torch

    torch.set_num_threads(threads)
    found = {}
    for name, make, call in cases(torch):
        if names and name not in names:
            continue
        operand = make()
        call(operand)
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            call(operand)
            times.append((time.perf_counter() - start) * 1e3)
        found[name] = statistics.median(times)
        print(f"{name}\t{found[name]:.3f}", flush=True)
    return found


def run_other(command, threads):
    return {" ".join(words[:-1]): float(words[-1]) for words in peers.lines(command, threads)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer-only", action="store_true")
    options = parser.parse_args()
    if options.peer_only:
        run_torch(options.names, options.threads)
        return
    own = [peers.ROOT / ".build/release/index-rates", options.threads, *options.names]
    peer = [peers.python(), __file__, "--peer-only", "--threads", options.threads, *options.names]
    ours, theirs = {}, {}
    for _ in range(2):
        for found, command in ((ours, own), (theirs, peer)):
            for name, ms in run_other(command, options.threads).items():
                found[name] = min(ms, found.get(name, ms))
    for name, ms in ours.items():
        print(f"{name:34} {ms:9.2f} {theirs[name]:9.2f}   {ms / theirs[name]:.2f}")


main()
