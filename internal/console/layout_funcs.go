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
		"post":   postText,     // text of a stranger, with its lines
		"line":   lineText,     // name or title by a stranger
	}
	maps.Copy(funcs, pageFuncs(lang))
	return funcs
}
