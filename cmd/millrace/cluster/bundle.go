package cluster

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/runtime/fault"
)

// bundle is a .tar.gz that is being written. Everything in it goes through the redactor.
type bundle struct {
	redactor *redactor
	folder   string
	at       time.Time
	gzip     *gzip.Writer
	tar      *tar.Writer
	files    int
}

func newBundle(w io.Writer, folder string, at time.Time) *bundle {
	b := &bundle{redactor: newRedactor(), folder: folder, at: at, gzip: gzip.NewWriter(w)}
	b.tar = tar.NewWriter(b.gzip)
	return b
}

// text adds a file of text.
func (b *bundle) text(name, text string) error { return b.write(name, []byte(b.redactor.text(text))) }

// objects adds a file of objects, one a document.
func (b *bundle) objects(name string, objects ...map[string]any) error {
	var text []byte
	for i, o := range objects {
		if i > 0 {
			text = append(text, "---\n"...)
		}
		document, err := yaml.Marshal(b.redactor.object(o))
		if err != nil {
			return fault.Wrap(fault.Bug, err, "encode %s", name)
		}
		text = append(text, document...)
	}
	return b.write(name, text)
}

func (b *bundle) write(name string, text []byte) error {
	b.files++
	header := &tar.Header{Name: b.folder + "/" + name, Mode: 0o600, Size: int64(len(text)), ModTime: b.at, Typeflag: tar.TypeReg}
	if err := b.tar.WriteHeader(header); err != nil {
		return fault.Wrap(fault.Transient, err, "write the report")
	}
	if _, err := b.tar.Write(text); err != nil {
		return fault.Wrap(fault.Transient, err, "write the report")
	}
	return nil
}

func (b *bundle) close() error {
	if err := b.tar.Close(); err != nil {
		return fault.Wrap(fault.Transient, err, "write the report")
	}
	if err := b.gzip.Close(); err != nil {
		return fault.Wrap(fault.Transient, err, "write the report")
	}
	return nil
}
