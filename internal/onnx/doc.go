// Package onnx writes networks in the ONNX format (Open Neural Network
// Exchange, https://onnx.ai), which ONNX Runtime and other programs run. It
// only writes: csdm reads networks from its own files.
//
//	graph.go   a graph in the making: inputs, constants, nodes, outputs
//	encode.go  its bytes as Protocol Buffers
//
// A Graph has the operators of opset 18. Images are (N, C, H, W), and the
// number of images N is open.
package onnx
