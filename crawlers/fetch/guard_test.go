package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"code.dny.dev/ssrf"
	"github.com/google/go-cmp/cmp"

	"resumewatch/internal/market"
)

func TestGuardJudgesAddresses(t *testing.T) {
	g := ssrf.New(ssrf.WithAnyPort())
	check := func(ip string, named, literal bool) error {
		network := "tcp4"
		if strings.Contains(ip, ":") {
			network = "tcp6"
		}
		return checkAddress(g, network, net.JoinHostPort(ip, "8080"), named, literal)
	}
	private := []string{"127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fc00::1", "fd12::1"}
	never := []string{
		"0.0.0.0", "169.254.169.254", "169.254.0.1", "224.0.0.1", "239.1.2.3", "255.255.255.255", "240.0.0.1", "192.0.0.8", "198.18.0.1",
		"192.0.2.1", "198.51.100.7", "203.0.113.9", "::", "fe80::1", "fe80::1%eth0", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "2001::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fec0::1",
	}
	for _, ip := range append(private, never...) {
		if err := check(ip, false, false); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want a refusal", ip, err)
		}
	}
	for _, ip := range private {
		if err := check(ip, true, false); err != nil {
			t.Errorf("%s behind a name that is excepted: %v", ip, err)
		}
	}
	for _, ip := range never {
		if err := check(ip, true, false); !errors.Is(err, ErrRefused) {
			t.Errorf("%s behind a name that is excepted: %v, want a refusal", ip, err)
		}
	}
	for _, ip := range []string{"8.8.8.8", "114.114.114.114", "2400:3200::1", "1.2.4.8"} {
		if err := check(ip, false, false); err != nil {
			t.Errorf("%s: %v", ip, err)
		}
	}
	if err := checkAddress(g, "tcp4", "nonsense", true, true); !errors.Is(err, ErrRefused) {
		t.Errorf("nonsense: %v", err)
	}
}

func TestRefusalHappensInTheDialer(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") })
	_, port, _ := net.SplitHostPort(addr(s))
	known := names{
		"rebound.example.com":  {"127.0.0.1"},
		"metadata.example.com": {"169.254.169.254"},
		"mapped.example.com":   {"::ffff:10.0.0.1"},
		"both.example.com":     {"10.0.0.1", "192.168.0.1"},
	}
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "169.254.169.254",
		"[64:ff9b::a9fe:a9fe]", "10.0.0.1", "100.64.0.1", "rebound.example.com", "metadata.example.com", "mapped.example.com", "both.example.com",
	} {
		r := newRig(t, func(o *Options) {
			o.Resolver = known
			if host == "localhost" {
				o.Resolver = net.DefaultResolver
			}
		})
		res := r.get(fmt.Sprintf("http://%s:%s/latest/meta-data/", host, port), "127.0.0.1:1") // another port's exception
		want(t, res, market.OutcomeError, "address refused")
		if !errors.Is(res.Cause, ErrRefused) {
			t.Errorf("%s: cause %v", host, res.Cause)
		}
		if len(r.judged) == 0 {
			t.Errorf("%s: refused, but not by the dialer", host)
		}
		for _, j := range r.judged {
			if !strings.HasSuffix(j, " refused") {
				t.Errorf("%s: %s", host, j)
			}
		}
	}
}

func TestExceptionsHoldForTheirHostAndPortAlone(t *testing.T) {
	secret := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the neighbour was reached") })
	var to string
	board := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	for _, to = range []string{
		secret.URL + "/admin", "http://169.254.169.254/latest/", "http://[::1]:1/", "//10.0.0.1/", "http://2852039166/", // = 169.254.169.254
		strings.Replace(board.URL, "127.0.0.1", "localhost", 1), // the same place by a name that isn't excepted
	} {
		r := newRig(t, nil)
		res := r.get(board.URL, addr(board))
		want(t, res, market.OutcomeError, "address refused")
		if !errors.Is(res.Cause, ErrRefused) || len(res.Moved) != 1 || len(res.Exchanges) != 1 || res.Status != 0 {
			t.Errorf("%s: %+v", to, res)
		}
	}
	// robots.txt may not lead behind the guard either.
	lured := newRig(t, nil)
	evil := http.NewServeMux()
	evil.HandleFunc("/robots.txt", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secret.URL, http.StatusFound) })
	s := newServer(t, evil)
	want(t, lured.get(s.URL, addr(s)), market.OutcomeRobots, "address refused")
}

func TestExceptionForAName(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
	_, port, _ := net.SplitHostPort(addr(s))
	r := newRig(t, func(o *Options) {
		o.Resolver = names{"board.internal": {"127.0.0.1"}, "other.internal": {"127.0.0.1"}}
	})
	res := r.get("http://Board.internal:"+port+"/", "BOARD.internal:"+port)
	want(t, res, "", "")
	if string(res.Body) != "board.internal:"+port {
		t.Errorf("host %q", res.Body)
	}
	if e := res.Exchanges[0]; e.Resolver != "system" || !slices.Equal(e.Resolved, []string{"127.0.0.1"}) || e.TLS != nil {
		t.Errorf("resolved by %q to %q", e.Resolver, e.Resolved)
	}
	want(t, r.get("http://other.internal:"+port+"/", "board.internal:"+port), market.OutcomeError, "address refused")
	want(t, r.get("http://nowhere.internal/"), market.OutcomeError, "no such host: nowhere.internal")
}

// A connection that one request was granted must not serve another that wasn't.
func TestConnectionsAreNotSharedAcrossExceptions(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") })
	r := newRig(t, nil)
	want(t, r.get(s.URL, addr(s)), "", "")
	want(t, r.get(s.URL), market.OutcomeError, "address refused")
	want(t, r.get(s.URL, addr(s), "127.0.0.1:1"), "", "")
	want(t, r.get(s.URL, "127.0.0.1:1"), market.OutcomeError, "address refused")
}

func TestDoorsAreBounded(t *testing.T) {
	r := newRig(t, nil)
	for i := range maxDoors + 20 {
		r.doors.pick([]string{fmt.Sprintf("127.0.0.1:%d", i+1)})
	}
	if len(r.doors.byID) != maxDoors || len(r.doors.ids) != maxDoors {
		t.Errorf("%d doors", len(r.doors.byID))
	}
}

func TestNormalAllow(t *testing.T) {
	got, err := normalAllow([]string{"LocalHost:8080", "[0:0:0:0:0:0:0:1]:80", "127.0.0.1:9", "127.0.0.1:9 "})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"127.0.0.1:9", "[::1]:80", "localhost:8080"}, got); diff != "" {
		t.Error(diff)
	}
}
