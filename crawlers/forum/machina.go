package forum

import "net/url"

// Machina reads django-machina.
type Machina struct{}

var _ Engine = Machina{}

// Name is "machina".
func (Machina) Name() string { return "machina" }

// Detect implements Engine.
func (Machina) Detect(Page) float64 { return 0 }

// Read implements Engine.
func (m Machina) Read(p Page) (Reading, error) {
	return Reading{Engine: m.Name(), Kind: KindUnknown}, nil
}

// Canonical implements Engine.
func (Machina) Canonical(u *url.URL) string { return u.String() }
