// Package filelock gives one process at a time a file, and with it a folder.
//
// The lock is that of the operating system where the file system has one: it
// ends with its process, however that dies. Some parallel and network file
// systems have none. There a second file beside the first, PATH.owner, stands
// in for the lock. It names host, process and time of its maker. If that is a
// process of this host that has ended, the file is taken over. If it is of
// another host, nobody can tell: the lock counts as held until the file is
// removed, and the error says so. That a file system has no locks is told to
// the caller, because a machine that is switched off leaves such a file behind.
package filelock
