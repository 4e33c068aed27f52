package config

import (
	"time"

	"resumewatch/internal/market"
)

// Config is the effective configuration. The tags say all that decoding, the
// JSON Schema and Show need: key, the name in the file; doc, for editors; min and
// max of numbers; oneof, the words that are taken; split, how one text makes a list;
// secret, that it may hold a password. A field without a key is derived.
type Config struct {
	Data      string    `key:"data" doc:"Folder of casebook, index, evidence and keys." path:"yes"`
	Log       Log       `key:"log" doc:"What is logged on standard error."`
	Fetch     Fetch     `key:"fetch" doc:"Limits of one visit to a page."`
	Queue     Queue     `key:"queue" doc:"Where tasks wait; Redis goes together with PostgreSQL and Elasticsearch."`
	Casebook  Casebook  `key:"casebook" doc:"The record of what is known."`
	Index     Index     `key:"index" doc:"What searches look into."`
	Evidence  Evidence  `key:"evidence" doc:"How captures are sealed."`
	Retention Retention `key:"retention" doc:"How long things are kept after they were last seen; keep is for ever."`
	Archives  Archives  `key:"archives" doc:"Where archives to be imported are."`
	Lexicon   Lexicon   `key:"lexicon" doc:"Words of your own."`
	Worker    Worker    `key:"worker" doc:"How much one worker does at once."`
	Console   Console   `key:"console" doc:"The web console."`
	Health    Health    `key:"health" doc:"Health and metrics of worker and scheduler."`
	Sources   []Source  `key:"sources" doc:"The places that are watched."`

	// File is the file that was read, "" for none.
	File string
}

// Log says what is logged.
type Log struct {
	Level  string `key:"level" doc:"The least grave level that is logged." oneof:"debug,info,warn,error"`
	Format string `key:"format" doc:"Lines for people or JSON lines." oneof:"text,json"`
}

// Fetch holds the limits of one visit.
type Fetch struct {
	MaxBody   Size          `key:"max_body" doc:"Largest page after decompression, such as 10MB." min:"1024" max:"1000000000"`
	MaxHeader Size          `key:"max_header" doc:"Largest head of an answer." min:"1024" max:"16000000"`
	FirstByte time.Duration `key:"first_byte" doc:"Longest wait for the first byte, such as 30s." min:"1ms" max:"1h"`
	Total     time.Duration `key:"total" doc:"Longest visit in all." min:"1ms" max:"24h"`
	Redirects int64         `key:"redirects" doc:"Most redirects that are followed." min:"0" max:"50"`
	UserAgent string        `key:"user_agent" doc:"How the fetcher names itself; empty is its own name."`
}

// Queue says where tasks wait.
type Queue struct {
	Redis []string `key:"redis" doc:"redis://, rediss:// or redis-sentinel://; a list is a cluster; empty is embedded." split:"urls" secret:"yes"`
}

// Casebook says where the record is.
type Casebook struct {
	DSN string `key:"dsn" doc:"postgres://…; empty is SQLite in the data folder." secret:"yes"`
}

// Index says where searches look.
type Index struct {
	Elasticsearch []string `key:"elasticsearch" doc:"Addresses of Elasticsearch 8; empty is SQLite in the data folder." split:"urls" secret:"yes"`
	APIKeyFile    string   `key:"api_key_file" doc:"File with the API key of Elasticsearch, as it was given out (encoded)." path:"yes"`
	CAFile        string   `key:"ca_file" doc:"File with the certificates (PEM) that Elasticsearch's is checked by; empty is the system's." path:"yes"`
	Name          string   `key:"name" doc:"Alias of the indices."`
}

// Archives says where archives to be imported are.
type Archives struct {
	Root string `key:"root" doc:"Folder that every worker sees under this path; archives outside of it go to workers through the spool." path:"yes"`
}

