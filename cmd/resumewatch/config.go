package main

import (
	"fmt"

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
	warnings := o.Config.Warnings()
	if e.g.JSON {
		return printJSON(e.stdout, struct {
			OK       bool     `json:"ok"`
			Sources  int      `json:"sources"`
			Warnings []string `json:"warnings,omitempty"`
		}{true, len(o.Config.Sources), warnings})
	}
	for _, w := range warnings {
		fmt.Fprintln(e.stderr, "resumewatch: warning:", w)
	}
	_, err = fmt.Fprintf(e.stdout, "ok: %d sources\n", len(o.Config.Sources))
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
