package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseSize reads a number of bytes such as "1GB" (powers of ten), "100MiB" or
// a plain number.
func ParseSize(s string) (int64, error) {
	units := []struct {
		name string
		n    float64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n > 0) || n*u.n > 1e15 {
			break
		}
		return int64(n * u.n), nil
	}
	return 0, fmt.Errorf("size %q: want a number of bytes such as 100MB or 1GB", s)
}
