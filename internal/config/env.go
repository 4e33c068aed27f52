package config

import (
	"errors"
	"reflect"
	"strings"
	"time"
)

// Prefix begins the variables of the environment that set configuration keys.
const Prefix = "RESUMEWATCH_"

// Variable is the variable that sets a key: evidence.identity_file is set by
// RESUMEWATCH_EVIDENCE_IDENTITY_FILE.
func Variable(key string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// maxSecret is the most bytes of a file that holds one value.
const maxSecret = 64 << 10

// environment sets the keys that variables name: by the value itself, or by NAME_FILE with the
// path of a file that holds it. An empty variable says nothing. Variables that name no key belong
// to others (RESUMEWATCH_USER, or what a cluster adds by itself).
func (d *decoder) environment(env []string, c *Config) {
	values := map[string]string{}
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok && value != "" && strings.HasPrefix(name, Prefix) {
			values[name] = value
		}
	}
	for key, s := range scalars(reflect.ValueOf(c).Elem(), "") {
		name := Variable(key)
		value, given := values[name]
		path, byFile := values[name+"_FILE"]
		if !given && !byFile {
			continue
		}
		delete(d.lines, key)
		d.vars[key] = name
		if byFile {
			d.vars[key] = name + "_FILE"
			if given {
				d.failAt(key, "is set by %s too; leave one of them", name)
				continue
			}
			var err error
			if value, err = valueOf(path); err != nil {
				d.failAt(key, "%s: %s", brief(path), err)
				continue
			}
		}
		if err := set(s.value, value, s.tag); err != nil {
			d.failAt(key, "%s", err)
		}
	}
	for key, what := range later {
		if _, ok := values[Variable(key)]; ok {
			d.errs = append(d.errs, &Error{File: Variable(key), Key: key, Message: "not in this version (" + what + "); leave it empty"})
		}
	}
}

// valueOf reads the value that a file holds, without the ends of lines behind it.
func valueOf(path string) (string, error) {
	text, err := read(path, maxSecret)
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(text), "\r\n")
	if strings.TrimSpace(value) == "" {
		return "", errors.New("is empty")
	}
	return value, nil
}

type scalarField struct {
	value reflect.Value
	tag   reflect.StructTag
}

// scalars are the keys outside of lists that one text can set.
func scalars(v reflect.Value, key string) map[string]scalarField {
	out := map[string]scalarField{}
	for _, sf := range reflect.VisibleFields(v.Type()) {
		name := sf.Tag.Get("key")
		if name == "" {
			continue
		}
		field, path := v.FieldByIndex(sf.Index), join(key, name)
		switch {
		case field.Kind() == reflect.Slice && sf.Tag.Get("split") == "":
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[time.Time]():
			for k, s := range scalars(field, path) {
				out[k] = s
			}
		default:
			out[path] = scalarField{field, sf.Tag}
		}
	}
	return out
}
