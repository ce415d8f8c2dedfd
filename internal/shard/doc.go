// Package shard divides a computation whose items have indices, such as draws
// or measurements, over processes. Each process takes one shard and writes its
// part of the items into a folder that all share. No process needs to reach
// another one: the shard follows from two numbers, or from the variables of a
// scheduler.
//
//	shard.go      a shard, and the items that it has
//	scheduler.go  the shard of this process, from the environment
//	plan.go       the file that names the computation of a folder's parts
//	part.go       the parts in a folder, their gaps and overlaps
//	cases.go      items that have a file each, and refused ones
//	failed.go     the errors with which shards of a folder ended
//	status.go     what of a folder is done, running, missing and failed
package shard
