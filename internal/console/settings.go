package console

import (
	"errors"
	"net/http"
	"time"

	"resumewatch/internal/casebook"
	"resumewatch/internal/console/passwords"
)

// settingsForm is what the settings page shows.
type settingsForm struct {
	Problem   string
	Changed   bool
	MinLength int
}

func (c *Console) settings(v *visit) error {
	return v.render(http.StatusOK, "settings.html", settingsForm{Changed: v.URL.Query().Get("changed") == "password", MinLength: passwords.MinLength})
}

// changePassword changes the visitor's own password. Every other session of theirs ends.
func (c *Console) changePassword(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	f := settingsForm{MinLength: passwords.MinLength}
	status := http.StatusUnprocessableEntity
	password := v.PostForm.Get("password")
	if f.Problem = v.badPassword(password, v.PostForm.Get("again")); f.Problem == "" {
		// Guessing the present password is as limited as at the door.
		_, err := c.authenticate(v, v.user.Name, v.PostForm.Get("present"))
		var p *problem
		if errors.As(err, &p) {
			status, f.Problem = p.status, v.t(p.key, p.args...)
			if status == http.StatusUnauthorized {
				status, f.Problem = http.StatusUnprocessableEntity, v.t("password.wrong")
			}
		} else if err != nil {
			return err
		}
	}
	if f.Problem != "" {
		return v.render(status, "settings.html", f)
	}
	phc, err := c.passwords.Hash(v.Context(), password)
	if err != nil {
		return err
	}
	generation, err := c.Book.ChangeUser(v.Context(), v.user.Name, casebook.UserChange{Password: &phc}, v.act(v.user.Name))
	if err != nil {
		return err
	}
	if err := c.begin(v.Context(), v.user.Name, generation); err != nil {
		return err
	}
	http.Redirect(v.w, v.Request, "/settings?changed=password", http.StatusSeeOther)
	return nil
}

// Cookies of preferences: of visitors who have no account to keep them in, and for the
// sign-in page.
const (
	cookieLanguage = "lang"
	cookieTheme    = "theme"
)

// setPreferences keeps language and theme, whichever the form holds.
func (c *Console) setPreferences(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	lang, theme := v.user.language, v.user.theme
	if v.PostForm.Has("lang") {
		if lang = language(v.PostForm.Get("lang")); lang != "" && !lang.known() {
			return &problem{status: http.StatusBadRequest, key: "error.form"}
		}
		c.setCookie(v.w, cookieLanguage, string(lang))
	}
	if v.PostForm.Has("theme") {
		if theme = v.PostForm.Get("theme"); theme != "" && !knownTheme(theme) {
			return &problem{status: http.StatusBadRequest, key: "error.form"}
		}
		c.setCookie(v.w, cookieTheme, theme)
	}
	if !v.user.Demo {
		if err := c.Book.SetPreferences(v.Context(), v.user.Name, string(lang), theme); err != nil && !errors.Is(err, casebook.ErrNotFound) {
			return err
		}
	}
	http.Redirect(v.w, v.Request, localPath(v.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

func knownTheme(s string) bool { return s == "light" || s == "dark" }

func (c *Console) setCookie(w http.ResponseWriter, name, value string) {
	k := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()), Secure: c.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		k.MaxAge = -1
	}
	http.SetCookie(w, k)
}
