package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// decoder walks the node tree along the fields of Config and collects mistakes.
type decoder struct {
	file  string
	dir   string            // folder that relative paths in the file are taken from
	lines map[string]int    // line of each key that was given
	vars  map[string]string // variable of each key that the environment set
	errs  Errors
}

func (d *decoder) fail(line int, key, format string, args ...any) {
	d.errs = append(d.errs, &Error{File: d.file, Line: line, Key: brief(key), Message: fmt.Sprintf(format, args...)})
}

// failAt is fail at the place that set the key, or at the list that holds it.
func (d *decoder) failAt(key, format string, args ...any) {
	list, _, _ := strings.Cut(key, "[")
	if name, ok := d.vars[list]; ok {
		d.errs = append(d.errs, &Error{File: name, Key: key, Message: fmt.Sprintf(format, args...)})
		return
	}
	line, ok := d.lines[key]
	if !ok {
		line = d.lines[list]
	}
	d.fail(line, key, format, args...)
}

func (d *decoder) root(n *yaml.Node, c *Config) {
	n, _ = target(n)
	if n.Kind != yaml.MappingNode && !isNull(n) {
		d.fail(n.Line, "", "must hold keys and values, is %s", describe(n))
		return
	}
	d.object(n, "", reflect.ValueOf(c).Elem())
}

// target follows an alias to what it stands for. Aliases never stand for
// aliases, so one step is all.
func target(n *yaml.Node) (*yaml.Node, bool) {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias, true
	}
	return n, false
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// object fills the fields of a struct from a mapping.
func (d *decoder) object(n *yaml.Node, key string, into reflect.Value) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n.Line, key, "must hold keys and values, is %s", describe(n))
		return
	}
	for name, value := range d.members(n, key) {
		path := join(key, name.Value)
		if field, sf, ok := fieldOf(into, name.Value); ok {
			d.value(value, path, field, sf.Tag)
			continue
		}
		if d.later(value, path) {
			continue
		}
		d.fail(name.Line, path, "is no key%s", suggest(name.Value, append(keysOf(into.Type()), laterNames(key)...)))
	}
}

// members gives the keys and values of a mapping, without repeats.
func (d *decoder) members(n *yaml.Node, key string) func(yield func(*yaml.Node, *yaml.Node) bool) {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			value, _ := target(n.Content[i+1])
			if name.Kind != yaml.ScalarNode {
				d.fail(name.Line, key, "a key must be a word, is %s", describe(name))
				continue
			}
			if name.ShortTag() == "!!merge" {
				d.fail(name.Line, key, "<< is not taken here; write the keys out")
				continue
			}
			path := join(key, name.Value)
			if line, twice := first[name.Value]; twice {
				d.fail(name.Line, path, "is given twice, first on line %d", line)
				continue
			}
			first[name.Value], d.lines[path] = name.Line, name.Line
			if !yield(name, value) {
				return
			}
		}
	}
}

// later reports whether a later version knows the key, and refuses its value
// unless it is empty.
func (d *decoder) later(n *yaml.Node, key string) bool {
	if what, ok := later[key]; ok {
		empty := isNull(n) || n.Kind == yaml.ScalarNode && n.Value == "" || n.Kind != yaml.ScalarNode && len(n.Content) == 0
		if !empty {
			d.fail(d.lines[key], key, "not in this version (%s); leave it empty", what)
		}
		return true
	}
	names := laterNames(key)
	if len(names) == 0 || strings.Contains(key, "[") {
		return false
	}
	if isNull(n) {
		return true
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n.Line, key, "must hold keys and values, is %s", describe(n))
		return true
	}
	for name, value := range d.members(n, key) {
		path := join(key, name.Value)
		if !d.later(value, path) {
			d.fail(name.Line, path, "is no key%s", suggest(name.Value, names))
		}
	}
	return true
}

