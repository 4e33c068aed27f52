package console

// Rooms are the parts that the pages look into.
type Rooms struct{}

// pages registers every page of the console.
func (c *Console) pages() {
	c.page("GET /{$}", permRead, c.home)
}

func (c *Console) home(v *visit) error { return v.render(200, "home.html", nil) }
