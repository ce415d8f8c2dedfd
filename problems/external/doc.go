// Package external defines problems whose forward model is a separate program.
// The method needs only pairs (x, y). A small TOML file describes the pairs and
// names the program that makes them. Everything else (train, sample, report) is
// the same as for any other problem. Wherever csdm accepts --problem NAME, it
// accepts --problem FILE.toml.
//
// # The file
//
//	name = "membrane"            # letters, digits, - and _; not a built-in
//	title = "Membrane with a stiff disc"    # optional
//	rows = 28                    # of x, and of y without its own; row 0 is
//	                             # the bottom edge
//	cols = 28
//	width = 1.0                  # of the rectangle that the grid covers,
//	                             # corners included
//	height = 1.0
//	length_unit = "cm"
//	images_per_simulation = 1    # optional
//
//	[x]
//	name = "stiffness"
//	unit = "kPa"
//	min = 1.0                    # every value of x lies between these
//	max = 8.0
//
//	[y]                          # several fields: see below
//	name = "deflection"
//	unit = "mm"
//	channels = 1                 # optional
//	channel_names = ["at rest"]  # for figures, one per channel; optional
//	rows = 14                    # points of a grid of y's own over the same
//	cols = 14                    # rectangle, at most as many as x; optional
//
//	[noise]
//	distribution = "gaussian"    # or "truncated" at ±limit deviations, or
//	                             # "recorded": y already holds its noise
//	std = 0.01                   # in the unit of y
//	scale = 0.2                  # 100 % noise: a typical largest |y|;
//	                             # --noise 5 is then 5 % of it
//
//	[program]
//	command = ["python3", "membrane.py"]   # started in this file's folder
//	timeout = "1m"               # for one request, including the start of the
//	                             # program; optional
//	files = "npy"                # or "csv"; optional
//
//	[prior]                      # forward mode, see below
//	kind = "inclusion"           # priors.CircularInclusion
//	x = [0.2, 0.8]               # uniform on this interval, constant if the
//	                             # ends are equal
//	y = [0.2, 0.8]
//	radius = [0.1, 0.2]
//	ratio = [2.0, 8.0]           # inside over outside
//	background = 1.0
//
// An x with several fields, such as stiffness and density, has a section
// [[fields]] for each, with the keys of [x], instead of [x]. Arrays of x then
// have the shape (fields, rows, cols), in that order. Each field is normalized
// by its own mean and deviation.
//
// A section [request], with the keys of [program], names a program that
// computes y from a given x in pair mode. With it, csdm forward and the misfit
// of draws work, also for imported pairs. It may name the same program as
// [program].
//
// Without [prior] the program makes x and y (pair mode). With [prior], csdm
// draws x and the program computes y (forward mode). The problem is then
// problems.Parametric, so exact posteriors, calibration and csdm forward also
// work. Without [program] the only pairs are those from csdm data import.
//
// # The protocol
//
// Each thread of csdm starts the program once and keeps it. A request is one
// line of JSON on its standard input:
//
//	{"id": 0, "seed": 1, "index": 17, "x": "/tmp/csdm-exchange-12345/x.npy",
//	 "y": "/tmp/csdm-exchange-12345/y.npy"}
//
// (broken here for width).
//
// In pair mode the program makes pair number index of that seed, as a function
// of these two alone, and writes both files. In forward mode seed and index are
// left out, the file of x exists, and the program writes y. So it is for
// [request]. When the files are complete, the program answers with one line of
// JSON on its standard output that repeats the id:
//
//	{"id": 0}
//
// or, if it fails, {"id": 0, "error": "did not converge"}. x has shape (rows,
// cols). y has shape (channels, rows, cols) of its grid, or (rows, cols) if
// there is one channel. Both are float32 or float64, and all values are finite.
// As .csv, y has one line per row, channel after channel. At the end of its
// input the program ends. csdm shows the program's standard error when it
// fails. The program needs only one thread: csdm starts one program per thread.
// Before the first answer, csdm skips lines on standard output that do not
// begin with {, up to 64 KiB.
//
// A program in Python:
//
//	import json, sys, numpy
//	for line in sys.stdin:
//	    request = json.loads(line)
//	    numpy.save(request["y"], solve(numpy.load(request["x"])))
//	    print(json.dumps({"id": request["id"]}), flush=True)
//
// The folder examples/fibres of the repository has a complete one, in a few
// lines of shell.
//
// # When the program fails
//
// A program that is silent for longer than the timeout is killed together with
// its children. A program that exits early, or whose answer is not valid, is
// ended. In each case the request fails with a *ProgramError that states the
// cause and has the last lines of the program's standard error, and the next
// request starts the program again. dataset.Generate continues with the other
// pairs and keeps them. A given percentage of the pairs may fail in this way
// (--max-failed); failed pairs are recorded, and all readers of the pairs leave
// them out. A signal or time limit that stops csdm also ends the program: csdm
// sends SIGTERM to it and its children, and kills them two seconds later. A
// program cannot make csdm use more memory than a pair needs, because answers
// and files are read within limits.
//
// csdm names the files, and not the program in its answer. Otherwise csdm would
// have to check that the files are in an allowed place, and remove them.
package external
