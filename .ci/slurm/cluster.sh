#!/usr/bin/env bash
# A Slurm of two nodes on this machine, for tests. Needs root, slurmctld, slurmd and munged.
#
#   cluster.sh start FOLDER    writes the configuration into FOLDER and starts the daemons
#   cluster.sh stop FOLDER     ends the jobs and these daemons, and leaves the logs
#
# A node claims 16 cores and 64 GB whatever the machine has, so that scripts for real nodes fit on it.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '4,5s/^# *//p' "$0" >&2; exit 64; }
mkdir -p "$2"
folder=$(realpath "$2")
export SLURM_CONF=$folder/slurm.conf

configure() {
  local host; host=$(hostname -s)
  cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
MpiDefault=none
SwitchType=switch/none

# Neither systemd nor cgroups: processes are followed by their parents.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none

StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log

# Jobs start soon after they are submitted, and are remembered for the test to ask about.
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
MinJobAge=3600
KillWait=5
JobRequeue=1
ReturnToService=2

SlurmdParameters=config_overrides
NodeName=node[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[26818-26819] CPUs=16 RealMemory=64000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE
CONF
}

# Each daemon goes to the background by itself and leaves its number in a file.
start() {
  [ ! -e "$folder/slurmctld.pid" ] || { echo "a Slurm runs in $folder: stop it first" >&2; exit 73; }
  mkdir -p "$folder"/{state,spool.node1,spool.node2}
  chmod 755 "$folder"
  configure
  (umask 077; head -c 1024 /dev/urandom >"$folder/munge.key")
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --seed-file="$folder/munge.seed" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log"
  slurmctld
  slurmd -N node1
  slurmd -N node2
  for _ in $(seq 150); do
    [ "$(sinfo -hNt idle -o %N 2>/dev/null | wc -l)" = 2 ] && return
    sleep 0.2
  done
  echo "the nodes are not idle after 30 s:" >&2
  tail -n 5 "$folder"/*.log >&2
  stop
  exit 1
}

# A file may be older than the process that has its number now.
stop() {
  scancel -u root >/dev/null 2>&1 || true
  for _ in $(seq 50); do
    [ -n "$(squeue -h 2>/dev/null)" ] || break
    sleep 0.2
  done
  local daemon pid ending=()
  for daemon in slurmd.node1 slurmd.node2 slurmctld munged; do
    pid=$(cat "$folder/$daemon.pid" 2>/dev/null) || continue
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "${daemon%.node*}" ]; then
      kill "$pid"
      ending+=("$pid")
    fi
  done
  for pid in "${ending[@]}"; do
    timeout 20 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
  done
  rm -f "$folder"/*.pid
}

case $1 in
start) start ;;
stop) stop ;;
*) exit 64 ;;
esac
