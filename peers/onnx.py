"""Times a forward pass of a batch in ONNX Runtime. Standard input is the
network."""
import json
import sys
import time

import numpy as np
import onnxruntime

a = json.loads(sys.argv[1])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = a["threads"]
net = onnxruntime.InferenceSession(sys.stdin.buffer.read(), options, providers=["CPUExecutionProvider"])
shape = (a["batch"], 1, a["size"], a["size"])
feed = {"x": np.ones(shape, np.float32), "y": np.ones(shape, np.float32), "sigma": np.ones(a["batch"], np.float32)}
seconds = []
for _ in range(a["runs"] + 1):
    begin = time.perf_counter()
    net.run(None, feed)
    seconds.append(time.perf_counter() - begin)
seconds = sorted(seconds[1:])
print(json.dumps({"peer": "ONNX Runtime " + onnxruntime.__version__, "seconds": {"forward pass, light": seconds[len(seconds) // 2]}}))
