package console_test

import (
	"net/http"
	"strings"
	"testing"

	"resumewatch/internal/casebook"
)

func TestCasePages(t *testing.T) {
	r := newRoom(t)
	r.holds("none", r.page("/cases"), "还没有案件", "case new NAME")
	r.market()
	by := casebook.Act{At: r.now, Who: "wang"}
	c, err := r.book.NewCase(t.Context(), "<b>智联</b>\u202e 三月", by)
	r.must(err)
	r.holds("empty", r.page("/cases/C-1"), "没有警报", "没有笔记", "未保留")
	_, err = r.book.AddToCase(t.Context(), c.Num, []casebook.CaseItem{{Kind: casebook.ItemAlert, ID: "A-1"}}, "", by)
	r.must(err)
	r.must(r.book.NoteCase(t.Context(), c.Num, "已报案<script>alert(1)</script>\n第二行", by))
	body := r.page("/cases", inEnglish)
	r.holds("cases", body, `href="/cases/C-1"`, "&lt;b&gt;智联", "open", "wang", "Cases")
	if strings.Contains(body, "on hold") || strings.ContainsRune(body, '\u202e') {
		t.Error("no hold is on, and nothing turns the direction of writing")
	}
	body = r.page("/cases/C-1")
	r.holds("a case", body, `href="/alerts/A-1"`, `href="/offers/`, `href="/sellers/S-`, "已报案", "第二行", "wang", "收录", "A-1")
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>智联") {
		t.Error("a note became markup")
	}
	_, _, err = r.book.SetHold(t.Context(), c.Num, true, "请求", "", by)
	r.must(err)
	r.holds("held", r.page("/cases/C-1", inEnglish), "on hold", "The hold keeps 1 offers", "put it on hold", "请求")
	r.holds("held list", r.page("/cases", inEnglish), "on hold")
	r.holds("the alert", r.page("/alerts/A-1"), `href="/cases/C-1"`, "所属案件")
	if strings.Contains(r.page("/alerts/A-2"), "所属案件") {
		t.Error("an alert in no case says that it is in one")
	}
	for _, path := range []string{"/cases/C-9", "/cases/A-1", "/cases/x"} {
		if status, _, _ := r.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, head := r.get("/cases/c-1"); status != http.StatusFound || head.Get("Location") != "/cases/C-1" {
		t.Errorf("c-1: %d %s", status, head.Get("Location"))
	}
	for range 60 {
		_, err := r.book.NewCase(t.Context(), "more", by)
		r.must(err)
	}
	r.holds("page 2", r.page("/cases?page=2"), `href="/cases/C-1"`, `rel="prev"`)
}
