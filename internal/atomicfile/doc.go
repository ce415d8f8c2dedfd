// Package atomicfile writes files that appear completely or not at all.
//
// A file is written under a temporary name next to its destination, synced to
// the disk, and renamed in one step; then the folder is synced. So a reader, or
// a run that resumes after a crash, finds the old file, the new file or none,
// but never a part of one. An existing file is refused without a race, unless
// the caller requests overwriting.
//
// A killed process can leave behind a hidden temporary file,
// ".NAME.RANDOM.tmp", which is never read. Sweep removes such files.
package atomicfile
