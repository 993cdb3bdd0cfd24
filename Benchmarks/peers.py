"""What the comparisons in this folder share: PyTorch in an environment of its own, and calls held to some cores."""
import os, pathlib, shutil, subprocess, sys, venv

ROOT = pathlib.Path(__file__).resolve().parent.parent

def python():
    """The interpreter of an environment that has PyTorch; made, and filled from PyPI (some GB), at the first use."""
    home = pathlib.Path(os.environ.get("TRIBUTARY_PEERS", "~/.cache/tributary-peers")).expanduser()
    exe = home / "bin" / "python"
    if not exe.exists(): venv.create(home, with_pip=True)
    if subprocess.run([exe, "-c", "import torch, numpy"], capture_output=True).returncode:
        print(f"installing torch into {home} …", file=sys.stderr)
        subprocess.run([exe, "-m", "pip", "install", "-q", "torch", "numpy"], check=True)
    return exe

def lines(command, threads):
    """What `command` prints, as lists of words, from a run held to the first `threads` cores."""
    pin = ["taskset", "-c", f"0-{threads - 1}"] if shutil.which("taskset") and threads <= os.cpu_count() else []
    env = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    run = subprocess.run([*pin, *map(str, command)], capture_output=True, text=True, env=env, timeout=900)
    if run.returncode: raise SystemExit(f"{' '.join(map(str, command))}: {run.stdout[-500:]}{run.stderr[-500:]}")
    return [line.split() for line in run.stdout.splitlines()]
