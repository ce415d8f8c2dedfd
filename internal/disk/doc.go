// Package disk is how csdm changes the file system: every file that it
// creates, writes, syncs, renames or removes goes through here. A test of the
// module (TestOnlyDiskWrites) holds that no other package does so by itself.
//
// In the ordinary build the package is the os package under another name and
// costs nothing. A build with the tag "faults" counts the operations of the
// process, and makes one of them go wrong as the environment asks:
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
// "short" and "torn" are "fail" and "kill" where the operation is no write.
// internal/faulttest goes through all verbs with this.
//
// What is not simulated is a power failure: what a killed process has written
// stays, also without Sync.
package disk
