// Package faulttest holds what csdm promises when a disk fails or the process
// dies: nothing is lost, and the same command given again ends with the same
// arrays as if nothing had happened.
//
// Its tests build csdm with the tag "faults" (see internal/disk) and take each
// verb that writes through a small call. They count the operations of that
// call. Then each operation fails, writes only half, finds a full disk, or is
// the moment of a kill -9. The command must end with exit code 74 and name the
// cause, or be killed, or have lost nothing. The same command without a fault
// follows. It must end as the undisturbed call did, with the same files.
//
// In the ordinary test each verb has a few seconds, in which a fixed choice of
// its faults is tried. CSDM_FAULTS=5m gives each verb five minutes, and
// CSDM_FAULTS=all tries all of them; docs/reference/robustness.md has counts.
//
// The package holds tests only.
package faulttest
