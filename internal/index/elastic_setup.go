package index

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// elasticLayout is raised with every change of the template's mappings or of query.Tokens.
const elasticLayout = 1

// The template of the indices. words holds the tokens of title and text, between which
// Elasticsearch leaves a gap that no phrase bridges, and beside them, as index_prefixes, their
// first characters: single Han characters are looked up there, so no number of pairs
// that begin with one is too large. title and text are for people with Kibana. The order
// of the documents is that of the hits, so that newest-first is a walk.
//
//go:embed elastic_template.json
var elasticTemplate []byte

// elasticMeta is what we keep in the template.
type elasticMeta struct {
	Layout int  `json:"layout"`
	Filled bool `json:"filled"` // see Store.Fresh
}

// elasticState is what Elasticsearch has of the index.
type elasticState struct {
	template *elasticMeta // nil: none
	indices  map[string]elasticIndex
	stray    []string // indices in the place of aliases
}

type elasticIndex struct {
	Aliases  map[string]any `json:"aliases"`
	Mappings struct {
		Meta elasticMeta `json:"_meta"`
	} `json:"mappings"`
}

// The alias that documents of a part are written through. As bulk requests ask for an
// alias, an index that is gone is never made by them, without our mapping.
const writeSuffix = "-write"

func (s *elasticStore) indexName(part string) string { return s.o.Name + "-" + part }
func (s *elasticStore) writeName(part string) string { return s.indexName(part) + writeSuffix }

// begin looks whether the server can be used, and for the index.
func (s *elasticStore) begin(ctx context.Context) error {
	var info struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
	}
	if err := s.call(ctx, http.MethodGet, "/", nil, nil, &info); err != nil {
		return err
	}
	major, _, _ := strings.Cut(info.Version.Number, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 8 {
		return fmt.Errorf("the server is Elasticsearch %q; 8 is needed", info.Version.Number)
	}
	return s.ready(ctx, nil)
}

// ready makes what is missing of the index, with these parts among its indices.
func (s *elasticStore) ready(ctx context.Context, parts []string) error {
	st, err := s.look(ctx)
	if err != nil {
		return err
	}
	if err := s.usable(st); err != nil {
		if s.o.ReadOnly || !s.o.Rebuild {
			return err
		}
		s.o.Log.WarnContext(ctx, "the index is emptied", "index", s.o.Name, "because", err.Error())
		if err := s.remove(ctx, st); err != nil {
			return err
		}
		st = elasticState{indices: map[string]elasticIndex{}}
	}
	_, there := st.indices[s.indexName(OtherMonths)] // made first: without it all is gone
	if s.o.ReadOnly {
		if st.template == nil || !there {
			return fmt.Errorf("%w: it isn't there", ErrUnusable)
		}
		s.fresh.Store(!st.template.Filled)
		return nil
	}
	if st.template == nil || !there && st.template.Filled {
		if err := s.setFilled(ctx, false); err != nil {
			return err
		}
		st.template = &elasticMeta{}
		s.o.Log.InfoContext(ctx, "a new index is made", "index", s.o.Name)
	}
	s.fresh.Store(!st.template.Filled)
	if err := s.makeIndices(ctx, st, append(slices.Clone(parts), OtherMonths)); err != nil {
		return err
	}
	return s.mendAliases(ctx, st)
}

// look asks for the template and for our indices.
func (s *elasticStore) look(ctx context.Context) (elasticState, error) {
	st := elasticState{indices: map[string]elasticIndex{}}
	var templates struct {
		List []struct {
			Template struct {
				Meta elasticMeta `json:"_meta"`
			} `json:"index_template"`
		} `json:"index_templates"`
	}
	err := s.call(ctx, http.MethodGet, "/_index_template/"+s.o.Name, url.Values{"filter_path": {"index_templates.index_template._meta"}}, nil, &templates)
	if err != nil && !hasStatus(err, http.StatusNotFound) {
		return st, err
	}
	if len(templates.List) > 0 {
		st.template = &templates.List[0].Template.Meta
	}
	var all map[string]elasticIndex
	// The uuid makes even an index without aliases and mapping part of the answer.
	err = s.call(ctx, http.MethodGet, "/"+s.o.Name+"-*", url.Values{"filter_path": {"*.aliases,*.mappings._meta,*.settings.index.uuid"}}, nil, &all)
	if err != nil && !hasStatus(err, http.StatusNotFound) {
		return st, err
	}
	for name, x := range all {
		switch {
		case s.ours.MatchString(name):
			st.indices[name] = x
		case strings.HasSuffix(name, writeSuffix) && s.ours.MatchString(strings.TrimSuffix(name, writeSuffix)):
			st.stray = append(st.stray, name)
		}
	}
	return st, nil
}

// usable finds indices of another layout.
func (s *elasticStore) usable(st elasticState) error {
	if st.template != nil && st.template.Layout != elasticLayout {
		return fmt.Errorf("%w: its template has layout %d, this program layout %d", ErrUnusable, st.template.Layout, elasticLayout)
	}
	for _, name := range slices.Sorted(maps.Keys(st.indices)) {
		if have := st.indices[name].Mappings.Meta.Layout; have != elasticLayout {
			return fmt.Errorf("%w: %s has layout %d, this program layout %d", ErrUnusable, name, have, elasticLayout)
		}
	}
	return nil
}

