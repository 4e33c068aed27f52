package app

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"resumewatch/crawlers/fetch"
	"resumewatch/internal/evidence"
)

// capturer is who captures and with what. What can't be known is left out: that
// is a fact of the capture, not a reason to stop.
func capturer(o Options) evidence.Info {
	host, _ := os.Hostname()
	return evidence.Info{
		Software: "resumewatch/" + Version, Binary: ownDigest(), Host: host,
		Operator:  cmp.Or(o.Config.Evidence.Operator, o.Env("RESUMEWATCH_USER"), "system user "+osUser()),
		UserAgent: cmp.Or(o.Config.Fetch.UserAgent, fetch.DefaultUserAgent),
	}
}

// ownDigest is the SHA-256 of the program that runs; "" when it can't be read.
func ownDigest() string {
	f, err := os.Open("/proc/self/exe") // also of a program that was replaced since
	if err != nil {
		path, err := os.Executable()
		if err != nil {
			return ""
		}
		if f, err = os.Open(path); err != nil {
			return ""
		}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// clockTrust tells how far the clock of a capture can be trusted.
func clockTrust(o Options) func() evidence.Clock {
	if offset := o.Env("RESUMEWATCH_CLOCK_OFFSET"); offset != "" {
		return func() evidence.Clock { return evidence.Clock{Source: "shifted by " + offset + " for a test"} }
	}
	return evidence.SystemClock
}

// resolverName names the system's resolver by the servers that it asks.
func resolverName() string {
	f, err := os.Open("/etc/resolv.conf")
	if err != nil {
		return "system"
	}
	defer f.Close()
	var servers []string
	for s := bufio.NewScanner(io.LimitReader(f, 64<<10)); s.Scan(); {
		if fields := strings.Fields(s.Text()); len(fields) == 2 && fields[0] == "nameserver" {
			servers = append(servers, fields[1])
		}
	}
	if len(servers) == 0 {
		return "system"
	}
	return "system, nameserver " + strings.Join(servers, ", ")
}
