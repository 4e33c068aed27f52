package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// leaves are all commands of the grammar, as words.
func leaves(n *kong.Node) [][]string {
	var out [][]string
	for _, leaf := range n.Leaves(true) {
		out = append(out, strings.Fields(leaf.Path()))
	}
	return out
}

// words drops what a path shows of arguments and flags.
func words(path []string) []string {
	var out []string
	for _, w := range path {
		if !strings.HasPrefix(w, "<") && !strings.HasPrefix(w, "[") && !strings.HasPrefix(w, "-") {
			out = append(out, w)
		}
	}
	return out
}

// Every command has help with an example that the command itself understands.
func TestEveryCommandHasAnExample(t *testing.T) {
	var g grammar
	parser, err := kong.New(&g)
	if err != nil {
		t.Fatal(err)
	}
	all := leaves(parser.Model.Node)
	if len(all) < 24 {
		t.Fatalf("only %d commands: %v", len(all), all)
	}
	for _, path := range all {
		name := strings.Join(words(path), " ")
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(context.Background(), append(words(path), "--help"), nil, strings.NewReader(""), &out, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("exit code %d, %s", code, errs.String())
			}
			_, example, ok := strings.Cut(out.String(), "Example: ")
			if !ok {
				t.Fatalf("no example in\n%s", out.String())
			}
			example, _, _ = strings.Cut(example, "\n\n")
			i := strings.Index(example, "resumewatch "+name)
			if i < 0 {
				t.Fatalf("the example %q is of another command", example)
			}
			var g grammar
			parser, err := kong.New(&g, kong.Exit(func(int) {}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(protectQuery(shellWords(example[i+len("resumewatch "):]))); err != nil {
				t.Errorf("the example %q is not understood: %v", example, err)
			}
		})
	}
}

// shellWords cuts a command line as a shell would, up to a redirection.
func shellWords(line string) []string {
	var out []string
	word, quoted, open := "", false, false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			quoted, open = !quoted, true
		case (r == ' ' || r == '\n') && !quoted:
			if word == ">" {
				return out
			}
			if word != "" || open {
				out = append(out, word)
			}
			word, open = "", false
		default:
			word += string(r)
		}
	}
	return out
}

func TestHelpOfTheWhole(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"--help"}, nil, strings.NewReader(""), &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("exit code %d, %s", code, errs.String())
	}
	for _, word := range []string{"up", "import", "crawl", "extract", "search", "alert list", "evidence open", "--data", "--json", "--config"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("%q is not in the help:\n%s", word, out.String())
		}
	}
}

// Mistakes in the call: exit code 2, nothing on stdout, one line that names what
// is wrong. Nothing is stored: the data folder isn't even made.
func TestWrongUsage(t *testing.T) {
	data := t.TempDir() + "/data"
	for _, c := range []struct{ args, names string }{
		{"crawl ftp://bbs.example.com/", "ftp"},
		{"crawl file:///etc/passwd", "file"},
		{"crawl javascript:alert(1)", "javascript"},
		{"crawl bbs.example.com/forum-2-1.html", "http"},
		{"crawl http://", "host"},
		{"crawl http://user:secret@bbs.example.com/", "password"},
		{"crawl --rate 0 http://bbs.example.com/", "--rate 0"},
		{"crawl --rate fast http://bbs.example.com/", "--rate"},
		{"crawl --rate -3/1m http://bbs.example.com/", "rate"},
		{"crawl --rate 30/0s http://bbs.example.com/", "--rate"},
		{"crawl --engine vbulletin http://bbs.example.com/", "vbulletin"},
		{"crawl --pages -1 http://bbs.example.com/", "pages"},
		{"crawl --allow-private localhost http://localhost/", "--allow-private localhost"},
		{"crawl", "url"},
		{"source add http://bbs.example.com/", "--name"},
		{"source add --name x http://bbs.example.com/", "--authority"},
		{"source add --name x --authority= http://bbs.example.com/", "--authority"},
		{"source add --name x --authority t ftp://bbs.example.com/", "ftp"},
		{"source add --name x --authority t --kind tieba http://bbs.example.com/", "tieba"},
		{"source test gopher://bbs.example.com/", "gopher"},
		{"import --dry-run", "path"},
		{"alert show", "id"},
		{"verify", "file"},
		{"search --limit many x", "many"},
		{"up --twice", "--twice"},
		{"--log-level loud doctor", "loud"},
	} {
		t.Run(c.args, func(t *testing.T) {
			var out, errs bytes.Buffer
			args := append([]string{"--data", data}, strings.Fields(c.args)...)
			if code := run(context.Background(), args, nil, strings.NewReader(""), &out, &errs); code != exitUsage {
				t.Errorf("exit code %d", code)
			}
			if out.Len() > 0 || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(strings.ToLower(errs.String()), c.names) {
				t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
			}
			if strings.Contains(errs.String(), "secret") {
				t.Errorf("a password is shown: %q", errs.String())
			}
		})
	}
	if entries, err := readDirOrNone(data); err != nil || entries > 0 {
		t.Errorf("%d files in the data folder, %v", entries, err)
	}
}
