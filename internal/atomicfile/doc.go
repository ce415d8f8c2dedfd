// Package atomicfile writes files that appear whole or not at all.
//
// A file is written under a temporary name beside its destination, synced to
// the disk, given its name in one step, and the folder is synced. A reader, or
// a run that goes on after a crash, therefore finds the old file, the new file
// or none, never half of one; and a name that is taken is refused without a
// race, unless overwriting was asked for.
//
// What a killed process can leave behind is a hidden temporary,
// ".NAME.RANDOM.tmp", which nothing reads; Sweep removes those.
package atomicfile
