package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"resumewatch/internal/market"
)

// stop is why a hop ended without a page to judge. It travels as an error
// through net/http and colly.
type stop struct {
	outcome   market.Outcome
	reason    string
	cause     error
	notBefore time.Time     // no slot of the budget before then; outcome is ""
	retry     time.Duration // when trying again makes sense; 0 unknown
	silent    bool          // nothing was sent: no name, no route, nobody listens, no handshake
}

func (s *stop) Error() string { return s.reason }
func (s *stop) Unwrap() error { return s.cause }

// What a hop's context is cancelled with.
var (
	errFirstByte = errors.New("no answer in time")
	errTotal     = errors.New("not done in time")
)

// transportStop puts an error of the transport into words. ctx is the hop's.
func transportStop(ctx context.Context, err error, l Limits) *stop {
	s := &stop{outcome: market.OutcomeError, cause: err}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errFirstByte):
		s.reason, s.cause = fmt.Sprintf("no answer within %s", l.FirstByte), errFirstByte
	case errors.Is(cause, errTotal):
		s.reason, s.cause = fmt.Sprintf("not done within %s", l.Total), errTotal
	case errors.Is(err, ErrRefused):
		s.reason, s.silent = refusal(err), true
	case errors.As(err, &dns):
		s.silent = true
		if dns.IsNotFound {
			s.reason = fmt.Sprintf("no such host: %s", dns.Name)
		} else {
			s.reason = fmt.Sprintf("the name %s could not be looked up: %s", dns.Name, dns.Err)
		}
	case errors.As(err, &cert), errors.As(err, &unknown), strings.HasPrefix(err.Error(), "TLS: "):
		s.reason, s.silent = oneLine(err), true
	case errors.Is(err, syscall.ECONNREFUSED):
		s.reason, s.silent = "connection refused: nobody listens there", true
	case strings.Contains(err.Error(), "response headers exceeded"): // net/http has no type for it
		s.outcome, s.reason = market.OutcomeTooLarge, fmt.Sprintf("the head of the answer is larger than %d bytes", l.Header)
	case errors.Is(err, syscall.ECONNRESET):
		s.reason = "the host broke the connection off"
	default:
		var op *net.OpError
		s.silent = errors.As(err, &op) && op.Op == "dial"
		s.reason = oneLine(err)
		if s.silent && op.Timeout() {
			s.reason = fmt.Sprintf("no answer within %s", l.FirstByte)
		}
	}
	return s
}

// refusal is the guard's own sentence out of what net wrapped around it.
func refusal(err error) string {
	text := oneLine(err)
	if i := strings.Index(text, ErrRefused.Error()); i >= 0 {
		text = text[i:]
	}
	return text
}

func oneLine(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	const most = 300
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
