// Package external is the problem whose forward model is somebody else's
// program. The method needs only pairs (x, y); a small TOML file says what they
// are and which program makes them, and everything after that (train, sample,
// report) is as for any other problem. Wherever csdm takes --problem NAME it
// takes --problem FILE.toml.
//
// # The file
//
//	name = "membrane"            # letters, digits, - and _; not the name of a built-in problem
//	title = "Membrane with a stiff disc"     # may be left out, as all that is marked so
//	rows = 28                    # of x and of each channel of y; row 0 is the bottom edge
//	cols = 28
//	width = 1.0                  # of the rectangle that the grid covers, corners included
//	height = 1.0
//	length_unit = "cm"
//	images_per_simulation = 1    # may be left out
//
//	[x]
//	name = "stiffness"
//	unit = "kPa"
//	min = 1.0                    # every value of x lies between these
//	max = 8.0
//
//	[y]
//	name = "deflection"
//	unit = "mm"
//	channels = 1                 # may be left out
//	channel_names = ["at rest"]  # for figures, one a channel; may be left out
//
//	[noise]
//	law = "gaussian"             # or "truncated", at ±limit standard deviations, or "recorded": y holds its noise already
//	std = 0.01                   # in the unit of y
//	scale = 0.2                  # what noise in percent refers to: a typical largest |y|. --noise 5 then is 5 % of it
//
//	[program]
//	command = ["python3", "membrane.py"]     # started in the folder of this file
//	timeout = "1m"               # of one request, the start of the program included; may be left out
//	files = "npy"                # or "csv"; may be left out
//
//	[prior]                      # forward mode, see below
//	kind = "inclusion"           # priors.CircularInclusion
//	x = [0.2, 0.8]               # uniform on this interval; both ends equal: constant
//	y = [0.2, 0.8]
//	radius = [0.1, 0.2]
//	ratio = [2.0, 8.0]           # inside over outside
//	background = 1.0
//
// Without [prior] the program makes x as well as y (pair mode). With it csdm
// draws x and the program computes y (forward mode); the problem is then
// problems.Parametric, so that exact posteriors, calibration and csdm forward
// work too. Without [program] there are only the pairs of csdm data import.
//
// # The protocol
//
// Each thread of csdm starts the program once and keeps it. A request is one
// line of JSON on its standard input:
//
//	{"id": 0, "seed": 1, "index": 17, "x": "/tmp/csdm-exchange-12345/x.npy", "y": "/tmp/csdm-exchange-12345/y.npy"}
//
// In pair mode the program makes pair number index of that seed, a function of
// these two alone, and writes both files; in forward mode, where seed and index
// are left out, x is there and it writes y. It answers by one line of JSON on
// its standard output that repeats the id, once the files are whole:
//
//	{"id": 0}
//
// or, where it could not, {"id": 0, "error": "did not converge"}. x is (rows,
// cols) and y (channels, rows, cols), or (rows, cols) where there is one
// channel, float32 or float64, all values finite; as .csv y has a line a row,
// channel after channel. At the end of its input the program ends. What it
// prints to standard error is shown when it fails. It need use one thread only:
// csdm starts as many programs as it has threads. Lines that it prints to
// standard output before its first answer are skipped unless they begin with {,
// up to 64 KiB.
//
// A program in Python:
//
//	import json, sys, numpy
//	for line in sys.stdin:
//	    request = json.loads(line)
//	    numpy.save(request["y"], solve(numpy.load(request["x"])))
//	    print(json.dumps({"id": request["id"]}), flush=True)
//
// examples/fibres in the repository has one that runs, in a few lines of shell.
//
// # When the program fails
//
// A program that is silent for longer than the time-out is killed, with its
// children; one that ended, or answered what makes no sense, is ended; each of
// these is a *ProgramError that says so, with the last lines of its standard
// error, and the next request starts it again. dataset.Generate goes on with
// the others and keeps them. Up to a stated share of the pairs may fail so
// (--max-failed): they are recorded, and left out by all that reads the pairs.
// A signal or time limit that stops csdm ends the program, too: it is sent
// SIGTERM, with its children, and killed two seconds later. A program cannot
// make csdm take more memory than a pair needs: answers and files are read
// within limits.
//
// Two designs were weighed. The program could name the files it wrote in its
// answer; then csdm would have to check that they are where they may be, and
// remove them. That csdm names them is less to write on both sides.
package external
