package console

import (
	"html/template"
	"maps"
)

// templateFuncs are the functions of all templates; pageFuncs adds the pages' own.
func templateFuncs(lang language, static *assets) template.FuncMap {
	funcs := template.FuncMap{
		"t":      lang.message, // {{t "nav.search"}}, {{t "alerts.count" 3}}
		"static": static.url,   // {{static "console.css"}}
		"post":   func(s string) template.HTML { return postText(s) },
	}
	maps.Copy(funcs, pageFuncs(lang))
	return funcs
}

// postText is text of strangers as HTML.
func postText(s string) template.HTML {
	return template.HTML(template.HTMLEscapeString(s)) //nolint:gosec // escaped a word before
}
