// Times a forward pass of a batch in ONNX Runtime. Standard input is the network.
const fs = require('fs')
const ort = require('onnxruntime-node')
const a = JSON.parse(process.argv[process.argv.length - 1])

async function main() {
  const net = await ort.InferenceSession.create(fs.readFileSync(0), {intraOpNumThreads: a.threads})
  const image = () => new ort.Tensor('float32', new Float32Array(a.batch * a.size * a.size).fill(1),
    [a.batch, 1, a.size, a.size])
  const feed = {x: image(), y: image(),
    sigma: new ort.Tensor('float32', new Float32Array(a.batch).fill(1), [a.batch])}
  const seconds = []
  for (let k = 0; k <= a.runs; k++) {
    const begin = performance.now()
    await net.run(feed)
    if (k > 0) seconds.push((performance.now() - begin) / 1000)
  }
  seconds.sort((p, q) => p - q)
  const version = require('onnxruntime-node/package.json').version
  console.log(JSON.stringify({peer: 'ONNX Runtime ' + version,
    seconds: {'forward pass, light': seconds[seconds.length >> 1]}}))
}
main()
