# Makes the files beside it with NumPy 1.24: python3 make.py
import json
import struct

import numpy as np

a = (np.arange(24).reshape(2, 3, 4) - 7) * 0.25
np.save("f8.npy", a)
np.save("f4_fortran.npy", np.asfortranarray(a.astype("f4")))
np.save("f8_big.npy", a.astype(">f8"))
np.save("i4_big.npy", np.arange(-3, 3).astype(">i4"))
np.save("i8.npy", np.array([-(2**40), 5]))
np.save("u1.npy", np.array([[0, 255], [7, 8]], "u1"))
np.save("b1.npy", np.array([True, False, True]))
np.save("scalar.npy", np.array(2.5))
np.save("empty.npy", np.zeros((0, 3)))
for v in (2, 3):
    with open(f"v{v}.npy", "wb") as f:
        np.lib.format.write_array(f, a.astype("f4"), version=(v, 0))
np.savez("stored.npz", x=a, y=a.astype("f4")[0], n=np.array([3]))
np.savez_compressed("deflated.npz", x=a, zeros=np.zeros((50, 50), "f4"))

# A .safetensors file as other writers lay it out: keys in no order, no padding, half precision, an empty tensor.
half = np.array([1.0, -2.5, 65504.0, 2.0**-24, 0.1, np.inf], "f2")
brain = (np.array([1.0, -2.5, 3e38], "f4").view("u4") >> 16).astype("u2")
parts = [
    ("w", "F32", [2, 3], np.arange(6, dtype="f4").tobytes()),
    ("none", "F64", [0, 4], b""),
    ("half", "F16", [6], half.tobytes()),
    ("brain", "BF16", [3], brain.tobytes()),
    ("step", "I64", [], np.int64(7).tobytes()),
]
header, data = {"__metadata__": {"ngf": "4", "note": "σ"}}, b""
for name, kind, shape, raw in parts:
    header[name] = {"shape": shape, "dtype": kind, "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(dict(reversed(header.items()))).encode()
with open("foreign.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
