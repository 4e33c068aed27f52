package forum

import "net/url"

// Discuz reads Discuz! X3.4 and X3.5.
type Discuz struct{}

var _ Engine = Discuz{}

// Name is "discuz".
func (Discuz) Name() string { return "discuz" }

// Detect implements Engine.
func (Discuz) Detect(Page) float64 { return 0 }

// Read implements Engine.
func (d Discuz) Read(p Page) (Reading, error) { return Reading{Engine: d.Name(), Kind: KindUnknown}, nil }

// Canonical implements Engine.
func (Discuz) Canonical(u *url.URL) string { return u.String() }
