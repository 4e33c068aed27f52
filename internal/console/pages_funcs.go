package console

import "html/template"

// pageFuncs are template functions that only pages use.
func pageFuncs(language) template.FuncMap { return template.FuncMap{} }
