package config

import (
	"io"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// Show writes the effective configuration as YAML that Load reads again. It
// names the files of secrets, never what they hold; passwords in addresses are ***.
func (c *Config) Show(w io.Writer) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(node(reflect.ValueOf(c).Elem(), "")); err != nil {
		return err
	}
	return enc.Close()
}

func node(v reflect.Value, tag reflect.StructTag) *yaml.Node {
	text := func(s string) *yaml.Node {
		n := &yaml.Node{}
		n.SetString(s)
		return n
	}
	bare := func(s, tag string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s} }
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return bare("null", "!!null")
		}
		return bare(formatUntil(x), "!!timestamp")
	case time.Duration:
		return text(span0(x))
	case Size:
		return bare(formatSize(x), "")
	}
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, sf := range reflect.VisibleFields(v.Type()) {
			if name := sf.Tag.Get("key"); name != "" {
				n.Content = append(n.Content, text(name), node(v.FieldByIndex(sf.Index), sf.Tag))
			}
		}
		return n
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		if v.Len() == 0 {
			n.Style = yaml.FlowStyle
		}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i), tag))
		}
		return n
	case reflect.Int64, reflect.Int:
		return bare(strconv.FormatInt(v.Int(), 10), "!!int")
	}
	if tag.Get("secret") != "" {
		return text(Redacted(v.String()))
	}
	return text(v.String())
}
