// Package dataset stores pairs (x, y) of an inverse problem, addressed by
// index.
//
// Pair i is a function of the problem, its options, the seed and i alone. So a
// dataset can be made in any order and by any number of threads, and can be
// interrupted at any moment. It can also be made in shards on several machines,
// which share a folder or are merged by copying files. On machines of one
// architecture the bytes are identical. y is stored without noise, so one
// dataset serves every noise level: the Source that trains a network draws new
// noise each time it fetches a pair.
//
// With Settings.Neighbors a Source also reduces the scatter of the
// training targets (Stabilize, stable.go). It replaces the drawn pair by an
// average over the training pairs with the nearest measurements, each weighted
// by its probability given the network's input.
//
// With Settings.Redraw a Source draws more than the noise at each use of a
// pair: everything that the problem can draw again without a forward solve
// (problems.Redrawable, redraw.go).
//
// # On disk
//
// A dataset is a folder:
//
//	dataset.json       the Manifest: problem, seed, number of pairs
//	x-00000.npy        float32 (B, H, W), fields of block 0, physical units
//	y-00000.npy        float32 (B, C, H, W), noise-free measurements,
//	                   physical units
//	block-00000.json   SHA-256 sums and statistics of the block, failed pairs
//	x-00001.npy …
//
// Blocks have BlockPairs pairs; the last block has the remaining ones. Every
// file is written completely or not at all, and the .json file of a block after
// its arrays. A block without the .json file is unfinished and is made again.
// Finished files are never replaced, and a folder made with other settings is
// refused. The JSON files end in a checksum of themselves.
//
// Where a simulation takes long, its pairs are stored at once, in
// block-00000.partial until the block is complete, so that even a killed
// process does not lose them. A call that is stopped stores all its pairs in
// the same way. A block in which some pairs fail is stored in this way too,
// until it is known whether the number of failures is accepted. Failed pairs
// keep their places (failed.go).
//
// # In use
//
//	err := dataset.Generate(ctx, dir, problem,
//		dataset.Settings{Pairs: 10_000, Threads: 2})
//	store, err := dataset.Open(dir)
//	source, err := dataset.NewSource(ctx, store, problem.Measurement(),
//		dataset.Settings{Threads: 2})
//
// Reading is random access into the files, safe for concurrent use, and needs
// memory for one pair per reader, however large the dataset is. (A Source with
// neighbors keeps up to 2 GiB of pairs.) The hashes of a block are checked when
// one of its pairs is first read; Verify checks all hashes. Export writes .npz;
// Import reads .npz and folders of .npy.
//
// # What a training sees
//
// The paper's training set is {(x_i, y_i)} with y_i = F(x_i; η_i), drawn once.
// Here only F(x_i) is stored, and η is drawn again at each use, so that the
// loss of Eq. 15 is estimated over the noise without a limit of the set's size.
// A sample of a training step is
//
//	x  = (x_i − x_min)/(x_max − x_min)
//	y  = (F(x_i) + η − y_min)/(y_max − y_min)
//	x̃  = x + σ z
//
// with i, η, z and σ functions of the seed, the step and the slot of the sample
// in its batch. The dataset gives x and y; package train draws σ and z.
//
// # Less scatter
//
// A network trained to predict x from (x̃, y, σ) learns E[x | x̃, y]. Its
// gradient has a variance that comes from the scatter of x about this
// expectation. Stabilize replaces x by an average over training pairs with the
// same expectation (Rao and Blackwell), which lowers the variance and changes
// no optimum.
//
// # Order of floating-point sums
//
// Moments are merged by pair within a block and by block, and parts of sums are
// added in a fixed order, whatever thread made them. This is why a dataset and
// its scaling have the same bits for any number of threads and any division
// into shards.
//
// # What is checked
//
// TestSameBytes makes one dataset by threads, shards and stopped calls and
// compares the files. TestFlippedDataset flips bits of every file. TestScaling
// compares with plain sums. TestStabilize compares the target with the
// posterior mean over all training pairs. TestMasks checks the distribution of
// hidden values. TestExportImport closes the circle through files.
package dataset
