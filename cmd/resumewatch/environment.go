package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"resumewatch/extractors"
	"resumewatch/extractors/shape"
	"resumewatch/internal/app"
	"resumewatch/internal/config"
	"resumewatch/internal/telemetry"
)

// environment is what commands get beside their flags.
type environment struct {
	g              *grammar
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func (e *environment) getenv(key string) string {
	for _, kv := range e.environ {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}

// options loads the configuration and makes what all commands share.
func (e *environment) options() (app.Options, error) {
	c, err := config.Load(e.g.Config, e.environ)
	if err != nil {
		return app.Options{}, err
	}
	log, err := e.logger(c)
	if err != nil {
		return app.Options{}, err
	}
	// What libraries print on the standard logger (net/http of unruly hosts) goes
	// where the log goes, as what it is: a detail.
	slog.SetLogLoggerLevel(slog.LevelDebug)
	slog.SetDefault(log)
	data := c.Data
	if e.g.Data != "" {
		data = e.g.Data
	}
	return app.Options{Data: data, Config: c, Log: log, Env: e.getenv}, nil
}

// extractor is what texts are read with: the program's words and those of the configuration.
func (e *environment) extractor() (*extractors.Extractor, error) {
	o, err := e.options()
	if err != nil {
		return nil, err
	}
	return app.Extractor(o.Config)
}

// reader opens the data folder for looking things up. The caller closes it.
func (e *environment) reader(ctx context.Context) (*app.Reader, error) {
	o, err := e.options()
	if err != nil {
		return nil, err
	}
	return app.OpenReader(ctx, o)
}

// dataGiven reports whether somebody named a data folder.
func (e *environment) dataGiven(c *config.Config) bool {
	return e.g.Data != "" || c.Data != config.Default().Data
}

func (e *environment) logger(c *config.Config) (*slog.Logger, error) {
	name, format := c.Log.Level, c.Log.Format
	if e.g.LogLevel != "" {
		name = e.g.LogLevel
	}
	if e.g.LogFormat != "" {
		format = e.g.LogFormat
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return nil, app.Usagef("--log-level %s: write debug, info, warn or error", name)
	}
	o := &slog.HandlerOptions{Level: level}
	var to slog.Handler
	switch format {
	case "text":
		to = slog.NewTextHandler(e.stderr, o)
	case "json":
		to = slog.NewJSONHandler(e.stderr, o)
	default:
		return nil, app.Usagef("--log-format %s: write text or json", format)
	}
	return slog.New(telemetry.Redact(to, shape.Spans)), nil
}

// terminal reports whether a stream is a terminal: only then are there bars and colours.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
