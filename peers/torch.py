"""Times the networks in PyTorch: training steps and forward passes of a batch,
and posterior draws by csdm's sampler. Standard input is an object with the
texts of light.py and refinenet.py."""
import json
import math
import sys
import time
import types

import torch

a = json.loads(sys.argv[1])
modules = {}
for name, text in json.load(sys.stdin).items():
    modules[name] = types.ModuleType(name)
    exec(text, modules[name].__dict__)
torch.set_default_dtype(torch.float32)
torch.set_num_threads(a["threads"])
torch.manual_seed(0)
n, size = a["batch"], a["size"]
x, y = torch.rand(n, 1, size, size), torch.rand(n, 1, size, size)
level = torch.rand(n)
target = torch.randn(n, 1, size, size)
LAYOUTS = torch.contiguous_format, torch.channels_last
SIGMA_DATA = 0.25


def timed(f):
    begin = time.perf_counter()
    f()
    return time.perf_counter() - begin


def median(f, runs=a["runs"]):
    f()
    return sorted(timed(f) for _ in range(runs))[runs // 2]


def light():
    return modules["light"].Light(a["ngf"], 1, 2, 2, True)


def network_times(build, evaluate):
    """The median seconds of a training step and of a forward pass, in the
    faster layout."""
    best = [math.inf, math.inf]
    for layout in LAYOUTS:
        net = build().to(memory_format=layout)
        adam = torch.optim.Adam(net.parameters(), 1e-4)

        def step():
            loss = ((evaluate(net) - target) ** 2).sum((1, 2, 3)).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()

        def forward():
            with torch.inference_mode():
                evaluate(net)

        best = [min(best[0], median(step)), min(best[1], median(forward))]
    return best


def schedule():
    """The noise levels, and the level of the corrections."""
    s = a["sampling"]
    ratio = (s["sigma_min"] / s["sigma_max"]) ** (1 / max(1, s["levels"] - 1))
    sigmas = [s["sigma_max"] * ratio**i for i in range(s["levels"])]
    if not s.get("corrections"):
        return sigmas, -1
    return sigmas, min(range(len(sigmas)), key=lambda i: abs(math.log(sigmas[i] / s["correct_at"])))


def sample(net, count, batch):
    """Posterior draws of one measurement by DPM-Solver++(2M), with corrections
    at one level (csdm's langevin/dpmpp2m.go), and their summary."""
    sigmas, correct_at = schedule()
    keep = a["sampling"].get("correct_keep", 0)
    with torch.inference_mode():
        encoded = net.encode(y[:1])

        def denoise(x, sigma):
            root = math.hypot(sigma, SIGMA_DATA)
            out = net.denoise(x / root, torch.tensor([math.log(sigma) / 4]), *encoded)
            return (SIGMA_DATA / root) ** 2 * x + sigma * SIGMA_DATA / root * out

        draws = []
        for begin in range(0, count, batch):
            x = sigmas[0] * torch.randn(min(batch, count - begin), 1, size, size)
            before, h_before = None, 0.0
            for i, sigma in enumerate(sigmas):
                if i == correct_at:
                    for _ in range(a["sampling"]["corrections"]):
                        d = denoise(x, sigma)
                        x = d + keep * (x - d) + math.sqrt(1 - keep**2) * sigma * torch.randn_like(x)
                denoised = denoise(x, sigma)
                if i == len(sigmas) - 1:
                    break
                h, decay = math.log(sigma / sigmas[i + 1]), sigmas[i + 1] / sigma
                d = denoised
                if i > 0 and i != correct_at:
                    d = d + h / (2 * h_before) * (denoised - before)
                x = decay * x + (1 - decay) * d
                before, h_before = denoised, h
            draws.append(denoised)
        draws = torch.cat(draws)
        return draws, draws.mean(0), draws.std(0), draws.quantile(torch.tensor([0.05, 0.5, 0.95]), 0)


def draws_time():
    """The seconds of all draws, with the layout and the size of batches that
    are fastest for a few."""
    best, count = (math.inf,), min(a["draws"], 64)
    for layout in LAYOUTS:
        net = light().to(memory_format=layout)
        for batch in (1, 2, 4, 8, 16, 32, 64):
            if batch <= count:
                best = min(best, (median(lambda: sample(net, count, batch), 1), batch, net), key=lambda b: b[0])
    return timed(lambda: sample(best[2], a["draws"], best[1]))


seconds = {}
if __name__ == "__main__":
    for name, build, evaluate in (
        ("light", light, lambda net: net(x, y, level)),
        ("RefineNet", lambda: modules["refinenet"].RefineNet(a["ngf"], 2), lambda net: net(torch.cat([x, y], 1))),
    ):
        seconds["training step, " + name], seconds["forward pass, " + name] = network_times(build, evaluate)
    seconds["draws, light"] = draws_time()
    print(json.dumps({"peer": "PyTorch " + torch.__version__, "seconds": seconds}))
