// Package disk makes all changes of the file system: it creates, writes, syncs,
// renames and removes every file of csdm. A test of the module
// (TestOnlyDiskWrites) checks that no other package does so by itself.
//
// In the ordinary build the package calls the os package and costs nothing. A
// build with the tag "faults" counts the operations of the process, and makes
// one of them fail as the environment specifies:
//
//	CSDM_FAULT="fail 7"   the 7th operation does nothing and returns EIO
//	CSDM_FAULT="short 7"  the 7th writes half of its bytes and returns ENOSPC
//	CSDM_FAULT="full 7"   from the 7th on nothing can be made or grow: ENOSPC
//	CSDM_FAULT="kill 7"   the process kills itself before the 7th
//	CSDM_FAULT="torn 7"   the 7th writes half of its bytes, then the process
//	                      kills itself
//	CSDM_FAULT_LOG=FILE   each operation is appended to FILE, a line each:
//	                      its name and its path
//
// For an operation that is not a write, "short" is the same as "fail" and
// "torn" the same as "kill". Package internal/faulttest tests all verbs in this
// way.
//
// Power failures are not simulated: data written by a killed process stays,
// even without Sync.
package disk
