package main

import (
	"context"
	"fmt"

	"resumewatch/alerts/rules"
)

type ruleCmd struct {
	List ruleListCmd `cmd:"" help:"List the rules."`
}

type ruleListCmd struct {
	Limit int `help:"Most rules to print; 0 is all." default:"50"`
}

func (ruleListCmd) Help() string { return "Example: resumewatch rule list --json" }

func (c ruleListCmd) Run(_ context.Context, e *environment) error {
	all := rules.Builtin()
	if c.Limit > 0 && len(all) > c.Limit {
		all = all[:c.Limit]
	}
	for _, r := range all {
		if e.g.JSON {
			if err := printJSON(e.stdout, r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(e.stdout, "%s  %s\n    %s\n", r.Name, r.Title, r.Description)
	}
	return nil
}
