package cli

import (
	"math"
	"testing"
	"testing/fstest"
)

// TestCPUQuota reads control groups as machines, containers and schedulers
// create them.
func TestCPUQuota(t *testing.T) {
	none := math.Inf(1)
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"no groups": {nil, none},
		"version 2, none": {map[string]string{"proc/self/cgroup": "0::/user.slice\n",
			"sys/fs/cgroup/user.slice/cpu.max": "max 100000\n"}, none},
		"version 2, half a core": {map[string]string{"proc/self/cgroup": "0::/job\n",
			"sys/fs/cgroup/job/cpu.max": "50000 100000\n"}, 0.5},
		"version 2, of the parent": {map[string]string{"proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/cpu.max":   "150000 100000\n",
			"sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}, 1.5},
		"version 2, container": {map[string]string{"proc/self/cgroup": "0::/../docker/12ab\n",
			"sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2},
		"version 1": {
			map[string]string{"proc/self/cgroup": "4:memory:/m\n3:cpu,cpuacct:/job\n0::/\n",
				"sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us":  "250000\n",
				"sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n"}, 2.5},
		"version 1, container": {map[string]string{"proc/self/cgroup": "1:cpu:/docker/12ab\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  "10000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 0.1},
		"version 1, none": {map[string]string{"proc/self/cgroup": "1:cpu:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, none},
		"version 2 beside 1": {
			map[string]string{"proc/self/cgroup": "1:name=systemd:/\n0::/job\n",
				"sys/fs/cgroup/unified/job/cpu.max": "150000 100000\n"}, 1.5},
		"negative period": {map[string]string{"proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/cpu.max": "50000 -1\n"}, none},
		"another controller": {map[string]string{"proc/self/cgroup": "1:cpuset:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":  "10000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, none},
		"not understood": {map[string]string{"proc/self/cgroup": "0::/\nnonsense\n",
			"sys/fs/cgroup/cpu.max": "0 0\n"}, none},
	} {
		root := fstest.MapFS{}
		for path, content := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(content)}
		}
		if got := cpuQuota(root); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestThreadsOfQuota checks that parts of a CPU count as one, and that a quota
// has an effect only if it is below the other limits.
func TestThreadsOfQuota(t *testing.T) {
	for _, c := range []struct {
		quota  float64
		env    map[string]string
		n      int
		reason string
	}{
		{0.5, nil, 1, "CPU quota of 0.5"},
		{1.2, nil, 2, "CPU quota of 1.2"},
		{2, map[string]string{"SLURM_CPUS_PER_TASK": "1"}, 1, "SLURM_CPUS_PER_TASK"},
		{0.5, map[string]string{"SLURM_CPUS_PER_TASK": "4"}, 1, "CPU quota of 0.5"},
		{64, nil, 8, "CPUs this process may use"},
		{math.Inf(1), map[string]string{"SLURM_CPUS_ON_NODE": "3"}, 3, "SLURM_CPUS_ON_NODE"},
		{math.Inf(1), map[string]string{"SLURM_CPUS_ON_NODE": "3", "SLURM_CPUS_PER_TASK": "4"}, 4,
			"SLURM_CPUS_PER_TASK"},
		{0.5, map[string]string{"GOMAXPROCS": "8"}, 8, "GOMAXPROCS"},
	} {
		n, reason, err := allowedThreads(8, c.quota, func(name string) string {
			return c.env[name]
		})
		if n != c.n || reason != c.reason || err != nil {
			t.Errorf("%+v: %d, %q, %v", c, n, reason, err)
		}
	}
}