// setFilled writes the template with the note for Fresh. What somebody changed in a
// template of our layout stays.
func (s *elasticStore) setFilled(ctx context.Context, filled bool) error {
	var have struct {
		List []struct {
			Template map[string]any `json:"index_template"`
		} `json:"index_templates"`
	}
	err := s.call(ctx, http.MethodGet, "/_index_template/"+s.o.Name, nil, nil, &have)
	if err != nil && !hasStatus(err, http.StatusNotFound) {
		return err
	}
	var body map[string]any
	if len(have.List) > 0 {
		body = have.List[0].Template
	} else {
		if err := json.Unmarshal(elasticTemplate, &body); err != nil {
			return fmt.Errorf("template: %w", err)
		}
		body["index_patterns"] = []string{s.o.Name + "-2*", s.o.Name + "-" + OtherMonths}
		if inner, ok := body["template"].(map[string]any); ok {
			inner["aliases"] = map[string]any{s.o.Name: struct{}{}, "{index}" + writeSuffix: struct{}{}}
		}
	}
	body["_meta"] = elasticMeta{Layout: elasticLayout, Filled: filled}
	return s.call(ctx, http.MethodPut, "/_index_template/"+s.o.Name, nil, body, nil)
}

// makeIndices makes those that are missing; that another makes them at once is fine.
func (s *elasticStore) makeIndices(ctx context.Context, st elasticState, parts []string) error {
	slices.Sort(parts)
	for _, part := range slices.Compact(parts) {
		name := s.indexName(part)
		if _, there := st.indices[name]; there {
			continue
		}
		if stray := s.writeName(part); slices.Contains(st.stray, stray) {
			if err := s.drop(ctx, stray); err != nil {
				return err
			}
		}
		var e *statusError
		err := s.call(ctx, http.MethodPut, "/"+name, nil, nil, nil)
		if err != nil && (!errors.As(err, &e) || e.Type != "resource_already_exists_exception") {
			return fmt.Errorf("making %s: %w", name, err)
		}
	}
	return nil
}

// mendAliases gives indices back the aliases that somebody took away.
func (s *elasticStore) mendAliases(ctx context.Context, st elasticState) error {
	var actions []any
	for name, x := range st.indices {
		for _, alias := range []string{s.o.Name, name + writeSuffix} {
			if _, there := x.Aliases[alias]; !there {
				actions = append(actions, map[string]any{"add": map[string]string{"index": name, "alias": alias}})
			}
		}
	}
	if len(actions) == 0 {
		return nil
	}
	s.o.Log.WarnContext(ctx, "the index lacked aliases; they are made again", "index", s.o.Name, "aliases", len(actions))
	return s.call(ctx, http.MethodPost, "/_aliases", nil, map[string]any{"actions": actions}, nil)
}

func (s *elasticStore) drop(ctx context.Context, name string) error {
	err := s.call(ctx, http.MethodDelete, "/"+name, nil, nil, nil)
	if hasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// remove takes away all that there is of the index.
func (s *elasticStore) remove(ctx context.Context, st elasticState) error {
	for _, name := range append(slices.Sorted(maps.Keys(st.indices)), st.stray...) {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return s.drop(ctx, "_index_template/"+s.o.Name)
}

func (s *elasticStore) Filled(ctx context.Context) error {
	if s.o.ReadOnly {
		return s.wrap(ErrReadOnly)
	}
	if err := s.setFilled(ctx, true); err != nil {
		return s.wrap(err)
	}
	s.fresh.Store(false)
	return nil
}

// DropMonth implements Store: the month's index goes, and with it its aliases.
func (s *elasticStore) DropMonth(ctx context.Context, month string) (bool, error) {
	part := Month(month)
	err := s.writing(ctx, func() error {
		if part == OtherMonths {
			return nil
		}
		return s.drop(ctx, s.indexName(part))
	})
	return err == nil && part != OtherMonths, err
}

// rememberDeleted is index.gc_deletes of the template.
const rememberDeleted = "1h"

func (s *elasticStore) Forget(ctx context.Context) error {
	return s.writing(ctx, func() error {
		for _, keep := range []string{"0s", rememberDeleted} {
			if err := s.call(ctx, http.MethodPut, "/"+s.o.Name+"/_settings", nil, map[string]string{"index.gc_deletes": keep}, nil); err != nil {
				return gone(err)
			}
			// It is then that what is too old is forgotten: older than the server's clock,
			// which ticks every 200 ms (thread_pool.estimated_time_interval).
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(500 * time.Millisecond):
			}
			if err := s.call(ctx, http.MethodPost, "/"+s.o.Name+"/_refresh", nil, nil, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *elasticStore) Reset(ctx context.Context) error {
	return s.writing(ctx, func() error {
		st, err := s.look(ctx)
		if err != nil {
			return err
		}
		if err := s.remove(ctx, st); err != nil {
			return err
		}
		return s.ready(ctx, nil)
	})
}
