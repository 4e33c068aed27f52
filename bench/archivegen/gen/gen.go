// Package gen writes invented QQ group archives: ordinary chat of invented
// people and, among it, listings of stolen resumes by invented sellers. The
// same options give the same bytes. QQ numbers are 10000xxxxx, phones
// 13800138000–13800138999 and 15000000000–15000009999, mails at example.com,
// example.cn and qq.example.
package gen

import (
	"io"
	"time"
)

// Options say what to write. The zero value writes nothing: give Messages or Size.
type Options struct {
	Seed          uint64
	Messages      int64     // stop after so many messages; 0 is no such limit
	Size          int64     // stop at the first message end at or after so many bytes; 0 is no such limit
	Listings      float64   // share of messages that are listings, 0 to 1
	Sellers       int       // 0 takes 40
	People        int       // who chat; 0 takes 400
	Conversations int       // 0 takes 1
	Start         time.Time // of the first message; zero takes 2024-03-01 08:00:00
	GBK           bool      // GB18030 without BOM, as after re-saving; else UTF-8 with BOM
}

// Stats tell what was written.
type Stats struct {
	Bytes    int64
	Messages int64 // by users
	System   int64 // by QQ itself
	Listings int64
}

// Chat writes one archive in the format of the PC QQ message manager.
func Chat(w io.Writer, o Options) (Stats, error) { return chat(w, o) }
