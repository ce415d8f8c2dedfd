"""The light score network in PyTorch, written for this repo to pin values and
gradients, and timed as a peer. Run in nn/testdata, it writes
light_g8.* and light4_g8.* (seed 0).

Parameter names and layouts are those of nn/light.go. Inputs: the noisy field
scaled by c_in, the standardized measurement, and features of 1/4 ln sigma.
"""
import json
import math
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
GROUP, FEATURES = 8, 16


class GroupNorm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gamma = nn.Parameter(1 + 0.02 * torch.randn(c))
        self.beta = nn.Parameter(0.1 * torch.randn(c))

    def forward(self, x):
        return F.group_norm(x, x.shape[1] // GROUP, self.gamma, self.beta, 1e-5)


class Block(nn.Module):
    def __init__(self, c, e=0):
        super().__init__()
        self.norm1, self.conv1 = GroupNorm(c), nn.Conv2d(c, c, 3, padding=1)
        if e:
            self.modulate = nn.Conv2d(e, 2 * c, 1)
        else:
            self.norm2 = GroupNorm(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x, e=None):
        h = self.conv1(F.elu(self.norm1(x)))
        if e is None:
            h = self.norm2(h)
        else:
            scale, shift = self.modulate(e).chunk(2, 1)
            h = F.group_norm(h, h.shape[1] // GROUP, eps=1e-5) * (1 + scale) + shift
        return x + self.conv2(F.elu(h))


def tiles(x, t):
    """Space to depth: channel (i t + j) C + c of a tile is pixel (i, j)."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // t, t, w // t, t).permute(0, 3, 5, 1, 2, 4).reshape(n, t * t * c, h // t, w // t)


def untile(x, t):
    n, c, h, w = x.shape
    return x.reshape(n, t, t, c // (t * t), h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // (t * t), h * t, w * t)


def resize(x, like):
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=True)


class Light(nn.Module):
    def __init__(self, g, y_channels, tile, scales, early):
        super().__init__()
        self.tile, self.scales, self.early = tile, scales, early
        width = [2 * g] + [4 * g] * scales
        enc = nn.Module()
        enc.begin_conv = nn.Conv2d(tile * tile * y_channels, width[0], 3, padding=1)
        for i in range(scales + 1):
            level = nn.Module()
            if i > 0:
                level.down = nn.Conv2d(width[i - 1], width[i], 1)
            if i < scales:
                level.up = nn.Conv2d(width[i + 1], width[i], 1)
            level.add_module("0", Block(width[i]))
            level.add_module("1", Block(width[i]))
            enc.add_module(str(i), level)
        self.encoder = enc
        self.embed = nn.Module()
        self.embed.level = nn.Conv2d(FEATURES, 4 * g, 1)
        self.embed.level2 = nn.Conv2d(4 * g, 4 * g, 1)
        self.embed.y = nn.Conv2d(width[-1], 4 * g, 1)
        self.begin_conv = nn.Conv2d(1, g, 3, padding=1)
        self.full = nn.Module()
        if early:
            self.full.add_module("0", Block(g, 4 * g))
        self.full.add_module("1", Block(g, 4 * g))
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for i in range(scales):
            level = nn.Module()
            level.join = nn.Conv2d(tile * tile * (g if early else 1) if i == 0 else width[i - 1], width[i], 1)
            level.add_module("0", Block(width[i], 4 * g))
            self.down.append(level)
        self.bottom = Block(width[scales - 1], 4 * g)
        for i in range(scales - 1):
            level = nn.Module()
            level.join = nn.Conv2d(width[i + 1], width[i], 1)
            level.add_module("0", Block(width[i], 4 * g))
            level.add_module("1", Block(width[i], 4 * g))
            self.up.append(level)
        self.untile = nn.Conv2d(width[0], tile * tile * g, 1)
        self.normalizer = GroupNorm(g)
        self.end_conv = nn.Conv2d(g, 1, 3, padding=1)

    def encode(self, y):
        """The part that depends on the measurement alone."""
        features, h = [], self.encoder.begin_conv(tiles(y, self.tile))
        for i in range(self.scales + 1):
            block = getattr(self.encoder, str(i))
            if i > 0:
                h = block.down(F.avg_pool2d(h, 2))
            h = getattr(block, "1")(getattr(block, "0")(h))
            features.append(h)
        mean = h.mean((2, 3), keepdim=True)
        for i in reversed(range(self.scales)):
            up = getattr(self.encoder, str(i)).up
            features[i] = features[i] + resize(up(features[i + 1]), features[i])
        return features, mean

    def denoise(self, x, level, features, mean):
        """The part that runs at every noise level."""
        k = torch.arange(FEATURES, dtype=torch.get_default_dtype())
        e = torch.cos(math.pi * k * (level[:, None] + 1.55) / 3.1)[..., None, None]
        e = F.elu(self.embed.level(e))
        e = F.elu(self.embed.level2(e) + self.embed.y(mean))

        full, h = self.begin_conv(x), x
        if self.early:
            full = h = getattr(self.full, "0")(full, e)
        skips = []
        for i, d in enumerate(self.down):
            h = d.join(tiles(h, self.tile) if i == 0 else F.avg_pool2d(h, 2)) + features[i]
            h = getattr(d, "0")(h, e)
            skips.append(h)
        h = self.bottom(h, e)
        for i in reversed(range(self.scales - 1)):
            u = self.up[i]
            h = skips[i] + resize(u.join(h), skips[i])
            h = getattr(u, "1")(getattr(u, "0")(h, e), e)
        h = getattr(self.full, "1")(full + untile(self.untile(h), self.tile), e)
        return self.end_conv(F.elu(self.normalizer(h)))

    def forward(self, x, y, level):
        return self.denoise(x, level, *self.encode(y))


def write_tensors(path, tensors, metadata):
    """Writes float32 safetensors."""
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(tensors):
        raw = tensors[name].detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def reference(name, g, channels, tile, scales, early, variant, rows, cols):
    torch.manual_seed(0)
    net = Light(g, channels, tile, scales, early)
    with torch.no_grad():
        for p in net.parameters():  # what the file can hold
            p.copy_(p.float().double())
    sigma_data, mean, std = 0.25, [0.5, 0.4][:channels], [0.3, 0.15][:channels]
    n = 3
    x, y = torch.rand(n, 1, rows, cols), torch.rand(n, channels, rows, cols)
    z, sigma = torch.randn(n, 1, rows, cols), torch.tensor([0.02, 0.7, 20.0])
    s = sigma.view(-1, 1, 1, 1)
    root = torch.sqrt(s**2 + sigma_data**2)
    noisy = x + s * z
    standard = (y - torch.tensor(mean).view(1, -1, 1, 1)) / torch.tensor(std).view(1, -1, 1, 1)
    out = net(noisy / root, standard, torch.log(sigma) / 4)
    target = (x - sigma_data**2 / root**2 * noisy) * root / (s * sigma_data)
    loss = 0.5 * ((out - target) ** 2).sum((1, 2, 3)).mean()
    loss.backward()
    denoised = sigma_data**2 / root**2 * noisy + s * sigma_data / root * out
    score = (denoised - noisy) / s**2
    metadata = {
        "format": "csdm model 1",
        "architecture": json.dumps({"ngf": g, "y_channels": channels, "extra": 1, "pool": "max", "variant": variant}),
        "parameterization": json.dumps({"name": "preconditioned", "sigma_data": sigma_data, "y_mean": mean, "y_std": std}),
        "model": json.dumps({
            "problem": "reference", "rows": rows, "cols": cols,
            "normalization": {"x_min": 0, "x_max": 1, "y_min": 0, "y_max": 1},
            "schedule": {"sigma_1": 20, "sigma_l": 0.02, "levels": 12},
        }),
    }
    write_tensors(name + ".safetensors", dict(net.named_parameters()), metadata)
    write_tensors(name + ".grads.safetensors", {k: p.grad for k, p in net.named_parameters()}, {})
    np.savez(name + ".npz", x=x, y=y, z=z, sigma=sigma, score=score.detach(), loss=loss.detach())


if __name__ == "__main__":
    reference("light_g8", 8, 2, 2, 2, True, "light", 12, 20)
    reference("light4_g8", 8, 1, 4, 3, False, "light4", 32, 40)
