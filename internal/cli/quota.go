package cli

import (
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// CPUQuota returns the number of CPUs whose time this process may use: the
// smallest quota of its Linux control group and the groups that contain it. It
// may be less than one CPU. It is +Inf if there is no quota.
func CPUQuota() float64 { return cpuQuota(os.DirFS("/")) }

// cpuQuota reads the control groups of a file system as Linux shows them:
// version 2 (cpu.max: quota and period in µs, or "max") and version 1
// (cpu.cfs_quota_us and cpu.cfs_period_us, −1 for none). Missing or invalid
// files set no limit. In a container the path of the group may belong to the
// host, while the container's own group is the root that it sees. So cpuQuota
// reads all existing groups on the way to the root.
func cpuQuota(root fs.FS) float64 {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return math.Inf(1)
	}
	least := math.Inf(1)
	for line := range strings.Lines(string(groups)) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3) // number:controllers:path
		if len(part) != 3 {
			continue
		}
		var mounts []string
		switch controllers := strings.Split(part[1], ","); {
		case part[1] == "":
			mounts = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}
		case slices.Contains(controllers, "cpu"):
			mounts = []string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/" + part[1]}
		}
		for _, mount := range mounts {
			for group := path.Clean("/" + part[2]); ; group = path.Dir(group) {
				least = min(least, groupQuota(root, path.Join(mount, group)))
				if group == "/" {
					break
				}
			}
		}
	}
	return least
}

// groupQuota returns the quota of a control group's folder, or +Inf.
func groupQuota(root fs.FS, folder string) float64 {
	words := func(name string) []string {
		text, _ := fs.ReadFile(root, path.Join(folder, name)) // a missing file gives an empty text
		return strings.Fields(string(text))
	}
	limit := words("cpu.max")
	if len(limit) != 2 {
		limit = append(words("cpu.cfs_quota_us"), words("cpu.cfs_period_us")...)
	}
	if len(limit) != 2 {
		return math.Inf(1)
	}
	quota, err1 := strconv.ParseFloat(limit[0], 64)
	period, err2 := strconv.ParseFloat(limit[1], 64)
	if err1 != nil || err2 != nil || !(quota > 0) || !(period > 0) {
		return math.Inf(1)
	}
	return quota / period
}
