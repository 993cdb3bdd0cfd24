#!/usr/bin/env python3
"""Times single convolutions, forward and backward, against PyTorch's.

    Benchmarks/Convolutions/compare.py [--threads N] [--rounds N] [--layout nchw|nhwc] [NAME ...]

The two run A B A B on the same cores in the same call; each time is a median of nine steps, each ratio the median
over the rounds. Below 1 ours is faster. --layout nhwc gives PyTorch channels-last operands. The program
`convolutions` is built first. Exit status: 0 when every ratio of forward and backward together is at most 1.
"""
import argparse, os, pathlib, statistics, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
FORMS = {  # name: KIND:BATCH,CHANNELS,FILTERS:GROUPS:SIZE:KERNEL:STRIDE:PADDING
    "3x3 64":          "conv2d:32,64,64:1:32x32:3x3:1:1",
    "3x3 256":         "conv2d:8,256,256:1:14x14:3x3:1:1",
    "3x3 stride 2":    "conv2d:32,64,128:1:32x32:3x3:2:1",
    "1x1":             "conv2d:8,256,64:1:56x56:1x1:1:0",
    "1x1 wide":        "conv2d:8,64,256:1:56x56:1x1:1:0",
    "7x7 stride 2":    "conv2d:8,3,64:1:224x224:7x7:2:3",
    "depthwise 3x3":   "conv2d:16,128,128:128:56x56:3x3:1:1",
    "depthwise s2":    "conv2d:16,128,128:128:56x56:3x3:2:1",
    "depthwise 7x7":   "conv2d:8,96,96:96:56x56:7x7:1:3",
    "depthwise 14":    "conv2d:16,512,512:512:14x14:3x3:1:1",
    "32 groups":       "conv2d:16,128,128:32:28x28:3x3:1:1",
    "conv1d":          "conv1d:16,64,64:1:4096:9:1:4",
    "conv1d strided":  "conv1d:16,1,64:1:16000:80:4:38",
    "conv3d":          "conv3d:4,16,32:1:16x28x28:3x3x3:1:1",
    "transposed 4x4":  "convT2d:8,64,32:1:28x28:4x4:2:1",
    "transposed 2x2":  "convT2d:8,128,64:1:28x28:2x2:2:0",
}

def of_torch(threads, rounds, layout, forms):
    import torch, torch.nn.functional as F
    torch.set_num_threads(threads)
    for text in forms:
        kind, counts, groups, size, kernel, stride, padding = text.split(":")
        batch, channels, filters = map(int, counts.split(","))
        groups, stride, padding = int(groups), int(stride), int(padding)
        size, kernel = [int(n) for n in size.split("x")], [int(n) for n in kernel.split("x")]
        rows = [channels, filters // groups] if kind == "convT2d" else [filters, channels // groups]
        x, w, b = torch.randn(batch, channels, *size), torch.randn(*rows, *kernel), torch.randn(filters)
        if layout == "nhwc" and len(size) == 2:
            x, w = (t.to(memory_format=torch.channels_last) for t in (x, w))
        for t in (x, w, b): t.requires_grad_()
        run = {"conv1d": F.conv1d, "conv2d": F.conv2d, "conv3d": F.conv3d, "convT2d": F.conv_transpose2d}[kind]
        ahead, back, seed = [], [], None
        for step in range(rounds + 2):
            for t in (x, w, b): t.grad = None
            begun = time.perf_counter(); y = run(x, w, b, stride=stride, padding=padding, groups=groups)
            done = time.perf_counter()
            if seed is None: seed = torch.randn_like(y)
            middle = time.perf_counter(); y.backward(seed); end = time.perf_counter()
            if step >= 2: ahead.append(done - begun); back.append(end - middle)
        print(text, statistics.median(ahead) * 1e3, statistics.median(back) * 1e3, flush=True)

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FORMS)}; default: all")
    ap.add_argument("--threads", type=int, default=os.cpu_count())
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
    ap.add_argument("--of-torch", nargs="+", metavar="FORM", help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.of_torch: return of_torch(a.threads, 9, a.layout, a.of_torch)
    unknown = [n for n in a.names if n not in FORMS]
    if unknown: ap.error(f"no such form: {', '.join(unknown)}")
    sys.path.insert(0, str(HERE.parent))
    import peers
    exe, forms, over = peers.python(), {n: FORMS[n] for n in a.names or FORMS}, []
    subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "convolutions"],
                   cwd=peers.ROOT, check=True, stdout=sys.stderr)
    rounds = []
    for _ in range(a.rounds):
        pair = []
        for command in ([peers.ROOT / ".build" / "release" / "convolutions", a.threads, 9, *forms.values()],
                        [exe, __file__, "--threads", a.threads, "--layout", a.layout, "--of-torch", *forms.values()]):
            pair.append({words[0]: (float(words[1]), float(words[2])) for words in peers.lines(command, a.threads)})
        rounds.append(pair)
    print(f"{'':15s} {'forward ms':>19s} {'backward ms':>21s} {'forward':>8s} {'backward':>8s} {'both':>6s}")
    for name, form in forms.items():
        def middle(side, part): return statistics.median(r[side][form][part] for r in rounds)
        def ratio(of): return statistics.median(of(r[0][form]) / of(r[1][form]) for r in rounds)
        both = ratio(sum)
        if both > 1: over.append(name)
        print(f"{name:15s} {middle(0, 0):9.3f} {middle(1, 0):9.3f}  {middle(0, 1):9.3f} {middle(1, 1):9.3f}  "
              f"{ratio(lambda t: t[0]):8.2f} {ratio(lambda t: t[1]):8.2f} {both:6.2f}{'  over' if both > 1 else ''}",
              flush=True)
    sys.exit(1 if over else 0)

main()
