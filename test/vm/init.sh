#!/bin/sh
# PID 1 of the virtual machine of `npm run test:cgroup2`: mounts, modules, the test, power off.
# $1 the project, $2 the folder with the kernel's modules, $3 node
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp.vm 2>/dev/null || { mkdir -p /tmp.vm; mount -t tmpfs tmpfs /tmp.vm; }
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
while read -r module; do insmod "$module"; done < "$2/later-modules"
ip link set lo up
cd "$1" || echo "vm: no $1"
unset NODE_EXTRA_CA_CERTS
BERTH_DATA_ROOT=/tmp.vm/data BERTH_RUN_ROOT=/run/berth NO_COLOR=1 "$3" test/vm/cgroup2.mjs
echo o > /proc/sysrq-trigger
sleep 60