// Lexicon names words of the trade that the program doesn't know.
type Lexicon struct {
	Files []string `key:"files" doc:"YAML files with entries of your own, read in this order." split:"words" path:"yes"`
}

// Worker says how many tasks a worker handles at once; 0 leaves it to the program.
type Worker struct {
	Archive int `key:"archive" doc:"Chunks of archives at once; 0 leaves it to the program." min:"0" max:"256"`
	Fetch   int `key:"fetch" doc:"Visits to pages at once; 0 leaves it to the program." min:"0" max:"256"`
}

// Console is the web console.
type Console struct {
	Listen         string   `key:"listen" doc:"HOST:PORT that it listens on; empty is no console."`
	PublicURL      string   `key:"public_url" doc:"Address that people open, such as https://watch.example.com; empty is the one listened on."`
	TrustedProxies []string `key:"trusted_proxies" doc:"Networks (CIDR) of proxies whose X-Forwarded-For is believed." split:"words"`
}

// Health is where worker and scheduler answer /livez, /readyz and /metrics.
type Health struct {
	Listen string `key:"listen" doc:"HOST:PORT that worker and scheduler answer on; empty is none."`
}

// Evidence says how captures are sealed and who stamps their log.
type Evidence struct {
	SealTo          []string `key:"seal_to" doc:"age recipients (age1…) that may open the evidence; empty keeps the keys in data/keys." split:"words"`
	IdentityFile    string   `key:"identity_file" doc:"File with the age identity that opens sealed captures." path:"yes"`
	Operator        string   `key:"operator" doc:"Who captures: the organisation or person named in every capture; empty is the user of the system."`
	TimestampURL    string   `key:"timestamp_url" doc:"Time stamping service (RFC 3161) for checkpoints of the custody log; empty is none."`
	TimestampCAFile string   `key:"timestamp_ca_file" doc:"File with the certificates (PEM) that time stamps must come from; empty leaves that unchecked." path:"yes"`
	URL             string   `key:"url" doc:"s3://BUCKET/PREFIX of S3-compatible storage for captures; empty is the data folder."`
	S3              S3       `key:"s3" doc:"Where that storage is and how it is used."`
}

// S3 is S3-compatible storage.
type S3 struct {
	Endpoint      string `key:"endpoint" doc:"Address of the server, such as https://s3.example.com."`
	Region        string `key:"region" doc:"Region that requests are signed for."`
	AccessKeyFile string `key:"access_key_file" doc:"File with the access key; empty is AWS_ACCESS_KEY_ID of the environment." path:"yes"`
	SecretKeyFile string `key:"secret_key_file" doc:"File with the secret key; empty is AWS_SECRET_ACCESS_KEY of the environment." path:"yes"`
	Addressing    string `key:"addressing" doc:"Where the bucket stands in addresses: HOST/BUCKET (path) or BUCKET.HOST (host)." oneof:"path,host"`
	CAFile        string `key:"ca_file" doc:"File with the certificates (PEM) that the server's is checked by; empty is the system's." path:"yes"`
	PlainHTTP     string `key:"plain_http" doc:"Where http:// is taken: on this machine alone, or anywhere." oneof:"loopback,anywhere"`
}

// Retention says how long things are kept, by the program's own clock: what a post
// says of its age counts for nothing.
type Retention struct {
	Captures     Keep `key:"captures" doc:"Sealed captures, by whole months: key and files."`
	Listings     Keep `key:"listings" doc:"Offers with their posts, alerts and sellers, after their last sighting."`
	Fingerprints Keep `key:"fingerprints" doc:"Keyed fingerprints of posts: what tells known ones."`
	Visits       Keep `key:"visits" doc:"What is remembered of pages that are not visited any more."`
	Work         Keep `key:"work" doc:"Finished chunks of archives, runs and their problems."`
	Audit        Keep `key:"audit" doc:"Who did what: audit log, unmasking, ended tokens. The custody log stays."`
}

