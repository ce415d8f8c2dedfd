// Package filelock gives one process at a time exclusive use of a file, and
// with it of a folder.
//
// Where the file system supports it, the lock is a lock of the operating
// system, which ends with its process, however the process ends. Some parallel
// and network file systems have no locks. There a second file next to the
// first, PATH.owner, replaces the lock. It names the host, process and time of
// its creation. If the process was on this host and has ended, the file is
// taken over. If it was on another host, its state is unknown: the lock counts
// as held until the file is removed, and the error states this. The caller is
// notified when a file system has no locks, because a machine that is switched
// off leaves such a file behind.
package filelock
