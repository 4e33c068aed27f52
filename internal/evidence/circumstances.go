package evidence

// Clock says how far the time of a capture can be trusted.
type Clock struct {
	Source string `json:"source"` // in words; "" is not asked for
	// OffsetSeconds is how far the clock was off when it was last compared,
	// MaxErrorSeconds by how much it may be off at most; nil: not known.
	OffsetSeconds   *float64 `json:"offset_seconds,omitempty"`
	MaxErrorSeconds *float64 `json:"max_error_seconds,omitempty"`
}

// known is nil for a clock that nobody was asked about.
func (c Clock) known() *Clock {
	if c.Source == "" {
		return nil
	}
	return &c
}

// TLS is what protected an exchange. The certificate itself isn't kept.
type TLS struct {
	Version    string `json:"version"`
	Cipher     string `json:"cipher"`
	ServerName string `json:"server_name"` // that was asked for and verified
	LeafSHA256 string `json:"leaf_sha256"` // of the server's certificate (DER), hex
	Issuer     string `json:"issuer"`
	NotAfter   string `json:"not_after"` // RFC 3339
}

// pageNote is the metadata record of an exchange: what happened around it that
// the messages themselves don't say, and what of their heads was mended.
type pageNote struct {
	RemoteAddr string   `json:"remote_address,omitempty"` // with its port
	TLS        *TLS     `json:"tls,omitempty"`            // nil: plain
	Resolver   string   `json:"resolver,omitempty"`       // who turned the name into addresses
	Resolved   []string `json:"resolved,omitempty"`       // the addresses, as given
	Robots     string   `json:"robots,omitempty"`
	Session    string   `json:"session,omitempty"`
	Clock      *Clock   `json:"clock,omitempty"`
	Request    []string `json:"request_head_changes,omitempty"`
	Response   []string `json:"response_head_changes,omitempty"`
}
