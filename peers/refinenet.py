"""The RefineNet of csdm (variant base) in PyTorch, written for this repo and
timed as a peer.

Parameter names and layouts are those of nn/refinenet.go. The input is the noisy
field and the measurement as channels of one image.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

# Blocks of the encoder, width in units of g, halving or dilating, dilation,
# block of the decoder, and its width.
LEVELS = [
    ("res1", 1, False, 1, "refine4", 1),
    ("res2", 2, True, 1, "refine3", 1),
    ("res3", 2, True, 2, "refine2", 2),
    ("res4", 2, True, 4, "refine1", 2),
]


def conv(c, out, k=3, dilation=1, bias=True):
    return nn.Conv2d(c, out, k, padding=k // 2 * dilation, dilation=dilation, bias=bias)


class Named(nn.Module):
    """A module with parts of the given names."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)


class NormELU(nn.Module):
    """ELU(gamma (x normalized + alpha z) + beta): InstanceNorm++, where z is the
    mean of a channel, normalized over the channels."""

    def __init__(self, c):
        super().__init__()
        self.gamma, self.alpha = nn.Parameter(torch.ones(c)), nn.Parameter(torch.ones(c))
        self.beta = nn.Parameter(torch.zeros(c))

    def forward(self, x):
        means = x.mean((2, 3))
        variance, mean = torch.var_mean(means, 1, keepdim=True)
        shift = self.alpha * (means - mean) * torch.rsqrt(variance + 1e-5)
        return F.elu(F.instance_norm(x, weight=self.gamma, bias=self.beta) + (self.gamma * shift)[..., None, None])


class ResidualBlock(nn.Module):
    def __init__(self, c, out, down, dilation):
        super().__init__()
        middle = c if down else out
        self.pool = down and dilation == 1
        self.normalize1, self.conv1 = NormELU(c), conv(c, middle, dilation=dilation)
        self.normalize2 = NormELU(middle)
        if self.pool:
            self.conv2 = Named(conv=conv(middle, out))
            self.shortcut = Named(conv=conv(c, out, 1))
        else:
            self.conv2 = conv(middle, out, dilation=dilation)
            if down:
                self.shortcut = conv(c, out, dilation=dilation)
            elif c != out:
                self.shortcut = conv(c, out, 1)
            else:
                self.shortcut = nn.Identity()

    def forward(self, x):
        h = self.normalize2(self.conv1(self.normalize1(x)))
        if self.pool:
            return F.avg_pool2d(self.conv2.conv(h), 2) + self.shortcut.conv(F.avg_pool2d(x, 2))
        return self.conv2(h) + self.shortcut(x)


class ResidualUnits(nn.Module):
    """Units x + conv(ELU(conv(ELU x)))."""

    def __init__(self, c, units):
        super().__init__()
        self.units = units
        for unit in range(1, units + 1):
            for stage in (1, 2):
                self.add_module(f"{unit}_{stage}_conv", conv(c, c, bias=False))

    def forward(self, x):
        for unit in range(1, self.units + 1):
            h = getattr(self, f"{unit}_1_conv")(F.elu(x))
            x = x + getattr(self, f"{unit}_2_conv")(F.elu(h))
        return x


class RefineBlock(nn.Module):
    def __init__(self, inputs, c, last, pool):
        super().__init__()
        self.pool = pool
        self.adapt_convs = nn.ModuleList(ResidualUnits(i, 2) for i in inputs)
        if len(inputs) > 1:
            self.msf = Named(convs=nn.ModuleList(conv(i, c) for i in inputs))
        self.crp = Named(convs=nn.ModuleList(conv(c, c, bias=False) for _ in range(2)))
        self.output_convs = ResidualUnits(c, 3 if last else 1)

    def fuse(self, inputs):
        size, h = inputs[0].shape[2:], 0
        for convolve, x in zip(self.msf.convs, inputs):
            y = convolve(x)
            if y.shape[2:] != size:
                y = F.interpolate(y, size=size, mode="bilinear", align_corners=True)
            h = h + y
        return h

    def forward(self, *inputs):
        adapted = [adapt(x) for adapt, x in zip(self.adapt_convs, inputs)]
        h = F.elu(adapted[0] if len(adapted) == 1 else self.fuse(adapted))
        path = h
        for convolve in self.crp.convs:
            path = convolve(F.max_pool2d(path, 5, 1, 2) if self.pool == "max" else F.avg_pool2d(path, 5, 1, 2))
            h = h + path
        return self.output_convs(h)


class RefineNet(nn.Module):
    def __init__(self, g, inputs, pool="max"):
        super().__init__()
        self.begin_conv = conv(inputs, g)
        c, below = g, None
        for name, width, down, dilation, _, _ in LEVELS:
            blocks = ResidualBlock(c, width * g, down, dilation), ResidualBlock(width * g, width * g, False, dilation)
            self.add_module(name, nn.ModuleList(blocks))
            c = width * g
        for name, width, _, _, decoder, refined in reversed(LEVELS):
            into = [width * g] if below is None else [width * g, below]
            self.add_module(decoder, RefineBlock(into, refined * g, name == LEVELS[0][0], pool))
            below = refined * g
        self.normalizer, self.end_conv = NormELU(g), conv(g, 1)

    def forward(self, x):
        h, left = self.begin_conv(x), []
        for name, *_ in LEVELS:
            for block in getattr(self, name):
                h = block(h)
            left.append(h)
        h = None
        for (*_, decoder, _), x in zip(reversed(LEVELS), reversed(left)):
            refine = getattr(self, decoder)
            h = refine(x) if h is None else refine(x, h)
        return self.end_conv(self.normalizer(h))