// laterNames are the keys of a later version below a key.
func laterNames(key string) []string {
	var out []string
	for path := range later {
		rest, ok := strings.CutPrefix(path, key+".")
		if key == "" {
			rest, ok = path, true
		}
		if name, _, _ := strings.Cut(rest, "."); ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// value fills one field.
func (d *decoder) value(n *yaml.Node, key string, into reflect.Value, tag reflect.StructTag) {
	if isNull(n) {
		return
	}
	switch {
	case into.Type() == reflect.TypeFor[time.Time]():
		d.scalar(n, key, into, tag)
	case into.Kind() == reflect.Struct:
		d.object(n, key, into)
	case into.Kind() == reflect.Slice && tag.Get("split") != "" && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str":
		if err := set(into, n.Value, tag); err != nil {
			d.fail(n.Line, key, "%s", err)
			return
		}
		d.paths(into, tag)
	case into.Kind() == reflect.Slice:
		d.list(n, key, into, tag)
	default:
		d.scalar(n, key, into, tag)
	}
}

func (d *decoder) list(n *yaml.Node, key string, into reflect.Value, tag reflect.StructTag) {
	if n.Kind != yaml.SequenceNode {
		or := ""
		if tag.Get("split") != "" {
			or = " or text"
		}
		d.fail(n.Line, key, "must be a list%s, is %s", or, describe(n))
		return
	}
	out := reflect.MakeSlice(into.Type(), 0, len(n.Content))
	for i, item := range n.Content {
		item, _ = target(item)
		path := fmt.Sprintf("%s[%d]", key, i)
		d.lines[path] = item.Line
		v := reflect.New(into.Type().Elem()).Elem()
		if v.Type() == reflect.TypeFor[Source]() {
			v.Set(reflect.ValueOf(newSource()))
		}
		if isNull(item) {
			d.fail(item.Line, path, "is empty")
		} else {
			d.value(item, path, v, "")
		}
		out = reflect.Append(out, v)
	}
	into.Set(out)
	d.paths(into, tag)
}

// paths takes the relative paths of a list from the folder of the file.
func (d *decoder) paths(list reflect.Value, tag reflect.StructTag) {
	if tag.Get("path") == "" {
		return
	}
	for i := range list.Len() {
		if path := list.Index(i); path.String() != "" {
			path.SetString(d.fromFile(path.String()))
		}
	}
}

func (d *decoder) scalar(n *yaml.Node, key string, into reflect.Value, tag reflect.StructTag) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n.Line, key, "must be %s, is %s", wanted(into.Type()), describe(n))
		return
	}
	if !takes(into.Type(), n.ShortTag()) {
		hint := ""
		if into.Kind() == reflect.String {
			hint = "; put it in quotes"
		}
		d.fail(n.Line, key, "must be %s, is %s%s", wanted(into.Type()), describe(n), hint)
		return
	}
	if err := set(into, n.Value, tag); err != nil {
		d.fail(n.Line, key, "%s", err)
		return
	}
	if tag.Get("path") != "" && into.String() != "" {
		into.SetString(d.fromFile(into.String()))
	}
}

// fromFile takes a relative path from the folder of the file.
func (d *decoder) fromFile(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
}

// takes reports whether a scalar that YAML reads as tag can be of the type.
// Numbers are no text: 0x10, 1e3 and 010 would not stay what was written.
func takes(t reflect.Type, tag string) bool {
	switch t {
	case reflect.TypeFor[time.Time]():
		return tag == "!!timestamp" || tag == "!!str"
	case reflect.TypeFor[time.Duration]():
		return tag == "!!str" || tag == "!!int" // an int is refused with a hint
	case reflect.TypeFor[Size](), reflect.TypeFor[Keep]():
		return tag == "!!str" || tag == "!!int" // of a Keep all ints but 0 are refused with a hint
	}
	if isNumber(t.Kind()) {
		return tag == "!!int"
	}
	return tag == "!!str"
}

func fieldOf(v reflect.Value, name string) (reflect.Value, reflect.StructField, bool) {
	for _, sf := range reflect.VisibleFields(v.Type()) {
		if sf.Tag.Get("key") == name && name != "" {
			return v.FieldByIndex(sf.Index), sf, true
		}
	}
	return reflect.Value{}, reflect.StructField{}, false
}

func keysOf(t reflect.Type) []string {
	var out []string
	for _, sf := range reflect.VisibleFields(t) {
		if name := sf.Tag.Get("key"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// suggest names the keys that there are, the nearest one first of all.
func suggest(name string, keys []string) string {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, k := range keys {
		if near(name, k) {
			return fmt.Sprintf("; did you mean %s?", k)
		}
	}
	return "; the keys here are " + strings.Join(keys, ", ")
}

// near reports whether two names differ by case, separators or at most two
// letters put in, left out or changed.
func near(a, b string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "")
	a, b = plain.Replace(strings.ToLower(a)), plain.Replace(strings.ToLower(b))
	if len(a) > 40 || len(b) > 40 || min(len(a), len(b)) < 3 {
		return a == b
	}
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur := make([]int, len(b)+1)
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
		}
		prev = cur
	}
	return prev[len(b)] <= min(2, (len(b)+1)/3)
}
