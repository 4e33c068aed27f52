package config

import (
	_ "embed"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

//go:embed example.yaml
var example string

// Example is a configuration that shows every key, with comments.
func Example() string { return example }

// Schema is the JSON Schema (draft 2020-12) of the configuration file, for editors.
func Schema() []byte {
	root := schemaOf(reflect.ValueOf(Default()).Elem(), "", "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "resumewatch configuration"
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("config: a schema is always encodable: " + err.Error()) // maps, slices, strings and numbers only
	}
	return out
}

// schemaOf describes a value that holds the default.
func schemaOf(v reflect.Value, tag reflect.StructTag, key string) map[string]any {
	s := map[string]any{}
	if doc := tag.Get("doc"); doc != "" {
		s["description"] = doc
	}
	switch x := v.Interface().(type) {
	case time.Time:
		s["type"] = "string"
		s["pattern"] = `^\d{4}-\d{2}-\d{2}`
		return s
	case time.Duration:
		s["type"] = "string"
		s["pattern"] = `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`
		s["default"] = span0(x)
		return s
	case Keep:
		s["type"] = []string{"string", "integer"}
		s["pattern"] = `^([1-9][0-9]*(d|w|mo|y)|keep|0)$`
		s["maximum"], s["minimum"] = 0, 0
		s["default"] = string(x)
		return s
	case Size:
		s["type"] = []string{"integer", "string"}
		s["default"] = formatSize(x)
		return s
	}
	switch v.Kind() {
	case reflect.Struct:
		properties, required := map[string]any{}, []string{}
		for _, sf := range reflect.VisibleFields(v.Type()) {
			name := sf.Tag.Get("key")
			if name == "" {
				continue
			}
			properties[name] = schemaOf(v.FieldByIndex(sf.Index), sf.Tag, join(key, name))
			if sf.Tag.Get("required") != "" {
				required = append(required, name)
			}
		}
		if !strings.Contains(key, "[") {
			laterSchema(properties, key)
		}
		s["type"], s["properties"], s["additionalProperties"] = []string{"object", "null"}, properties, false
		if len(required) > 0 {
			s["type"], s["required"] = "object", required
		}
	case reflect.Slice:
		item := reflect.New(v.Type().Elem()).Elem()
		if item.Type() == reflect.TypeFor[Source]() {
			item.Set(reflect.ValueOf(newSource()))
		}
		s["type"], s["items"] = []string{"array", "null"}, schemaOf(item, "", key+"[]")
		if tag.Get("split") != "" {
			s["type"] = []string{"array", "string", "null"}
		}
	case reflect.Int64, reflect.Int:
		s["type"], s["default"] = "integer", v.Int()
		if n, err := strconv.ParseInt(tag.Get("min"), 10, 64); err == nil {
			s["minimum"] = n
		}
		if n, err := strconv.ParseInt(tag.Get("max"), 10, 64); err == nil {
			s["maximum"] = n
		}
	default:
		s["type"] = "string"
		if words := tag.Get("oneof"); words != "" {
			s["enum"] = strings.Split(words, ",")
		}
		if tag.Get("required") != "" {
			s["minLength"] = 1
		}
		if v.String() != "" {
			s["default"] = v.String()
		}
	}
	return s
}

// laterSchema adds the keys of a later version, which must be empty.
func laterSchema(properties map[string]any, key string) {
	for _, name := range laterNames(key) {
		path := join(key, name)
		if what, ok := later[path]; ok {
			properties[name] = map[string]any{
				"description": "Not in this version (" + what + "): leave it empty.",
				"type":        []string{"string", "array", "null"}, "maxLength": 0, "maxItems": 0,
			}
			continue
		}
		if _, known := properties[name]; known {
			continue
		}
		inner := map[string]any{}
		laterSchema(inner, path)
		properties[name] = map[string]any{"type": []string{"object", "null"}, "properties": inner, "additionalProperties": false}
	}
}
