package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// china is where a date of the configuration begins and ends. It has had no
// summer time since 1991, so the offset alone will do.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// wanted names a type for messages.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "a date such as 2027-06-30 or an RFC 3339 time"
	case reflect.TypeFor[time.Duration]():
		return "a time span such as 30s"
	case reflect.TypeFor[Size]():
		return "a size such as 10MB"
	case reflect.TypeFor[Keep]():
		return "a time such as 90d or 36mo"
	}
	if isNumber(t.Kind()) {
		return "a whole number"
	}
	return "text"
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "empty"
	case "!!bool":
		return "yes or no (" + brief(n.Value) + ")"
	case "!!int", "!!float":
		return "the number " + brief(n.Value)
	case "!!timestamp":
		return "the date " + brief(n.Value)
	case "!!str":
		return "the text " + strconv.Quote(brief(n.Value))
	}
	return "of the type " + brief(n.ShortTag())
}

// brief shortens a value for a message.
func brief(s string) string {
	if strings.Contains(strings.ToUpper(s), "SECRET-KEY") {
		return "(a secret)"
	}
	s = Redacted(s)
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// set reads the text of a scalar into a field.
func set(into reflect.Value, text string, tag reflect.StructTag) error {
	switch into.Type() {
	case reflect.TypeFor[[]string]():
		return setList(into, text, tag)
	case reflect.TypeFor[time.Time]():
		t, err := parseUntil(text)
		if err == nil {
			into.Set(reflect.ValueOf(t))
		}
		return err
	case reflect.TypeFor[time.Duration]():
		span, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("must be a time span such as 30s, 5m or 2h, is %s", brief(text))
		}
		least, _ := time.ParseDuration(tag.Get("min"))
		most, _ := time.ParseDuration(tag.Get("max"))
		if span < least {
			return fmt.Errorf("must be at least %s, is %s", span0(least), brief(text))
		}
		if most > 0 && span > most {
			return fmt.Errorf("must be at most %s, is %s", span0(most), brief(text))
		}
		into.SetInt(int64(span))
		return nil
	case reflect.TypeFor[Keep]():
		keep, err := parseKeep(text)
		if err == nil {
			into.SetString(string(keep))
		}
		return err
	case reflect.TypeFor[Size]():
		size, err := parseSize(text)
		if err != nil {
			return err
		}
		return setNumber(into, size, text, tag)
	}
	if isNumber(into.Kind()) {
		n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
		if err != nil {
			return fmt.Errorf("must be a whole number, is %s", brief(text))
		}
		return setNumber(into, n, text, tag)
	}
	if words := tag.Get("oneof"); words != "" && !slices.Contains(strings.Split(words, ","), text) {
		if tag.Get("key") == "kind" && slices.Contains(laterKinds, text) {
			return fmt.Errorf("%s is not in this version; there are %s", text, strings.ReplaceAll(words, ",", ", "))
		}
		return fmt.Errorf("must be one of %s, is %s", strings.ReplaceAll(words, ",", ", "), strconv.Quote(brief(text)))
	}
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		return fmt.Errorf("holds the control character %U", []rune(text[i:])[0])
	}
	into.SetString(text)
	return nil
}

func isNumber(k reflect.Kind) bool { return k == reflect.Int64 || k == reflect.Int }

func setNumber(into reflect.Value, n int64, text string, tag reflect.StructTag) error {
	if least, err := strconv.ParseInt(tag.Get("min"), 10, 64); err == nil && n < least {
		return fmt.Errorf("must be at least %d, is %s", least, brief(text))
	}
	if most, err := strconv.ParseInt(tag.Get("max"), 10, 64); err == nil && n > most {
		return fmt.Errorf("must be at most %d, is %s", most, brief(text))
	}
	into.SetInt(n)
	return nil
}

// parseUntil reads the last moment of something: a date means its whole day.
func parseUntil(text string) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-01-02", text, china); err == nil {
		return t.AddDate(0, 0, 1), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a date such as 2027-06-30 or an RFC 3339 time, is %s", brief(text))
}

// formatUntil writes what parseUntil reads.
func formatUntil(t time.Time) string {
	if local := t.In(china); local.Equal(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, china)) {
		return local.AddDate(0, 0, -1).Format("2006-01-02")
	}
	return t.Format(time.RFC3339Nano)
}

// units of sizes, longer names before shorter ones that end them.
var units = []struct {
	name  string
	bytes float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1},
}

func parseSize(text string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		number = strings.TrimSpace(number)
		if strings.Trim(number, "-0123456789.") != "" {
			break
		}
		if f, err := strconv.ParseFloat(number, 64); err == nil && math.Abs(f*u.bytes) < 1<<53 {
			return int64(f * u.bytes), nil
		}
		break
	}
	return 0, fmt.Errorf("must be a size such as 10MB, 256kB or 4096, is %s", brief(text))
}

// formatSize writes what parseSize reads.
func formatSize(n Size) string {
	for _, u := range []struct {
		name  string
		bytes Size
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if n != 0 && n%u.bytes == 0 {
			return strconv.FormatInt(int64(n/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(n), 10)
}

// span0 writes a span without its zero parts: 1m, not 1m0s.
func span0(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