// Source is one place that is watched.
type Source struct {
	Name         string    `key:"name" doc:"Unique name, without spaces." required:"yes"`
	Kind         string    `key:"kind" doc:"What it runs on." required:"yes" oneof:"discuz,machina,archive"`
	URL          string    `key:"url" doc:"Address of the board; for an archive the path of a file or folder." required:"yes"`
	Authority    Authority `key:"authority" doc:"Why it may be read, and until when." required:"yes"`
	Budget       Budget    `key:"budget" doc:"Most requests to its host."`
	Robots       Robots    `key:"robots" doc:"Leave to read what robots.txt forbids."`
	Session      Session   `key:"session" doc:"Session of an authorised account."`
	AllowPrivate []string  `key:"allow_private" doc:"Private HOST:PORT that may be dialled, for boards of one's own."`
	Keep         string    `key:"keep" doc:"What is captured of an archive: what holds listings, or all of it until the case closes." oneof:"listings,all"`
	Case         string    `key:"case" doc:"The case that all of an archive is kept for, such as C-3."`
}

// What is captured of an archive.
const (
	KeepListings = "listings"
	KeepAll      = "all"
)

// Authority is why a source may be read. A date in the file is that day's end in
// China; zero is no end.
type Authority struct {
	Why   string    `key:"why" doc:"Reason and ticket." required:"yes"`
	Until time.Time `key:"until" doc:"Last day, such as 2027-06-30, or an RFC 3339 time."`
}

// Budget is the most requests in a span of time.
type Budget struct {
	Requests int64         `key:"requests" doc:"Requests." min:"1" max:"1000000"`
	Per      time.Duration `key:"per" doc:"In this span, such as 1m." min:"1ms" max:"24h"`
}

// Robots names who allowed to read what robots.txt forbids; "" is nobody.
type Robots struct {
	IgnoredBy string `key:"ignored_by" doc:"Name and ticket of who allowed it; empty obeys robots.txt."`
}

// Session is a session that a person made by signing in.
type Session struct {
	CookiesFile string `key:"cookies_file" doc:"File with the cookies of the session." path:"yes"`
}

// Size is a number of bytes.
type Size int64

// Market gives the authority in the words of the program.
func (a Authority) Market() market.Authority { return market.Authority{Why: a.Why, Until: a.Until} }

// Rate gives the budget in the words of the program.
func (b Budget) Rate() market.Rate { return market.Rate{Requests: int(b.Requests), Per: b.Per} }

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		Data:      "./data",
		Log:       Log{Level: "info", Format: "text"},
		Fetch:     Fetch{MaxBody: 10_000_000, MaxHeader: 256_000, FirstByte: 30 * time.Second, Total: time.Minute, Redirects: 10},
		Queue:     Queue{Redis: []string{}},
		Index:     Index{Elasticsearch: []string{}, Name: "resumewatch-listings"},
		Retention: Retention{Captures: "36mo", Listings: "36mo", Fingerprints: "36mo", Visits: "12mo", Work: "12mo", Audit: "36mo"},
		Lexicon:   Lexicon{Files: []string{}},
		Console:   Console{Listen: "127.0.0.1:8686", TrustedProxies: []string{}},
		Evidence:  Evidence{S3: S3{Region: "us-east-1", Addressing: "path", PlainHTTP: "loopback"}},
		Sources:   []Source{},
	}
}

// newSource is a source of which nothing has been said.
func newSource() Source {
	return Source{Keep: KeepListings, Budget: Budget{Requests: int64(market.DefaultRate.Requests), Per: market.DefaultRate.Per}}
}

// later are keys that a later version serves, with what they are for. Empty
// they change nothing; anything else is a mistake of which the user should hear.
var later = map[string]string{
	"notify": "notices",
}

// laterKinds are kinds of source that a later version serves.
var laterKinds = []string{
	"phpbb", "tieba", "nodebb", "discourse", "flarum", "xenforo", "misago", "spirit", "wordpress", "board", "feed", "onebot",
}
