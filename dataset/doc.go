// Package dataset stores pairs (x, y) of an inverse problem, addressed by
// index.
//
// Pair i is a function of the problem, its options, the seed and i alone. A
// dataset can therefore be made in any order, by any number of threads, in
// shards on several machines that share a folder or are merged by copying
// files, and interrupted at any moment: on machines of one architecture the
// same bytes come out. y is stored without noise, so that one dataset serves
// every noise level; the Source that trains a network draws the noise anew each
// time it fetches a pair.
//
// With SourceSettings.Neighbours a Source also takes scatter out of what it
// asks of the network (Stabilize, stable.go): of all pairs trained on, those
// whose measurements are nearest stand in for the one that was drawn, each with
// its probability given what the network sees.
//
// # On disk
//
// A dataset is a folder:
//
//	dataset.json         the Manifest: problem, seed, number of pairs, pairs per block
//	x-00000.npy          float32 (B, H, W), fields of block 0 in physical units
//	y-00000.npy          float32 (B, C, H, W), noise-free measurements in physical units
//	block-00000.json     the block's SHA-256 sums, its part of the statistics, and which pairs failed
//	x-00001.npy …
//
// Blocks have BlockPairs pairs, the last one what is left. Every file appears
// whole or not at all, the .json of a block after its arrays: a block without
// it is unfinished and made again. Nothing that is finished is ever replaced,
// and a folder made with other settings is refused. Where a simulation takes
// long, its pairs are kept at once, in block-00000.partial until the block is
// whole, so that not even a killed process costs them. A call that is stopped
// keeps all that it made so. So are all pairs of a block that others fail in,
// until it is known whether no more fail than are accepted. Failed pairs keep
// their places (failed.go). The JSON files end in a checksum of themselves.
//
// # In use
//
//	err := dataset.Generate(ctx, dir, problem, dataset.Settings{Pairs: 10_000, Threads: 2})
//	store, err := dataset.Open(dir)
//	source, err := dataset.NewSource(ctx, store, problem.Measurement(), dataset.SourceSettings{Threads: 2})
//
// Reading is random access into the files, safe for concurrent use, and takes
// memory for one pair a reader (a Source with neighbours keeps up to 2 GiB of
// pairs), however large the dataset. The hashes of a block are checked when a
// pair of it is first read, and those of all by Verify; Export writes .npz,
// Import reads it and folders of .npy.
package dataset
