package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// picture is one picture of the console.
type picture struct {
	name          string // of the file, without its ending
	path          string
	language      string // zh-CN, en
	dark          bool
	width, height int64
	click         string // the first link of this CSS selector is followed; "" stays
}

// longest query of the play: found through obfuscation.
const demoQuery = "/?q=%E7%AE%80%E5%8E%86" // 简历

var pictures = []picture{
	{"console-search", demoQuery, "zh-CN", false, 1200, 860, ""},
	{"console-offer", "/?q=%E8%80%81%E6%99%BA%E7%AE%80%E5%8E%86%E6%95%B0%E6%8D%AE", "zh-CN", false, 1200, 1180, "a[data-open]"},
	{"console-alerts-dark", "/alerts", "zh-CN", true, 1200, 720, ""},
	{"console-alert-en", "/alerts?severity=high", "en", false, 1200, 860, "a[data-open]"},
	{"console-sources", "/sources", "zh-CN", false, 1200, 560, ""},
	{"console-phone-dark", demoQuery, "zh-CN", true, 390, 800, ""},
}

// shootConsole takes the pictures of the console of a demo. An address names a
// console that runs already; "" starts one.
func shootConsole(ctx context.Context, address, into string) (err error) {
	browser := os.Getenv("RESUMEWATCH_CHROMIUM")
	if browser == "" {
		return errors.New("RESUMEWATCH_CHROMIUM names no browser; run by deploy/testparts/with chromium -- go run ./docs/screenshots console")
	}
	dir, err := os.MkdirTemp("", "screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if address == "" {
		var stop func() error
		if address, stop, err = demoConsole(ctx, dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.UserDataDir(filepath.Join(dir, "profile")))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // root has none
	}
	alloc, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	for _, p := range pictures {
		shot, err := shoot(alloc, strings.TrimSuffix(address, "/"), p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(into, p.name+".png"), shot, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// demoConsole fills a folder with the demo and starts its console on a free port.
func demoConsole(ctx context.Context, dir string) (address string, stop func() error, err error) {
	binary := filepath.Join(dir, "resumewatch")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/resumewatch").CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("build: %w\n%s", err, out)
	}
	fill := exec.CommandContext(ctx, binary, "up", "--demo", "--once")
	fill.Dir = dir
	if out, err := fill.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("up --demo --once: %w\n%s", err, out)
	}
	up := exec.CommandContext(ctx, binary, "--json", "up", "--demo", "--listen", "127.0.0.1:0")
	up.Dir, up.Stderr = dir, os.Stderr
	out, err := up.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := up.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		err := up.Process.Signal(syscall.SIGINT)
		up.Wait() //nolint:errcheck // ends with 130, as asked
		return err
	}
	var first struct {
		Event string `json:"event"`
		URL   string `json:"url"`
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &first)
	}
	if err == nil && (first.Event != "listening" || first.URL == "") {
		err = fmt.Errorf("its first line is %s", line)
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("up --demo: %w", err), stop())
	}
	return first.URL, stop, nil
}

func shoot(alloc context.Context, address string, p picture) ([]byte, error) {
	ctx, cancel := chromedp.NewContext(alloc)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 40*time.Second)
	defer stop()
	scheme := "light"
	if p.dark {
		scheme = "dark"
	}
	err := chromedp.Do(ctx,
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": p.language}})
			return err
		}),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			return err
		}),
		chromedp.EmulateViewport(p.width, p.height),
		chromedp.Navigate(address+p.path))
	if err != nil {
		return nil, err
	}
	if p.click != "" {
		to, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("`+p.click+`").href`))
		if err != nil {
			return nil, err
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(to)); err != nil {
			return nil, err
		}
	}
	raw, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, err
	}
	return squeeze(raw)
}

// squeeze writes a picture with a palette of its 256 most frequent colours: a page
// has few, and a third of the bytes is enough.
func squeeze(raw []byte) ([]byte, error) {
	in, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	b := in.Bounds()
	rgba := image.NewRGBA(b)
	imagedraw.Draw(rgba, b, in, b.Min, imagedraw.Src)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[rgba.RGBAAt(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := color.Palette{}
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(b, palette)
	index := map[color.RGBA]uint8{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := rgba.RGBAAt(x, y)
			i, known := index[c]
			if !known {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	var w bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&w, out)
	return w.Bytes(), err
}
