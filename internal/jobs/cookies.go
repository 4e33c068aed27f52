package jobs

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// sessions keeps the cookies of sources whose account a person signed in: read
// once from the file that the person exported, then carried on in memory.
type sessions struct {
	mu   sync.Mutex
	jars map[string]*session // by file
}

type session struct {
	jar http.CookieJar
	at  time.Time // of the file
}

// jar is the jar of a file of cookies, read again when the file has changed.
func (s *sessions) jar(path string) (http.CookieJar, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("session cookies: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.jars[path]; ok && have.at.Equal(info.ModTime()) {
		return have.jar, nil
	}
	jar, err := readCookies(path)
	if err != nil {
		return nil, err
	}
	if s.jars == nil {
		s.jars = map[string]*session{}
	}
	s.jars[path] = &session{jar, info.ModTime()}
	return jar, nil
}

// readCookies reads the Netscape format that browsers' exporters and curl write:
// domain, subdomains, path, secure, expiry, name and value, apart by tabs;
// "#HttpOnly_" before the domain is no comment.
func readCookies(path string) (http.CookieJar, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("session cookies: %w", err)
	}
	defer f.Close()
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, fmt.Errorf("session cookies: %w", err)
	}
	lines := bufio.NewScanner(f)
	for no := 1; lines.Scan(); no++ {
		line := strings.TrimPrefix(lines.Text(), "#HttpOnly_")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.Split(line, "\t")
		if len(part) != 7 {
			return nil, fmt.Errorf("session cookies %s:%d: want 7 fields apart by tabs (the format that browsers export as cookies.txt)", path, no)
		}
		expires, err := strconv.ParseInt(part[4], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("session cookies %s:%d: the fifth field is no time", path, no)
		}
		host := strings.TrimPrefix(part[0], ".")
		c := &http.Cookie{Name: part[5], Value: part[6], Path: part[2], Secure: part[3] == "TRUE"}
		if part[1] == "TRUE" && host != "localhost" && strings.Contains(host, ".") {
			c.Domain = host
		}
		if expires > 0 {
			c.Expires = time.Unix(expires, 0)
		}
		scheme := "http"
		if c.Secure {
			scheme = "https"
		}
		jar.SetCookies(&url.URL{Scheme: scheme, Host: host, Path: c.Path}, []*http.Cookie{c})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("session cookies %s: %w", path, err)
	}
	return jar, nil
}
