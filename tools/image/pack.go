package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// pack makes the tar of one layer: the file or folder source as destination, owned by root, in lexical order, with times left out.
func pack(source, destination string) ([]byte, error) {
	var packed bytes.Buffer
	p := packer{writer: tar.NewWriter(&packed), written: map[string]bool{".": true}}
	root, err := filepath.EvalSymlinks(source) // a link given as the source means what it points to; links below are kept
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		// tar names are relative: usr/bin/x
		return p.add(file, strings.TrimPrefix(path.Join("/", destination, filepath.ToSlash(below)), "/"), entry)
	})
	if err != nil {
		return nil, err
	}
	if err := p.writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// packer writes tar entries, each folder once and before what is in it.
type packer struct {
	writer  *tar.Writer
	written map[string]bool // folders
}

func (p packer) add(file, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	if entry.IsDir() {
		return p.folder(name)
	}
	if err := p.folder(path.Dir(name)); err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: int64(info.Mode().Perm())}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		header.Typeflag = tar.TypeSymlink
		if header.Linkname, err = os.Readlink(file); err != nil {
			return err
		}
		return p.writer.WriteHeader(header)
	case info.Mode().IsRegular():
		data, err := os.ReadFile(file) //nolint:gosec // the user of this program names what goes into the image
		if err != nil {
			return err
		}
		header.Typeflag, header.Size = tar.TypeReg, int64(len(data))
		if err := p.writer.WriteHeader(header); err != nil {
			return err
		}
		_, err = p.writer.Write(data)
		return err
	default:
		return fmt.Errorf("%s is neither file, folder nor link", file)
	}
}

// folder writes the folder and those above it. A folder named tmp is writable by all, since the image's user owns nothing.
func (p packer) folder(name string) error {
	if name == "" || p.written[name] {
		return nil
	}
	if err := p.folder(path.Dir(name)); err != nil {
		return err
	}
	p.written[name] = true
	mode := int64(0o755)
	if name == "tmp" {
		mode = 0o1777
	}
	return p.writer.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}
