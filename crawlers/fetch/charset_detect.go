package fetch

// detectWindow bounds how many bytes outside ASCII are looked at for a guess.
const detectWindow = 16 << 10

// Characters so frequent that any Chinese text of some words has several, and
// words of the trade, in both scripts. Text read in the wrong encoding turns
// into characters that are rare.
const (
	frequentSimplified  = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运简历售卖买群加微信号招聘账户版主帖回复登录注册论坛首页搜索职位求职价格联系查看"
	frequentTraditional = "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作里用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運簡歷售賣買群加微信號招聘帳戶版主帖回覆登入註冊論壇首頁搜尋職位求職價格聯繫查看"
)

// detect guesses between the encodings of Chinese sites when nothing is
// declared, or what is declared can't be. It is a last resort: with a word or
// two it can be wrong.
func detect(body []byte, l look) string {
	if l.utf8 {
		return "utf-8"
	}
	sample := highBytes(body)
	simplified, traditional := runeSet(frequentSimplified), runeSet(frequentTraditional)
	gb, big5 := score(sample, "gb18030", simplified), score(sample, "big5", traditional)
	gb = max(gb, score(sample, "gb18030", traditional)) // traditional characters are written in GBK as well
	switch {
	case gb <= 0 && big5 <= 0:
		return fallback(body, l)
	case big5 > gb:
		return "big5"
	}
	return "gb18030"
}

// score is the share of frequent characters among the characters outside ASCII
// that a reading gives; negative when the reading breaks down.
func score(sample []byte, cs string, frequent map[rune]bool) float64 {
	t := decodeAs(sample, cs, byDetected)
	all, hits := 0, 0
	for _, r := range string(t.UTF8) {
		switch {
		case r < 0x80:
			continue
		case r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xffef, r >= 0x2010 && r <= 0x2026:
			continue // punctuation is no evidence
		case frequent[r]:
			hits++
		}
		all++
	}
	if all == 0 {
		return 0
	}
	if t.Replaced*10 > all {
		return -1
	}
	// Chinese in the right reading, whatever it is about, is Han and nothing else.
	return float64(hits)/float64(all) + 0.25*hanShare(t.UTF8) - 0.2
}

func runeSet(s string) map[rune]bool {
	set := make(map[rune]bool, len(s)/3)
	for _, r := range s {
		set[r] = true
	}
	return set
}

func hanShare(b []byte) float64 {
	all, han := 0, 0
	for _, r := range string(b) {
		if r < 0x80 {
			continue
		}
		all++
		if r >= 0x4e00 && r <= 0x9fa5 {
			han++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(han) / float64(all)
}

// fallback is for bytes that are no Chinese: nearly UTF-8, else Western European.
func fallback(body []byte, l look) string {
	t := decodeAs(body, "utf-8", byDetected)
	if t.Replaced*4 < l.high {
		return "utf-8"
	}
	return "windows-1252"
}

// highBytes keeps the stretches outside ASCII with the byte after each, which
// may be the second of a pair, and a space between.
func highBytes(body []byte) []byte {
	out := make([]byte, 0, min(len(body), detectWindow))
	for i := 0; i < len(body) && len(out) < detectWindow; {
		if body[i] < 0x80 {
			i++
			continue
		}
		for i < len(body) && len(out) < detectWindow && body[i] >= 0x80 {
			out = append(out, body[i])
			i++
			// A second byte below 0x80 belongs to the pair; so does what follows
			// it, when that is high again.
			if i < len(body) && body[i] < 0x80 && body[i] >= 0x30 {
				out = append(out, body[i])
				i++
			}
		}
		out = append(out, ' ')
	}
	return out
}
