package config

import (
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

// environment sets the scalars that variables name; an empty one says nothing. Variables
// that name no key belong to others (RESUMEWATCH_USER, or what a cluster adds by itself).
func (d *decoder) environment(env []string, c *Config) {
	values := map[string]string{}
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok && value != "" && strings.HasPrefix(name, Prefix) {
			values[name] = value
		}
	}
	for key, s := range scalars(reflect.ValueOf(c).Elem(), "") {
		value, ok := values[Variable(key)]
		if !ok {
			continue
		}
		if err := set(s.value, value, s.tag); err != nil {
			d.errs = append(d.errs, &Error{File: Variable(key), Key: key, Message: err.Error()})
		}
	}
	for key, what := range later {
		if _, ok := values[Variable(key)]; ok {
			d.errs = append(d.errs, &Error{File: Variable(key), Key: key, Message: "not in this version (" + what + "); leave it empty"})
		}
	}
}

type scalarField struct {
	value reflect.Value
	tag   reflect.StructTag
}

// scalars are the keys outside of lists that hold one value.
func scalars(v reflect.Value, key string) map[string]scalarField {
	out := map[string]scalarField{}
	for _, sf := range reflect.VisibleFields(v.Type()) {
		name := sf.Tag.Get("key")
		if name == "" {
			continue
		}
		field, path := v.FieldByIndex(sf.Index), join(key, name)
		switch {
		case field.Kind() == reflect.Slice:
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
