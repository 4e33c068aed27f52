package query

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"resumewatch/internal/market"
)

// fieldNames are the names before a colon, in the order in which messages list them.
var fieldNames = []string{
	FieldSide, FieldGoods, FieldPlatform, FieldGrade, FieldSource, FieldPlace, FieldAuthor, FieldSeller, FieldAlert,
	FieldQQ, FieldWeChat, FieldPhone, FieldTelegram, FieldEmail, FieldPrice, FieldStock, FieldPosted,
}

// words are the closed sets of values; any other word would never be found.
var words = map[string][]string{
	FieldSide: {market.SideSell, market.SideBuy},
	FieldGoods: {
		market.GoodsResumeData, market.GoodsDownloadService, market.GoodsRecruiterAccount,
		market.GoodsAccountRegistration, market.GoodsScrapingTool,
	},
	FieldPlatform: {
		"zhaopin", "51job", "liepin", "boss", "58", "ganji", "lagou", "maimai", "linkedin", "chinahr",
		"doumi", "yupao", "kanzhun", "dajie", "yjs", "other",
	},
	FieldGrade: {market.GradeFirstHand, market.GradeSecondHand},
}

// contactFields are the fields that stand for a kind of contact, by that kind.
var contactFields = map[string]string{
	market.ContactQQ: FieldQQ, market.ContactWeChat: FieldWeChat, market.ContactPhone: FieldPhone,
	market.ContactTelegram: FieldTelegram, market.ContactEmail: FieldEmail,
}

// ContactField is the field that finds contacts of a kind, "" where none does
// (groups and addresses).
func ContactField(kind string) string { return contactFields[kind] }

// NormalValue is the form in which values of a field are compared, for what the
// user wrote and for what the index holds: lower case and common width without
// outer spaces, and for contacts as the labelling guide writes them (qq, phone:
// digits, a phone without +86; wechat, telegram: without @ and t.me/).
func NormalValue(field, value string) string {
	v := strings.ToLower(strings.TrimSpace(norm.NFKC.String(value)))
	switch field {
	case FieldQQ:
		return digits(v)
	case FieldPhone:
		d := digits(v)
		for _, code := range []string{"0086", "86"} {
			if len(d) == len(code)+11 && strings.HasPrefix(d, code) {
				return d[len(code):]
			}
		}
		return d
	case FieldWeChat:
		return strings.TrimPrefix(v, "@")
	case FieldTelegram:
		for _, prefix := range []string{"https://", "http://", "www.", "t.me/", "telegram.me/"} {
			v = strings.TrimPrefix(v, prefix)
		}
		return strings.TrimSuffix(strings.TrimPrefix(v, "@"), "/")
	}
	return v
}

// checkValue normalises a value that a user wrote and refuses one that no
// listing can have.
func checkValue(field, value string) (string, error) {
	if field == FieldSeller || field == FieldAlert {
		return strings.TrimSpace(norm.NFKC.String(value)), nil // the casebook knows what it means
	}
	v := NormalValue(field, value)
	if v == "" {
		return "", fmt.Errorf("%s: %q is no value that could be found", field, value)
	}
	if set, closed := words[field]; closed && !slices.Contains(set, v) {
		return "", fmt.Errorf("%s: there is no %q; it is one of %s", field, value, strings.Join(set, ", "))
	}
	return v, nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
