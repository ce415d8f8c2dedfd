// Package peers times programs that do the same work as csdm, where they are
// installed: PyTorch, ONNX Runtime and FEniCS.
//
//	peers.go      Run: csdm and its peers in turn, medians, ratios
//	script.go     the programs, and how each is run
//	light.py      the light network in PyTorch, with names as csdm's
//	refinenet.py  the RefineNet in PyTorch, likewise
//	torch.py      times both networks, and posterior draws, in PyTorch
//	onnx.py       times the light network in ONNX Runtime for Python
//	onnx.js       times it in ONNX Runtime for Node.js
//	fenics.py     times a plane-stress solve in FEniCS
//
// Times of one machine at different hours are not comparable. So each round
// times csdm and then every peer, and a figure is the median over the rounds.
package peers
