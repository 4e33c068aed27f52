package market

// PersonValue is one value of a person whose record a sample shows, normalised.
// It never leaves the process but as a BlindValue.
type PersonValue struct {
	Record     int // which record of the sample it stands in, from 0
	Kind       string
	Value      string
	Start, End int // bytes of the text
}

// BlindValue is a value of a person as a keyed digest.
type BlindValue struct {
	Kind, Digest string
	// Older says that the key is out of use: the digest is not kept, but what was
	// erased by it stays erased.
	Older bool
}
