//go:build unix

package main

import "syscall"

// noCore keeps the kernel from writing this process's memory to a disk when it dies:
// texts of posts and keys are in it. A system that hands cores to a program of its own
// (systemd-coredump) is told the same by LimitCORE=0 of our units.
func noCore() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // to less is always allowed
}
