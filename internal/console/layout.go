package console

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
)

//go:embed layout/*.html templates/*.html
var templateFiles embed.FS

// looks are the parsed templates: one set a language and page, since the
// functions of a template speak its language.
type looks struct {
	pages map[language]map[string]*template.Template
}

// loadLooks parses layout/ (frame and pages of its own) and templates/. Files
// whose names begin with "_" are parts that every page may use; each other file
// is a page with blocks "title" and "content".
func loadLooks(static *assets) (*looks, error) {
	l := &looks{pages: map[language]map[string]*template.Template{}}
	for _, lang := range languages {
		l.pages[lang] = map[string]*template.Template{}
		frame := template.New("frame").Option("missingkey=error").Funcs(templateFuncs(lang, static))
		var pages []string
		err := fs.WalkDir(templateFiles, ".", func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if !strings.HasPrefix(path.Base(file), "_") {
				pages = append(pages, file)
				return nil
			}
			_, err = frame.ParseFS(templateFiles, file)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		for _, file := range pages {
			page, err := frame.Clone()
			if err == nil {
				page, err = page.ParseFS(templateFiles, file)
			}
			if err != nil {
				return nil, fmt.Errorf("console: %w", err)
			}
			l.pages[lang][path.Base(file)] = page
		}
	}
	return l, nil
}

func (l *looks) execute(w io.Writer, lang language, name string, p Page) error {
	t := l.pages[lang][name]
	if t == nil {
		return fmt.Errorf("console: no template %s", name)
	}
	return t.ExecuteTemplate(w, "layout", p)
}
