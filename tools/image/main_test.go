package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestSameInputSameBytes(t *testing.T) {
	source := folderWith(t, map[string]string{"program": "binary", "share/data": "text"})
	first, second := filepath.Join(t.TempDir(), "1.tar"), filepath.Join(t.TempDir(), "2.tar")
	arguments := []string{"-name", "millrace/x:dev", "-entrypoint", "/program", source + ":/"}
	if err := run(append([]string{"-o", first}, arguments...), io.Discard); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(source, "program"), later, later); err != nil {
		t.Fatal(err)
	}
	if err := run(append([]string{"-o", second}, arguments...), io.Discard); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, first), read(t, second)) {
		t.Error("two images of the same files differ")
	}
}

func TestImageHoldsWhatWasAskedFor(t *testing.T) {
	source := folderWith(t, map[string]string{"lib/a": "aa", "lib/b": "b", "tmp/": ""})
	if err := os.Symlink("a", filepath.Join(source, "lib", "link")); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(t.TempDir(), "image.tar")
	if err := run([]string{
		"-o", target, "-name", "millrace/x:dev", "-entrypoint", "/a", "-entrypoint", "serve", "-env", "K=V", "-label", "l=1",
		"-arch", "arm64", source + ":/", filepath.Join(source, "lib", "link") + ":/bin/program",
	}, io.Discard); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("millrace/x:dev")
	if err != nil {
		t.Fatal(err)
	}
	image, err := tarball.ImageFromPath(target, &tag)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(config.OS, config.Architecture, config.Config.Entrypoint, config.Config.Env, config.Config.User, config.Config.Labels)
	if want := "linux arm64 [/a serve] [PATH=/usr/bin:/bin K=V] 65532:65532 map[l:1]\n"; got != want {
		t.Errorf("config: got  %s\nwant %s", got, want)
	}
	want := []string{
		"lib/ 755", "lib/a 644 aa", "lib/b 644 b", "lib/link 777 -> a", "tmp/ 1777",
		"bin/ 755", "bin/program 644 aa",
	}
	if entries := entries(t, image); !slices.Equal(entries, want) {
		t.Errorf("files: got  %q\nwant %q", entries, want)
	}
}

func TestWrongArgumentsAreNamed(t *testing.T) {
	target := filepath.Join(t.TempDir(), "image.tar")
	for sentence, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"no layer":                 {[]string{"-o", target, "-name", "a:b"}, "at least one SRC:DST"},
		"no destination":           {[]string{"-o", target, "-name", "a:b", "file"}, `layer "file" is not SRC:DST`},
		"a source that is missing": {[]string{"-o", target, "-name", "a:b", "/no/such:/x"}, "/no: no such file or directory"},
		"a name that cannot be":    {[]string{"-o", target, "-name", "A B:c", "/etc:/etc"}, "can only contain"},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := run(c.arguments, io.Discard)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that says %q", err, c.want)
			}
			if _, err := os.Stat(target); !os.IsNotExist(err) {
				t.Errorf("a tar was written: %v", err)
			}
		})
	}
}

// folderWith makes a folder of the files, name to text; a name that ends in a slash is a folder.
func folderWith(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for file, text := range files {
		folder := filepath.Dir(filepath.Join(root, file+"x"))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "/") {
			continue
		}
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// entries lists an image's files, layer by layer: name, mode, text or target.
func entries(t *testing.T, image v1.Image) []string {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, layer := range layers {
		content, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		reader := tar.NewReader(content)
		for {
			header, err := reader.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			line := fmt.Sprintf("%s %o", header.Name, header.Mode)
			if text, err := io.ReadAll(reader); err != nil {
				t.Fatal(err)
			} else if len(text) > 0 {
				line += " " + string(text)
			}
			if header.Linkname != "" {
				line += " -> " + header.Linkname
			}
			found = append(found, line)
		}
	}
	return found
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
