package archive

import "encoding/json"

// Charset is the name, for a media type, of the encoding that the chunk is read
// in.
func (c Chunk) Charset() string {
	var st state
	if json.Unmarshal(c.State, &st) != nil {
		return encUTF8 // Read would refuse it
	}
	switch st.Enc {
	case encUTF8BOM, "":
		return encUTF8
	}
	return st.Enc // the others are named as IANA does
}
