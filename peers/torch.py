"""Times the light network in PyTorch: a training step, a forward pass of a
batch, and the network's part of posterior draws. Standard input is light.py."""
import json
import sys
import time
import types

import torch

a = json.loads(sys.argv[1])
light = types.ModuleType("light")
exec(sys.stdin.read(), light.__dict__)
torch.set_default_dtype(torch.float32)
torch.set_num_threads(a["threads"])
torch.manual_seed(0)
n, size = a["batch"], a["size"]
x, y = torch.rand(n, 1, size, size), torch.rand(n, 1, size, size)
level = torch.rand(n)
target = torch.randn(n, 1, size, size)


def median(f):
    f()
    seconds = []
    for _ in range(a["runs"]):
        begin = time.perf_counter()
        f()
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds)[len(seconds) // 2]


def draws(net):
    """All evaluations of the draws of one measurement, in batches."""
    with torch.no_grad():
        for begin in range(0, a["draws"], n):
            k = min(n, a["draws"] - begin)
            state = x[:1].expand(k, 1, size, size)
            for _ in range(a["evaluations"]):
                state = state - 0.01 * net(state, y[:1], level[:1])


best = {}
for layout in (torch.contiguous_format, torch.channels_last):
    net = light.Light(a["ngf"], 1, 2, 2, True).to(memory_format=layout)
    adam = torch.optim.Adam(net.parameters(), 1e-4)

    def step():
        loss = ((net(x, y, level) - target) ** 2).sum((1, 2, 3)).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()

    def forward():
        with torch.no_grad():
            net(x, y, level)

    for name, f in (("training step", step), ("forward pass", forward), ("draws", lambda: draws(net))):
        best[name] = min(best.get(name, float("inf")), median(f))
print(json.dumps({"peer": "PyTorch " + torch.__version__, "seconds": best}))
