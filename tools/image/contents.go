package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// contents is what an image holds and how it starts.
type contents struct {
	layers       []string // SRC:DST
	entrypoint   []string
	environment  []string // KEY=VALUE
	labels       []string // KEY=VALUE
	user         string
	architecture string
}

// build makes the image in memory.
func (c contents) build() (v1.Image, error) {
	epoch := v1.Time{Time: time.Unix(0, 0).UTC()}
	image := empty.Image
	for _, argument := range c.layers {
		source, destination, found := strings.Cut(argument, ":")
		if !found {
			return nil, fmt.Errorf("layer %q is not SRC:DST", argument)
		}
		packed, err := pack(source, destination)
		if err != nil {
			return nil, err
		}
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil })
		if err != nil {
			return nil, err
		}
		history := v1.History{CreatedBy: "millrace tools/image " + destination, Created: epoch}
		if image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return nil, err
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.Architecture, config.OS, config.Created = c.architecture, "linux", epoch
	config.Config = v1.Config{
		Entrypoint: c.entrypoint,
		User:       c.user,
		WorkingDir: "/",
		Env:        append([]string{"PATH=/usr/bin:/bin"}, c.environment...),
		Labels:     map[string]string{},
	}
	for _, label := range c.labels {
		key, value, _ := strings.Cut(label, "=")
		config.Config.Labels[key] = value
	}
	return mutate.ConfigFile(image, config)
}
