//go:build linux || darwin

package spool

import "golang.org/x/sys/unix"

// free is how many bytes this user may still write to the disk of a folder.
func free(dir string) (int64, bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, false
	}
	size := uint64(max(st.Bsize, 1))
	return int64(min(st.Bavail, 1<<50/size) * size), true
}
