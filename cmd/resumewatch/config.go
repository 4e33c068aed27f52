package main

import (
	"fmt"

	"resumewatch/internal/app"
	"resumewatch/internal/config"
)

type configCmd struct {
	Check  configCheckCmd  `cmd:"" help:"Check the configuration."`
	Show   configShowCmd   `cmd:"" help:"Print the configuration in effect, without secrets."`
	Schema configSchemaCmd `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
}

type configCheckCmd struct{}

func (configCheckCmd) Help() string {
	return "Example: resumewatch config check --config resumewatch.yaml"
}

func (configCheckCmd) Run(e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	words, err := app.OwnWords(o.Config)
	if err != nil {
		return err
	}
	warnings := o.Config.Warnings()
	if e.g.JSON {
		return printJSON(e.stdout, struct {
			OK       bool     `json:"ok"`
			Sources  int      `json:"sources"`
			Words    int      `json:"words"`
			Warnings []string `json:"warnings,omitempty"`
		}{true, len(o.Config.Sources), len(words), warnings})
	}
	for _, w := range warnings {
		fmt.Fprintln(e.stderr, "resumewatch: warning:", w)
	}
	own := ""
	if len(words) > 0 {
		own = fmt.Sprintf(", %d words of your own", len(words))
	}
	_, err = fmt.Fprintf(e.stdout, "ok: %d sources%s\n", len(o.Config.Sources), own)
	return err
}

type configShowCmd struct{}

func (configShowCmd) Help() string { return "Example: resumewatch config show" }

func (configShowCmd) Run(e *environment) error {
	o, err := e.options()
	if err != nil {
		return err
	}
	return o.Config.Show(e.stdout)
}

type configSchemaCmd struct{}

func (configSchemaCmd) Help() string {
	return "Example: resumewatch config schema > resumewatch.schema.json"
}

func (configSchemaCmd) Run(e *environment) error {
	_, err := e.stdout.Write(append(config.Schema(), '\n'))
	return err
}
