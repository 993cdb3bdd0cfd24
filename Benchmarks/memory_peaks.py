#!/usr/bin/env python3
"""The most tensor bytes that live at once within one step of each workload, ours and PyTorch's.

    Benchmarks/memory_peaks.py [--threads N] [--definitions PATH] [--binary PATH] [NAME ...]

Ours is what `tributary bench NAME --memory` prints: the pool's own count of what tensors and working memory of
kernels ask for, in the third step. PyTorch's comes from its profiler's memory events in the third step, summed in
their order, upon the bytes of the tensors that lived before it without the gradients of the last step, which both drop
first; what oneDNN or another library allocates past
PyTorch's allocator is in no event and so not counted. Both take the same steps: the definitions are those of
torch_bench.py. Of several threads ours misses what others make or free at the very
moment of a peak.
Exit status: 0 when no workload named is above PyTorch's, 1 otherwise.
"""
import argparse, gc, importlib.util, os, pathlib, sys

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["mlp", "towers", "wide_towers", "fan_in", "transformer", "convnet", "rnn", "elementwise", "embedding",
         "tutorial", "chain"]

def workloads(path, threads):
    """The definitions, without the runs that the file would begin."""
    sys.argv = [str(path), "--only", "-", "--threads", str(threads)]
    spec = importlib.util.spec_from_file_location("torch_bench", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {make.__name__: make for make in module.WORKLOADS}

def live_bytes(torch):
    """Of all tensors that Python knows and their gradients, each storage once."""
    storages = {}
    for thing in gc.get_objects():
        if not issubclass(type(thing), torch.Tensor): continue
        for tensor in (thing, thing.grad if thing.is_leaf else None):
            if tensor is not None:
                storage = tensor.untyped_storage()
                storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())

def of_torch(path, threads, name):
    """Prints NAME, the peak within the third step, and what lived before it, old gradients apart."""
    make = workloads(path, threads)[name]
    import torch
    work = make()
    for _ in range(2): work.step()
    # A step begins by dropping the last one's gradients, and of what was made before the profiler began it reports no end.
    for parameter in work.params: parameter.grad = None
    gc.collect()
    before = live_bytes(torch)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        work.step()
    events = [(e.start_ns(), e.nbytes()) for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    if not events: raise SystemExit("the profiler gave no memory events")
    now = peak = 0
    for _, change in sorted(events, key=lambda e: e[0]):
        now += change
        peak = max(peak, now)
    gc.collect()
    # The events must account for what the step left.
    left = live_bytes(torch) - before
    if abs(now - left) > max(4096, 0.01 * peak): raise SystemExit(f"events sum to {now}, but {left} bytes were left")
    print(name, before + peak, before)

def size(count):
    for unit, scale in (("MB", 1e6), ("KB", 1e3)):
        if count >= scale: return f"{count / scale:.2f} {unit}"
    return f"{count} B"

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; default: all")
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    ap.add_argument("--definitions", default=HERE.parent.parent / "shared" / "peers" / "torch_bench.py",
                    help="where torch_bench.py lies; default: %(default)s")
    ap.add_argument("--binary", default=HERE.parent / ".build" / "release" / "tributary")
    ap.add_argument("--of-torch", metavar="NAME", help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.of_torch: return of_torch(a.definitions, a.threads, a.of_torch)
    unknown = [n for n in a.names if n not in NAMES]
    if unknown: ap.error(f"no such workload: {', '.join(unknown)}")
    import peers
    exe, above = peers.python(), []
    def answer(name, command):
        found = [words for words in peers.lines(command, a.threads) if words[:1] == [name]]
        if not found: raise SystemExit(f"{' '.join(map(str, command))}: no line that begins with '{name}'")
        return found[0]
    print(f"{'workload':12s} {'ours':>12s} {'before':>12s} {'PyTorch':>12s} {'before':>12s} {'ratio':>7s}")
    for name in a.names or NAMES:
        ours, held = map(int, answer(name, [a.binary, "bench", name, "--memory", "--threads", a.threads])[2:4])
        theirs, their_held = map(int, answer(name, [exe, __file__, "--definitions", a.definitions, "--threads", a.threads,
                                                    "--of-torch", name])[1:3])
        if ours > theirs: above.append(name)
        print(f"{name:12s} {size(ours):>12s} {size(held):>12s} {size(theirs):>12s} {size(their_held):>12s} "
              f"{ours / theirs:7.3f}{'  above' if ours > theirs else ''}", flush=True)
    sys.exit(1 if above else 0)

main()
