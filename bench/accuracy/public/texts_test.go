package public

import (
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	for _, c := range []struct {
		form form
		name string
		text string
		want []string
	}{
		{lines, "a.txt", "一\n\n二\n", []string{"一", "二"}},
		{spaced, "a.txt", "你 好 ，\n", []string{"你好，"}},
		{labels, "a.txt", "标题\t3\n", []string{"标题"}},
		{tagged, "a.txt", "[北京/ns 大学/n]nt 。/w\n", []string{"北京大学。"}},
		{table, "a.csv", "label,review\n1,\"好，\"\"真\"\"好\"\n", []string{"好，\"真\"好"}},
		{quotes, "a", "\x1b[32m床前\x1b[m明月光\n%\n二\n", []string{"床前明月光", "二"}},
		{pages, "a.html", "<p>第<b>一</b>段</p><p>two</p><td>格</td>", []string{"第一段", "格"}},
		{pages, "a.png", "不是", nil},
	} {
		got, err := c.form.parse(c.name, []byte(c.text))
		if err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("form %d: %q, %v", c.form, got, err)
		}
	}
}
